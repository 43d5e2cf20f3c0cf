"""Cut out heads and hair of real portraits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from idphoto import matting
from idphoto.decode import Source
from idphoto.faces.preview import find_faces_in_preview
from idphoto.parts import estimate_hair_alpha, estimate_head_alpha, locate_head
from idphoto.portrait import Preview
from idphoto.segmentation.person import segment_person
from tests.locations import PORTRAITS


@pytest.fixture(scope="module")
def astronaut(sample):
    """Return pixels, matte and face of the sample."""
    rgb, scale = Source.read(sample).pixels()
    (face,) = find_faces_in_preview(Preview(rgb, scale))
    return rgb, matting.estimate_alpha(rgb, segment_person(rgb, "auto")), face


def test_hair_is_hair(astronaut):
    rgb, alpha, face = astronaut
    hair = estimate_hair_alpha(rgb, alpha, locate_head(face))
    assert hair.dtype == np.float32
    assert (hair <= alpha).all()
    assert hair.min() >= 0
    assert hair[45, 224] > 0.9  # over the forehead
    assert hair[int(face.eyes.y), int(face.eyes.x)] == 0
    assert hair[300:].max() < 0.01  # the suit


def test_a_head_is_face_and_hair_and_no_suit(astronaut):
    rgb, alpha, face = astronaut
    place = locate_head(face)
    hair = estimate_hair_alpha(rgb, alpha, place)
    head = estimate_head_alpha(alpha, hair, place)
    assert (head <= alpha).all()
    assert (head >= np.minimum(hair, alpha)).all()
    for point in (face.eye_left, face.eye_right, face.mouth):
        assert head[int(point.y), int(point.x)] > 0.99
    below = int(face.chin.y + 0.3 * place.size)
    assert head[below:].max() < 0.01


def test_a_face_without_a_mesh_will_do(astronaut):
    rgb, alpha, face = astronaut
    exact, rough = locate_head(face), locate_head(replace(face, mesh=None))
    both = exact.draw_face(alpha.shape) + rough.draw_face(alpha.shape)
    assert (both == 2).sum() / (both > 0).sum() > 0.8  # intersection over union of both contours
    assert estimate_head_alpha(alpha, estimate_hair_alpha(rgb, alpha, rough), rough).max() > 0.99


def test_nobody_has_no_hair(astronaut):
    rgb, alpha, face = astronaut
    assert not estimate_hair_alpha(rgb, np.zeros_like(alpha), locate_head(face)).any()


def test_a_head_moves_with_its_window(astronaut):
    rgb, alpha, face = astronaut
    place = locate_head(face)
    window = (slice(20, 330), slice(90, 370))
    whole = estimate_hair_alpha(rgb, alpha, place)[window]
    part = estimate_hair_alpha(
        np.ascontiguousarray(rgb[window]), np.ascontiguousarray(alpha[window]), place.in_window(90, 20)
    )
    # The graph cut sees them at different scales: alike, not equal.
    assert (np.abs(whole - part) > 0.5).mean() < 0.02


BALD, LONG = ("E000071", "S001224"), ("B001224", "F000468", "S001159")


def test_bald_heads_and_long_hair():
    """A head without hair has next to none; long hair reaches below the chin."""
    share, below = {}, {}
    for name in (*BALD, *LONG):
        rgb, scale = Source.read(PORTRAITS / f"{name}.jpg").pixels()
        face = find_faces_in_preview(Preview(rgb, scale))[0]
        place = locate_head(face)
        hair = estimate_hair_alpha(rgb, matting.estimate_alpha(rgb, segment_person(rgb, "auto")), place)
        share[name] = float(hair.sum()) / place.size**2
        below[name] = float(hair[int(face.chin.y) :].sum()) / place.size**2
    assert max(share[name] for name in BALD) < 0.25 * min(share[name] for name in LONG), share
    assert min(below[name] for name in LONG) > 0.1, below
    assert max(below[name] for name in BALD) < 0.01, below
