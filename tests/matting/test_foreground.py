"""Estimate the colours of the person without those of the background."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from idphoto.colour import composite
from idphoto.matting import foreground as module
from idphoto.matting.foreground import estimate_foreground


def scene(height: int = 420, width: int = 340) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a soft-edged disc of two colours; return picture, alpha and true colours."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    alpha = np.clip((0.3 * height - np.hypot(x - width / 2, y - height / 2)) / (0.03 * height) + 0.5, 0, 1)
    colours = np.where((x < width / 2)[..., None], np.uint8([150, 90, 40]), np.uint8([60, 50, 45])).astype(np.uint8)
    return composite(colours, alpha, np.uint8([60, 110, 200])), alpha, colours


def test_the_old_wall_is_taken_out():
    picture, alpha, truth = scene()
    edge = (alpha > 0.1) & (alpha < 0.9)
    found = estimate_foreground(picture, alpha)
    before = np.abs(picture[edge].astype(int) - truth[edge]).mean()
    after = np.abs(found[edge].astype(int) - truth[edge]).mean()
    assert after < 0.3 * before


def test_inside_and_outside_nothing_changes():
    picture, alpha, _ = scene()
    found = estimate_foreground(picture, alpha)
    same = (alpha == 0) | (alpha == 1)
    assert np.array_equal(found[same], picture[same])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_without_an_edge_the_picture_stays(value):
    picture, alpha, _ = scene()
    assert np.array_equal(estimate_foreground(picture, np.full_like(alpha, value)), picture)


def test_an_edge_everywhere():
    picture, alpha, _ = scene(60, 40)
    assert estimate_foreground(picture, np.full_like(alpha, 0.5)).shape == picture.shape


@pytest.mark.parametrize("strip", [16, 50, 100])
def test_strips_leave_no_seams(monkeypatch, strip):
    picture, alpha, _ = scene()
    rng = np.random.default_rng(0)
    picture = np.clip(picture + rng.normal(0, 12, picture.shape), 0, 255).astype(np.uint8)
    picture = cv2.GaussianBlur(picture, (0, 0), 1)
    whole = estimate_foreground(picture, alpha).astype(int)
    monkeypatch.setattr(module, "STRIP_ROWS", strip)
    parts = estimate_foreground(picture, alpha).astype(int)
    # Where strips end, the reduced squares differ by a row; the correction takes nearly all of that back.
    assert np.abs(parts - whole)[alpha > 0.05].max() <= 3


@pytest.mark.parametrize("tile", [16, 50, 1000])
def test_squares_leave_no_seams(monkeypatch, tile):
    picture, alpha, _ = scene()
    picture = np.clip(picture + np.random.default_rng(0).normal(0, 12, picture.shape), 0, 255).astype(np.uint8)
    before = estimate_foreground(picture, alpha).astype(int)
    monkeypatch.setattr(module, "TILE_PX", tile)
    # OpenCV interpolates in steps of a 32nd of a pixel, which the darkest codes notice.
    differences = np.abs(estimate_foreground(picture, alpha) - before)
    assert differences.max() <= 2
    assert (differences > 1).mean() < 1e-4


WALL = (60, 110, 200)


def curls(wall: tuple[int, int, int], hair: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw hair in front of a plain background; return picture, a matte that keeps too much of the rim, and the rim."""
    height, width = 420, 340
    y, x = np.mgrid[:height, :width].astype(np.float32)
    inside = 0.3 * height - np.hypot(x - width / 2, y - height / 2)
    truth = np.clip(inside / 12 + 0.5, 0, 1)
    picture = composite(np.broadcast_to(np.uint8(hair), (height, width, 3)), truth, np.uint8(wall))
    alpha = np.clip(truth * 1.8, 0, 0.999).astype(np.float32)
    alpha[truth == 0], alpha[truth == 1] = 0, 1
    return picture, alpha, (truth > 0.35) & (truth < 0.8)


def excess(colours: np.ndarray) -> float:
    """Return the mean excess of the background's channel over the others, in 8-bit levels."""
    return float((colours[:, 2].astype(int) - colours[:, :2].max(axis=1)).mean())


def test_what_a_matte_leaves_of_a_coloured_wall_is_taken_out_of_hair():
    picture, alpha, rim = curls(WALL, (30, 26, 22))
    assert excess(picture[rim]) > 40
    assert excess(estimate_foreground(picture, alpha)[rim]) < 20


@pytest.mark.parametrize(
    ("colour", "stays"), [((195, 210, 240), True), ((20, 45, 110), False)], ids=["collar", "pocket"]
)
def test_what_is_all_but_opaque_keeps_its_hue_if_it_is_brighter_than_the_wall(colour, stays):
    picture, alpha, _ = curls(WALL, (30, 26, 22))
    patch = np.s_[200:212, 160:172]
    picture[patch], alpha[patch] = colour, 0.995
    found = estimate_foreground(picture, alpha)[patch].reshape(-1, 3)
    assert (excess(found) > 25) == stays
    assert not stays or np.abs(found.astype(int) - colour).max() <= 3


def test_a_person_who_wears_the_walls_colour_keeps_it():
    picture, alpha, rim = curls(WALL, (30, 50, 160))
    assert excess(estimate_foreground(picture, alpha)[rim]) > 80


def test_before_a_patterned_wall_nothing_is_unmixed():
    picture, alpha, rim = curls(WALL, (30, 26, 22))
    picture[alpha == 0] = np.where(np.arange((alpha == 0).sum()) % 2, 40, 230)[:, None]
    assert module._limits(picture, alpha) is None
    assert excess(estimate_foreground(picture, alpha)[rim]) > 20


def test_before_a_grey_wall_nothing_is_unmixed():
    picture, alpha, _ = curls((180, 180, 180), (30, 26, 22))
    assert module._limits(picture, alpha) is None


def strands(wall: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a head whose rim is light and dark strands of alpha one half; return picture, alpha and true colours."""
    height, width = 420, 340
    y, x = np.mgrid[:height, :width].astype(np.float32)
    alpha = np.clip((0.3 * height - np.hypot(x - width / 2, y - height / 2)) / (0.12 * height) + 0.5, 0, 1)
    light = (np.sin(np.arctan2(y - height / 2, x - width / 2) * 90) > 0)[..., None]
    colours = np.where(light, np.uint8([170, 130, 90]), np.uint8([50, 38, 30])).astype(np.uint8)
    return composite(colours, alpha, wall), alpha, colours


@pytest.mark.parametrize(("wall", "kept"), [((60, 110, 200), 0.5), ((235, 235, 235), 0.2), ((20, 20, 24), 0.5)])
def test_strands_before_a_plain_wall_keep_their_own_colours(wall, kept):
    """A plain background has one colour, so any deviation of a pixel from the mean is the strand's."""
    picture, alpha, truth = strands(np.uint8(wall))
    rim = (alpha > 0.3) & (alpha < 0.7)
    found = estimate_foreground(picture, alpha)[rim].astype(int)
    bright = truth[rim][:, 0] > 100
    apart = found[bright].mean(axis=0) - found[~bright].mean(axis=0)
    wanted = np.subtract([170, 130, 90], [50, 38, 30])
    assert (apart > kept * wanted).all()


def test_of_what_varies_behind_less_goes_into_the_strands():
    """Stripes of the background are not painted onto plain hair."""
    height, width = 420, 340
    stripes = np.where((np.arange(width) // 3 % 2 > 0)[None, :, None], np.uint8([230, 60, 60]), np.uint8([30, 40, 120]))
    stripes = np.broadcast_to(stripes, (height, width, 3)).astype(np.uint8)
    _, alpha, _ = strands(stripes)
    picture = composite(np.broadcast_to(np.uint8([90, 70, 55]), (height, width, 3)), alpha, stripes)
    rim = (alpha > 0.3) & (alpha < 0.7)
    painted = np.abs(estimate_foreground(picture, alpha)[rim].astype(int) - [90, 70, 55]).mean()
    assert painted < 0.5 * np.abs(picture[rim].astype(int) - [90, 70, 55]).mean()


def test_pockets_of_the_wall_take_the_colour_of_the_hair_around_them():
    picture, alpha, _ = curls(WALL, (70, 42, 26))
    pocket = np.s_[200:212, 160:172]
    picture[pocket], alpha[pocket] = (50, 65, 105), 0.995
    red, green, blue = estimate_foreground(picture, alpha)[pocket].reshape(-1, 3).mean(axis=0)
    assert red > green > blue
    assert red < 2 * 70


def test_the_rim_of_a_coat_of_the_walls_hue_keeps_it():
    """The hue that is removed from hair is the coat's own."""
    blues = []
    for coat in ((25, 60, 160), (30, 26, 22)):
        picture, alpha, _ = curls(WALL, (30, 26, 22))
        lower = np.s_[230:, :]
        picture[lower] = composite(np.broadcast_to(np.uint8(coat), picture.shape), alpha, np.uint8(WALL))[lower]
        rim = (alpha > 0.6) & (alpha < 0.999)
        rim[:260] = False
        blues.append(excess(estimate_foreground(picture, alpha)[rim]))
    assert blues[0] > 60
    assert blues[1] < 30
