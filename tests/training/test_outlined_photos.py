"""The outlines drawn by hand: every photo has both, and they agree with each other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.matting_network.data import outlined_photos


@pytest.mark.parametrize("name", sorted(outlined_photos.read_outlines()))
def test_person_lies_within_what_may_be(name):
    width, height = outlined_photos.read_outlines()[name]["size"]
    alpha = outlined_photos.draw_truth(name)
    assert alpha.shape == (height, width)
    person, nobody = alpha == 255, alpha == 0
    assert 0.15 < person.mean() < 0.9
    assert nobody.mean() > 0.05
    # The two never touch: the edge itself is not known.
    assert not (cv2.dilate(person.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)[nobody].any()
