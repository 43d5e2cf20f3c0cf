"""Test the promises that every matting backend of the table keeps."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from idphoto import matting
from idphoto.errors import BackendError, MissingExtra

HEIGHT, WIDTH = 420, 340


def bust() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a head and shoulders in front of a background; return picture, alpha and person mask."""
    rng = np.random.default_rng(4)
    large = np.zeros((4 * HEIGHT, 4 * WIDTH), np.uint8)
    cv2.ellipse(large, (2 * WIDTH, int(1.6 * HEIGHT)), (int(0.9 * WIDTH), HEIGHT), 0, 0, 360, 255, -1)
    cv2.ellipse(large, (2 * WIDTH, 4 * HEIGHT), (int(1.8 * WIDTH), int(1.2 * HEIGHT)), 0, 0, 360, 255, -1)
    alpha = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    skin, wall = np.array([200, 160, 130]), np.array([110, 140, 165])
    picture = alpha[..., None] * skin + (1 - alpha[..., None]) * wall + rng.normal(0, 2, (HEIGHT, WIDTH, 3))
    coarse = cv2.GaussianBlur(cv2.erode(alpha, np.ones((7, 7))), (0, 0), 7)
    return np.clip(picture, 0, 255).astype(np.uint8), alpha, coarse


def check_matter(name: str) -> None:
    """Assert what :class:`idphoto.matting.base.MattingBackend` promises."""
    picture, truth, coarse = bust()
    before = picture.copy(), coarse.copy()
    alpha = matting.estimate_alpha(picture, coarse, name)
    assert np.array_equal(picture, before[0]), "the picture was changed"
    assert np.array_equal(coarse, before[1]), "the mask was changed"
    assert alpha.shape == truth.shape
    assert alpha.dtype == np.float32
    assert np.abs(alpha - truth).mean() < 0.6 * np.abs(coarse - truth).mean()
    far = np.ones((61, 61), np.uint8)
    assert (alpha[cv2.dilate(truth, far) == 0] == 0).all()
    assert (alpha[cv2.erode(truth, far) == 1] == 1).all()
    assert np.array_equal(matting.estimate_alpha(picture, coarse, name), alpha), "twice the same is not the same"


@pytest.mark.parametrize("name", [name for name in matting.BACKENDS.modules if name != "given"])
def test_backends_keep_the_promises_of_the_seam(name):
    try:
        matting.BACKENDS.get(name)
    except MissingExtra as problem:
        pytest.skip(str(problem))
    check_matter(name)


def test_auto_is_the_first_of_the_table():
    first = next(iter(matting.BACKENDS.modules))
    assert matting.BACKENDS.get("auto") is matting.BACKENDS.get(first)


def test_a_given_mask_stays_as_it_is():
    picture, _, coarse = bust()
    assert np.array_equal(matting.estimate_alpha(picture, coarse, "given"), coarse)


@pytest.mark.parametrize(
    "broken",
    [
        lambda rgb, coarse: coarse[:-1],
        lambda rgb, coarse: coarse.astype(np.float64),
        lambda rgb, coarse: np.full_like(coarse, np.nan),
        lambda rgb, coarse: coarse * 2,
        lambda rgb, coarse: None,
    ],
    ids=["shape", "dtype", "nan", "range", "nothing"],
)
def test_a_backend_that_breaks_them_is_refused(broken):
    picture, _, coarse = bust()
    with matting.BACKENDS.using({"guided": broken}), pytest.raises(BackendError, match="guided"):
        matting.estimate_alpha(picture, coarse, "guided")
