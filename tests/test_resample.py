"""The one resampling: exact where possible, else compared with the analytic truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from idphoto.decode import Source
from idphoto.portrait import View
from idphoto.resample import find_covered_pixels, render, to_source_matrix, warp_mask, warp_rgb
from idphoto.units import Size
from tests.pictures import draw_grainy, encode

Floats = NDArray[np.float64]

FILL = (9, 200, 77)

turns = st.floats(-180, 180)
scales = st.floats(0.15, 4)
shifts = st.floats(-30, 30)


def similarity(scale: float, degrees: float, fixed: tuple[float, float], to: tuple[float, float]) -> Floats:
    """Return the matrix that scales and rotates (clockwise, as seen) and moves one point of the source to another."""
    cos, sin = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    matrix[:2, 2] = np.array(to) - matrix[:2, :2] @ fixed
    return matrix


def places(matrix: Floats, size: Size) -> tuple[Floats, Floats]:
    """Return the place in the source of each pixel of the output."""
    y, x = np.mgrid[: size.height, : size.width].astype(float)
    x, y, _ = np.tensordot(np.linalg.inv(matrix), np.stack([x, y, np.ones_like(x)]), axes=1)
    return x, y


def waves(x: Floats, y: Floats) -> Floats:
    """Return the values of a smooth picture at any places."""
    red = 128 + 60 * np.sin(0.05 * x + 0.03 * y) + 30 * np.cos(0.02 * x - 0.07 * y)
    green = 128 + 80 * np.cos(0.04 * x) * np.sin(0.035 * y + 1)
    return np.stack([red, green, 100 + 50 * np.sin(0.03 * (x - y))], axis=-1)


def psnr(picture: NDArray[np.uint8], truth: Floats) -> float:
    return float(10 * np.log10(255**2 / np.mean((picture - truth) ** 2)))


# --- exactly


def test_the_identity_changes_nothing() -> None:
    picture = draw_grainy(61, 47)
    assert np.array_equal(warp_rgb(picture, np.eye(3), Size(61, 47), FILL), picture)
    source = Source.open(encode(picture, "PNG"))
    assert np.array_equal(render(source, View(np.eye(3), source.size)), picture)


@given(st.integers(-70, 70), st.integers(-50, 50))
def test_a_shift_by_whole_pixels_moves_pixels_and_fills_the_rest(right: int, down: int) -> None:
    picture = draw_grainy(61, 47)
    matrix = similarity(1, 0, (0, 0), (right, down))
    expected = np.full((47, 61, 3), FILL, dtype=np.uint8)
    to_x, to_y = slice(max(right, 0), max(61 + min(right, 0), 0)), slice(max(down, 0), max(47 + min(down, 0), 0))
    from_x, from_y = slice(max(-right, 0), 61 - max(right, 0)), slice(max(-down, 0), 47 - max(down, 0))
    if abs(right) < 61 and abs(down) < 47:
        expected[to_y, to_x] = picture[from_y, from_x]
    assert np.array_equal(warp_rgb(picture, matrix, Size(61, 47), FILL), expected)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_quarter_turns_move_pixels(quarter: int) -> None:
    picture = draw_grainy(40, 40)
    matrix = similarity(1, 90 * quarter, (19.5, 19.5), (19.5, 19.5))
    # numpy turns counter-clockwise.
    assert np.array_equal(warp_rgb(picture, matrix, Size(40, 40), FILL), np.rot90(picture, -quarter))


@settings(max_examples=60)
@given(scales, turns, shifts, shifts, st.tuples(*[st.integers(0, 255)] * 3))
def test_a_plain_picture_stays_plain_and_ends_where_it_ends(
    scale: float, degrees: float, right: float, down: float, colour: tuple[int, int, int]
) -> None:
    picture = np.full((30, 44, 3), colour, dtype=np.uint8)
    size = Size(52, 37)
    matrix = similarity(scale, degrees, (21.5, 14.5), (25.5 + right, 18 + down))
    inside = find_covered_pixels(matrix, size, Size(44, 30))
    warped = warp_rgb(picture, matrix, size, FILL)
    assert (warped.shape, warped.dtype) == ((37, 52, 3), np.uint8)
    assert np.all(warped[inside] == colour)
    assert np.all(warped[~inside] == FILL)


@given(scales, turns, shifts, shifts)
def test_covered_are_the_pixels_whose_centre_lies_on_the_picture(
    scale: float, degrees: float, right: float, down: float
) -> None:
    size, picture = Size(23, 17), Size(19, 14)
    matrix = similarity(scale, degrees, (9, 6.5), (11 + right, 8 + down))
    x, y = places(matrix, size)
    depth = np.minimum(np.minimum(x + 0.5, picture.width - 0.5 - x), np.minimum(y + 0.5, picture.height - 0.5 - y))
    inside = find_covered_pixels(matrix, size, picture)
    assert np.all(inside[depth > 1e-3])
    assert not np.any(inside[depth < -1e-3])


def test_the_edge_itself_belongs_to_the_picture() -> None:
    # Twice as large, edge on edge: the outermost centres lie a quarter of a pixel inside.
    assert find_covered_pixels(similarity(2, 0, (-0.5, -0.5), (-0.5, -0.5)), Size(20, 10), Size(10, 5)).all()
    # Half as large: each centre lies between two pixels.
    assert find_covered_pixels(similarity(0.5, 0, (-0.5, -0.5), (-0.5, -0.5)), Size(5, 5), Size(10, 10)).all()
    beyond = find_covered_pixels(similarity(1, 0, (0, 0), (-0.51, 0)), Size(10, 5), Size(10, 5))
    assert not beyond[:, -1].any()
    assert beyond[:, :-1].all()


# --- against the analytic truth


@pytest.mark.parametrize("degrees", [0, 7, -30, 90])
@pytest.mark.parametrize("scale", [0.26, 0.5, 0.55, 0.7, 0.9, 0.96, 1.3, 3.0])
def test_smooth_pictures_keep_their_shape_at_every_scale_and_turn(scale: float, degrees: float) -> None:
    y, x = np.mgrid[:300, :260].astype(float)
    source = Source.open(encode(np.rint(waves(x, y)).astype(np.uint8), "PNG"))
    view = View(similarity(scale, degrees, (130.3, 149.8), (59.5, 59.5)), Size(120, 120))
    picture = render(source, view, FILL)
    from_x, from_y = places(view.matrix, view.size)
    inner = (from_x > 5) & (from_x < 254) & (from_y > 5) & (from_y < 294)
    # Rounding to codes alone costs 59 dB, and it is done twice.
    assert psnr(picture[inner], waves(from_x, from_y)[inner]) > 53


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_shifts_by_parts_of_a_pixel(right: float, down: float) -> None:
    y, x = np.mgrid[:40, :50].astype(float)
    picture = np.rint(waves(3 * x, 3 * y)).astype(np.uint8)
    warped = warp_rgb(picture, similarity(1, 0, (0, 0), (right, down)), Size(50, 40), FILL)
    inner = (slice(4, -4), slice(4, -4))
    assert psnr(warped[inner], waves(3 * (x - right), 3 * (y - down))[inner]) > 46


# --- no aliasing


@pytest.mark.parametrize("degrees", [0, 11])
@pytest.mark.parametrize("shrink", [1.1, 1.25, 1.5, 1.75, 1.9, 2.0])
def test_a_checkerboard_too_fine_to_show_becomes_grey(shrink: float, degrees: float) -> None:
    board = np.dstack([(np.indices((300, 300)).sum(axis=0) % 2 * 255).astype(np.uint8)] * 3)
    side = int(190 / shrink)
    matrix = similarity(1 / shrink, degrees, (150, 150), (side / 2, side / 2))
    warped = warp_rgb(board, matrix, Size(side, side), FILL).astype(float)
    # Lanczos sees less at the frame's edge, and is soft at the limit of what fits.
    assert np.abs(warped - 127.5).max() < 20
    assert np.abs(warped[3:-3, 3:-3] - 127.5).max() < (20 if shrink < 1.2 else 8)
    assert warped.mean() == pytest.approx(127.5, abs=1)


@pytest.mark.parametrize("shrink", [1.1, 1.25, 1.5, 1.75, 2.0])
def test_a_zone_plate_keeps_what_fits_and_loses_what_does_not(shrink: float) -> None:
    def plate(x: Floats, y: Floats) -> Floats:
        """Draw rings that become finer outwards: half a cycle per pixel at 200 pixels from the middle."""
        return 127.5 + 120 * np.cos(np.pi * ((x - 200) ** 2 + (y - 200) ** 2) * 0.5 / 200)

    y, x = np.mgrid[:401, :401].astype(float)
    picture = np.dstack([np.rint(plate(x, y)).astype(np.uint8)] * 3)
    side = int(401 / shrink)
    matrix = similarity(1 / shrink, 5, (200, 200), ((side - 1) / 2, (side - 1) / 2))
    warped = warp_rgb(picture, matrix, Size(side, side), FILL)[..., 0].astype(float)
    from_x, from_y = places(matrix, Size(side, side))
    radius = np.hypot(from_x - 200, from_y - 200)
    cycles = np.where(radius < 195, 0.5 * radius / 200 * shrink, np.nan)  # a pixel of the output
    fits, never = cycles < 0.25, cycles > 0.6

    def rms(values: Floats) -> float:
        return float(np.sqrt(np.mean(values**2)))

    # The rings themselves have an rms of 85; a bare bicubic warp keeps more than 60 of what does not fit.
    assert rms((warped - plate(from_x, from_y))[fits]) < 3.5
    if never.any():
        assert rms(warped[never] - 127.5) < 25


# --- points


def test_pixels_of_a_reduced_picture_lie_where_their_blocks_lie() -> None:
    # The first pixel of a quarter covers the source's pixels 0 to 3, whose middle is 1.5.
    assert (to_source_matrix(0.25) @ (0, 0, 1)).tolist() == [1.5, 1.5, 1]
    assert (to_source_matrix(0.25) @ (2, 1, 1)).tolist() == [9.5, 5.5, 1]
    assert np.array_equal(to_source_matrix(1.0), np.eye(3))


SLIP = 0.068
"""Pixels by which a spot may lie beside its place. OpenCV's bicubic kernel (a = -0.75) does not reproduce ramps: a
pixel seen at the fraction d lies up to |2a + 1| d (1 - d) (1 - 2d) = 0.048 off; places are rounded to 1/32 of a pixel
(0.016), light to codes (0.004)."""


@settings(max_examples=60)
@given(st.floats(0.2, 3), turns, st.tuples(*[st.floats(135, 185)] * 2), st.tuples(st.floats(38, 58), st.floats(32, 48)))
def test_what_is_seen_lies_where_the_view_says(
    scale: float, degrees: float, blob: tuple[float, float], to: tuple[float, float]
) -> None:
    y, x = np.mgrid[:320, :320].astype(float)
    sigma = 5 / scale
    light = 250 * np.exp(-((x - blob[0]) ** 2 + (y - blob[1]) ** 2) / (2 * sigma**2))
    source = Source.open(encode(np.dstack([np.rint(light).astype(np.uint8)] * 3), "BMP"))
    view = View(similarity(scale, degrees, blob, to), Size(96, 80))
    seen = render(source, view, (0, 0, 0))[..., 0].astype(float)
    out_y, out_x = np.mgrid[:80, :96]
    where = view.point(blob)
    assert where == pytest.approx(to)
    assert (seen * out_x).sum() / seen.sum() == pytest.approx(where.x, abs=SLIP)
    assert (seen * out_y).sum() / seen.sum() == pytest.approx(where.y, abs=SLIP)
    assert view.scale == pytest.approx(scale)
    assert (view.roll - degrees + 180) % 360 == pytest.approx(180)


# --- masks


@settings(max_examples=60)
@given(
    arrays(np.float32, (12, 9), elements=st.sampled_from((0.0, 0.25, 0.5, 1.0))),
    scales,
    turns,
    shifts,
)
def test_masks_stay_masks_and_end_with_the_picture(
    mask: NDArray[np.float32], scale: float, degrees: float, shift: float
) -> None:
    size = Size(21, 25)
    matrix = similarity(scale, degrees, (4, 5.5), (10 + shift, 12))
    before = mask.copy()
    warped = warp_mask(mask, matrix, size)
    assert np.array_equal(mask, before)
    assert (warped.shape, warped.dtype) == ((25, 21), np.float32)
    assert warped.min() >= 0
    assert warped.max() <= 1
    assert not warped[~find_covered_pixels(matrix, size, Size(9, 12))].any()


@given(scales, turns)
def test_where_a_mask_is_plain_it_stays_exact(scale: float, degrees: float) -> None:
    size = Size(31, 31)
    matrix = similarity(scale, degrees, (10, 10), (15, 15))
    inside = find_covered_pixels(matrix, size, Size(21, 21))
    for value in (0, 1):
        warped = warp_mask(np.full((21, 21), value, dtype=np.float32), matrix, size)
        assert np.all(warped[inside] == value)


def test_a_mask_keeps_its_shades() -> None:
    mask = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (20, 1))
    warped = warp_mask(mask, np.eye(3), Size(64, 20))
    assert np.abs(warped - mask).max() <= 0.5 / 255 + 1e-6
