"""Colour: the sRGB curve, compositing in linear light, CIELAB and CIEDE2000 against published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from idphoto.colour import Colour, composite, compute_delta_e, parse_colour, rgb_to_lab, to_linear, to_srgb

CODES = np.arange(256, dtype=np.uint8)
SHAPE = (4, 5)

pictures = arrays(np.uint8, (*SHAPE, 3))
# Alphas that pass both ends exactly and come near them as well.
alphas = arrays(
    np.float32, SHAPE, elements=st.one_of(st.sampled_from((0.0, 1.0)), st.floats(0, 1, width=32, allow_subnormal=False))
)
labs = arrays(
    np.float64,
    (3,),
    elements=st.one_of(st.sampled_from((0.0, 50.0, -50.0)), st.floats(-80, 80, allow_subnormal=False)),
).map(lambda values: np.array([abs(values[0]), values[1], values[2]]))


def curve(code: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the sRGB curve of IEC 61966-2-1, written out."""
    value = np.asarray(code, dtype=np.float64) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def inverse_curve(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of the curve, as 8-bit levels that are not rounded."""
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)


# --- the sRGB curve


def test_every_code_survives_the_round_trip() -> None:
    assert np.array_equal(to_srgb(to_linear(CODES)), CODES)


def test_linear_light_is_that_of_the_standard() -> None:
    light = to_linear(CODES)
    assert light.dtype == np.float32
    assert (light[0], light[255]) == (0, 1)
    assert np.all(np.diff(light) > 0)
    np.testing.assert_allclose(light, curve(CODES), atol=1e-7)


def test_codes_are_those_of_the_standard_and_never_fall() -> None:
    light = np.linspace(0, 1, 100_001, dtype=np.float32)
    codes = to_srgb(light)
    assert codes.dtype == np.uint8
    assert np.all(np.diff(codes.astype(int)) >= 0)
    exact = inverse_curve(light.astype(np.float64))
    # Half a code is rounding; the table adds a little.
    assert np.abs(codes - exact).max() < 0.6


def test_light_beyond_the_range_is_clipped() -> None:
    assert to_srgb(np.array([-3.0, -0.0, 1.0, 1.5, np.inf], dtype=np.float32)).tolist() == [0, 0, 255, 255, 255]


@given(arrays(np.uint8, st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 4))))
def test_the_shape_is_kept(codes: NDArray[np.uint8]) -> None:
    assert to_linear(codes).shape == codes.shape
    assert np.array_equal(to_srgb(to_linear(codes)), codes)


# --- compositing


@given(pictures, alphas, pictures)
def test_where_nothing_mixes_every_bit_is_kept(
    front: NDArray[np.uint8], alpha: NDArray[np.float32], back: NDArray[np.uint8]
) -> None:
    before = front.copy(), alpha.copy(), back.copy()
    result = composite(front, alpha, back)
    assert (result.dtype, result.shape) == (np.uint8, front.shape)
    assert np.array_equal(result[alpha == 1], front[alpha == 1])
    assert np.array_equal(result[alpha == 0], back[alpha == 0])
    for given_, kept in zip((front, alpha, back), before, strict=True):
        assert np.array_equal(given_, kept)


@given(pictures, alphas, pictures)
def test_light_adds_linearly(front: NDArray[np.uint8], alpha: NDArray[np.float32], back: NDArray[np.uint8]) -> None:
    share = alpha.astype(np.float64)[..., None]
    exact = inverse_curve(curve(front) * share + curve(back) * (1 - share))
    assert np.abs(composite(front, alpha, back) - exact).max() <= 1


def test_half_of_white_over_black_is_188_and_not_128() -> None:
    half = composite(np.full((1, 1, 3), 255, np.uint8), np.full((1, 1), 0.5, np.float32), np.zeros(3, np.uint8))
    assert half.ravel().tolist() == [188, 188, 188]


@given(pictures, pictures, alphas, alphas)
def test_more_person_is_never_further_from_the_person(
    front: NDArray[np.uint8], back: NDArray[np.uint8], first: NDArray[np.float32], second: NDArray[np.float32]
) -> None:
    less, more = np.minimum(first, second), np.maximum(first, second)
    towards = np.sign(front.astype(int) - back.astype(int))
    step = composite(front, more, back).astype(int) - composite(front, less, back).astype(int)
    assert np.all(step * towards >= 0)
    assert np.all(step[towards == 0] == 0)


@given(pictures, alphas, st.tuples(*[st.integers(0, 255)] * 3))
def test_one_colour_stands_for_a_whole_background(
    front: NDArray[np.uint8], alpha: NDArray[np.float32], colour: tuple[int, int, int]
) -> None:
    one = np.array(colour, dtype=np.uint8)
    whole = np.tile(one, (*SHAPE, 1))
    assert np.array_equal(composite(front, alpha, one), composite(front, alpha, whole))
    assert np.array_equal(composite(front, alpha, one[None, None]), composite(front, alpha, whole))


# --- colours as text


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("white", (255, 255, 255)),
        ("White", (255, 255, 255)),
        (" rebeccapurple ", (102, 51, 153)),
        ("#fff", (255, 255, 255)),
        ("#628BCE", (98, 139, 206)),
        ("#628bce", (98, 139, 206)),
        ("98,139,206", (98, 139, 206)),
        ("98, 139, 206", (98, 139, 206)),
        ("98 139 206", (98, 139, 206)),
        ("rgb(98,139,206)", (98, 139, 206)),
        ("rgb(100%, 0%, 50%)", (255, 0, 128)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
    ],
)
def test_colours_can_be_written_in_many_ways(text: str, colour: tuple[int, int, int]) -> None:
    assert parse_colour(text) == Colour(*colour)


@given(st.builds(Colour, *[st.integers(0, 255)] * 3))
def test_a_colour_is_read_back_from_its_own_text(colour: Colour) -> None:
    assert parse_colour(str(colour)) == colour
    assert parse_colour(f"{colour.red},{colour.green},{colour.blue}") == colour


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "no-colour", "#", "#12", "#GGGGGG", "1,2", "1,2,3,4", "256,0,0", "-1,0,0", "1.5,2,3", "rgb(1,2)",
        "rgb(300,0,0)", "rgb(120%,0%,0%)", "hsl(0,300%,50%)", "hsl(0,100%,200%)", "²,1,1", "#FFFFFF80", "white" * 50,
    ],
)  # fmt: skip
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a colour"):
        parse_colour(text)


# --- CIELAB


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        # Bruce Lindbloom's calculator and the literature, for D65.
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((255, 255, 0), (97.14, -21.55, 94.48)),
        ((128, 128, 128), (53.59, 0, 0)),
        ((5, 5, 5), (1.371, 0, 0)),  # on the straight part of the curve
    ],
)
def test_lab_of_known_colours(colour: tuple[int, int, int], expected: tuple[float, float, float]) -> None:
    value = rgb_to_lab(np.array(colour, dtype=np.uint8))
    assert value.dtype == np.float32
    np.testing.assert_allclose(value, expected, atol=0.02)


def test_greys_have_no_colour_and_grow_lighter() -> None:
    greys = rgb_to_lab(np.stack([CODES] * 3, axis=-1))
    assert np.all(np.diff(greys[:, 0]) > 0)
    assert np.abs(greys[:, 1:]).max() < 0.01


# --- CIEDE2000

# Sharma, Wu and Dalal (2005), table 1: two colours and their difference.
PUBLISHED = np.array(
    [
        (50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425),
        (50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615),
        (50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412),
        (50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000),
        (50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000),
        (50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000),
        (50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669),
        (50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669),
        (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792),
        (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792),
        (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195),
        (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195),
        (50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045),
        (50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045),
        (50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461),
        (50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065),
        (50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492),
        (50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977),
        (50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030),
        (50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535),
        (50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000),
        (50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000),
        (50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000),
        (50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000),
        (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
        (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
        (61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731),
        (35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645),
        (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
        (36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146),
        (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
        (90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381),
        (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
        (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
    ]
)


def test_differences_are_those_that_were_published() -> None:
    first, second, expected = PUBLISHED[:, :3], PUBLISHED[:, 3:6], PUBLISHED[:, 6]
    np.testing.assert_allclose(compute_delta_e(first, second), expected, atol=5.1e-5)
    np.testing.assert_allclose(compute_delta_e(second, first), expected, atol=5.1e-5)


@given(labs, labs)
def test_a_difference_is_the_same_both_ways_and_never_negative(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> None:
    there, back = compute_delta_e(first, second), compute_delta_e(second, first)
    assert there >= 0
    assert there == pytest.approx(back, rel=1e-6, abs=1e-6)


@given(labs)
def test_a_colour_does_not_differ_from_itself(colour: NDArray[np.float64]) -> None:
    assert compute_delta_e(colour, colour) == 0


@given(st.floats(0.1, 60), st.floats(-60, 60))
def test_opposite_hues_differ_alike_in_either_order(a: float, b: float) -> None:
    # Their mean hue is ambiguous: the formula takes half the sum of both angles.
    first, second = np.array([50.0, a, b]), np.array([50.0, -a, -b])
    assert compute_delta_e(first, second) == pytest.approx(compute_delta_e(second, first), rel=1e-9)


def test_greys_differ_by_lightness_alone() -> None:
    # With a mean lightness of 50 the weight of lightness is 1.
    assert compute_delta_e(np.array([45.0, 0, 0]), np.array([55.0, 0, 0])) == pytest.approx(10)


def test_pictures_are_compared_pixel_by_pixel() -> None:
    wide = compute_delta_e(PUBLISHED[:, None, :3], PUBLISHED[None, :, 3:6])
    assert wide.shape == (len(PUBLISHED), len(PUBLISHED))
    np.testing.assert_allclose(np.diag(wide), PUBLISHED[:, 6], atol=5.1e-5)
