"""Holes inside a person are filled; gaps of hair and earrings are not."""

import cv2
import numpy as np
import pytest

from idphoto.matting.solid import solid


def person() -> np.ndarray:
    alpha = np.zeros((400, 300), np.uint8)
    cv2.ellipse(alpha, (150, 150), (80, 100), 0, 0, 360, 255, -1)
    cv2.rectangle(alpha, (30, 260), (270, 399), 255, -1)
    cv2.rectangle(alpha, (120, 240), (180, 270), 255, -1)
    return alpha.astype(np.float32) / 255


@pytest.mark.parametrize("value", [0.0, 0.5, 0.97])
@pytest.mark.parametrize(("x", "y"), [(150, 150), (150, 330), (150, 399)], ids=["face", "body", "lower border"])
def test_a_deep_hole_is_filled(x, y, value):
    alpha = person()
    cv2.circle(alpha, (x, y), 9, value, -1)
    assert np.array_equal(solid(alpha), person())


def test_a_gap_near_the_edge_stays():
    alpha = person()
    cv2.circle(alpha, (84, 150), 6, 0.0, -1)
    assert np.array_equal(solid(alpha), alpha)


def test_a_cleft_that_is_open_stays():
    alpha = person()
    cv2.line(alpha, (150, 0), (150, 120), 0.2, 3)
    assert np.array_equal(solid(alpha), alpha)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_mattes_stay(value):
    alpha = np.full((50, 40), value, np.float32)
    assert np.array_equal(solid(alpha), alpha)


def test_the_edge_is_left_alone():
    alpha = cv2.GaussianBlur(person(), (0, 0), 3)
    assert np.array_equal(solid(alpha), alpha)
