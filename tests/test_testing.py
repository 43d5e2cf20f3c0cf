"""The public fakes of backends, and the table that takes them."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto import faces, matting, segmentation
from idphoto.errors import IdPhotoError
from idphoto.faces.base import Detection
from idphoto.portrait import Box, Point
from idphoto.testing import FakeFaceDetector, FakeMattingBackend, FakeSegmenter

FACE = Detection(Box(0.3, 0.2, 0.4, 0.4), 1.0, Point(0.42, 0.32), Point(0.58, 0.32), Point(0.5, 0.5))


@pytest.fixture(scope="module")
def portrait(sample: Path) -> np.ndarray:
    return np.asarray(Image.open(sample).convert("RGB"))


def record_detector(rgb: np.ndarray) -> FakeFaceDetector:
    """Make a fake that sees in every picture what the real detector sees in this one."""
    real = faces.BACKENDS.get()
    height, width = rgb.shape[:2]
    seen = max(real.detect(rgb), key=lambda detection: detection.score)
    box = seen.box
    reach = 2.0
    side = round(reach * max(box.width, box.height))
    left, top = (round(start + (size - side) / 2) for start, size in ((box.x, box.width), (box.y, box.height)))
    mesh = real.find_mesh(np.ascontiguousarray(rgb[top : top + side, left : left + side]))

    def share(point: Point) -> Point:
        return Point(point.x / width, point.y / height)

    shares = Box(box.x / width, box.y / height, box.width / width, box.height / height)
    recorded = Detection(shares, 1.0, share(seen.eye_left), share(seen.eye_right), share(seen.mouth))
    return FakeFaceDetector([recorded], mesh / side)


def test_a_photo_is_made_of_fakes_alone(portrait: np.ndarray) -> None:
    person = np.zeros(portrait.shape[:2], np.uint8)
    cv2.ellipse(person, (225, 330), (190, 300), 0, 0, 360, 255, -1)
    alpha = person.astype(np.float32) / 255
    detector, segmenter, matter = record_detector(portrait), FakeSegmenter(alpha), FakeMattingBackend(alpha)
    with (
        faces.BACKENDS.using({"auto": detector}),
        segmentation.BACKENDS.using({"auto": segmenter}),
        matting.BACKENDS.using({"auto": matter}),
    ):
        photo = idphoto.make(portrait, "cn-1inch")
    assert photo.picture.shape == (413, 295, 3)
    assert detector.sizes
    assert segmenter.sizes
    assert matter.sizes
    (real,) = faces.find_faces(portrait)
    # The fake knows no scale: it sees the same landmarks however large the square around the face is.
    assert math.dist(photo.face.eyes, real.eyes) < 0.3 * real.eye_distance


@pytest.mark.parametrize("detections", [(), (FACE,)], ids=["no face", "no landmarks"])
def test_without_a_face_there_is_no_photo(portrait: np.ndarray, detections: tuple[Detection, ...]) -> None:
    with faces.BACKENDS.using({"auto": FakeFaceDetector(detections)}), pytest.raises(IdPhotoError) as caught:
        idphoto.make(portrait, "cn-1inch")
    assert caught.value.code == "input.no-face"


def test_a_fake_answers_at_the_size_of_the_picture() -> None:
    picture = np.zeros((60, 40, 3), np.uint8)
    (seen,) = FakeFaceDetector([FACE]).detect(picture)
    assert seen.box == pytest.approx((12, 12, 16, 24))
    assert seen.mouth == pytest.approx((20, 30))
    half = np.repeat(np.float32([[0], [1]]), 2, axis=1)
    assert FakeSegmenter(half)(picture).shape == (60, 40)
    matte = matting_of(picture, half)
    assert (matte.shape, matte.dtype) == ((60, 40), np.float32)
    assert matte[0].max() == 0
    assert matte[-1].min() == 1


def matting_of(picture: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    with matting.BACKENDS.using({"fake": FakeMattingBackend(alpha)}):
        return matting.estimate_alpha(picture, np.zeros(picture.shape[:2], np.float32), "fake")


def test_after_the_block_the_table_is_as_before() -> None:
    before = segmentation.BACKENDS.get()
    fake = FakeSegmenter(np.ones((2, 2), np.float32))
    with pytest.raises(ZeroDivisionError), segmentation.BACKENDS.using({"auto": fake, "own": fake}):
        assert segmentation.BACKENDS.get() is segmentation.BACKENDS.get("own") is fake
        raise ZeroDivisionError
    assert segmentation.BACKENDS.get() is before
    with pytest.raises(IdPhotoError):
        segmentation.BACKENDS.get("own")
