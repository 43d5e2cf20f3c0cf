"""Large pictures are matted in windows along the edge: without seams, and in no more windows than it needs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from idphoto.matting.hair_windows import MAX_SINGLE_PASS_PX, WINDOW_SHAPE_PX, refine_in_windows


class Reader:
    """A fake network that reads alpha from the red channel and records its inputs."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, rgb, coarse):
        assert rgb.shape[:2] == coarse.shape
        assert rgb.flags.c_contiguous
        self.sizes.append(coarse.shape)
        return rgb[..., 0].astype(np.float32) / 255


def disc(height: int, width: int, radius: float = 0.3, soft: float = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a soft disc in the red channel; return picture, alpha and person mask."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    distance = np.hypot(x - width / 2, y - height / 2)
    ramp = np.clip((radius * min(height, width) - distance) / soft + 0.5, 0, 1)
    red = np.rint(ramp * 255).astype(np.uint8)
    alpha = red.astype(np.float32) / 255
    return np.dstack([red, np.full_like(red, 7), np.full_like(red, 7)]), alpha, cv2.GaussianBlur(alpha, (0, 0), 20)


def test_small_pictures_are_matted_in_one_piece():
    reader = Reader()
    picture, alpha, coarse = disc(MAX_SINGLE_PASS_PX, MAX_SINGLE_PASS_PX // 2)
    assert np.array_equal(refine_in_windows(reader, reader, picture, coarse), alpha)
    assert reader.sizes == [alpha.shape]


@pytest.mark.parametrize(("height", "width"), [(1701, 1203), (3000, 2400), (2000, 3333), (4000, 700)])
def test_every_pixel_of_the_edge_is_that_of_full_resolution(height, width):
    reader = Reader()
    picture, alpha, coarse = disc(height, width)
    found = refine_in_windows(reader, reader, picture, coarse)
    assert found.shape == alpha.shape
    # Windows fade into a matte of half the size; where two overlap, a trace of that may be left.
    assert np.abs(found - alpha).max() < 0.1
    assert np.abs(found - alpha).mean() < 1e-3
    assert (found[alpha == 0] == 0).mean() > 0.99
    assert all(
        rows <= max(WINDOW_SHAPE_PX[0], MAX_SINGLE_PASS_PX) and columns <= max(WINDOW_SHAPE_PX[1], MAX_SINGLE_PASS_PX)
        for rows, columns in reader.sizes
    )


def test_cost_follows_the_edge():
    costs = []
    for radius in (0.06, 0.45):
        reader = Reader()
        picture, _, coarse = disc(5000, 5000, radius)
        refine_in_windows(reader, reader, picture, coarse)
        costs.append(sum(rows * columns for rows, columns in reader.sizes) / 5000**2)
    assert costs[0] < 0.5
    assert costs[0] < 0.5 * costs[1]


def test_no_edge_no_windows():
    reader = Reader()
    picture = np.full((4000, 3000, 3), 255, np.uint8)
    assert refine_in_windows(reader, reader, picture, np.ones((4000, 3000), np.float32)).min() == 1
    assert len(reader.sizes) == 1


def test_a_window_that_sees_nobody_takes_nobody_away():
    picture, alpha, coarse = disc(3000, 2400)

    def blind(rgb, mask):
        whole = max(mask.shape) <= MAX_SINGLE_PASS_PX and mask.shape != WINDOW_SHAPE_PX
        return rgb[..., 0].astype(np.float32) / 255 if whole else np.zeros_like(mask)

    found = refine_in_windows(blind, blind, picture, coarse)
    # Where windows overlap, each may move it.
    assert found[cv2.erode(alpha, np.ones((121, 121), np.uint8)) == 1].min() == 1
