"""Read background fills from text, and paint them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from idphoto.background_fill import GradientFill, PictureFill, PlainFill, parse_background_fill
from idphoto.colour import Colour, to_linear, to_srgb
from idphoto.errors import InputError, UnreadableImage
from idphoto.spec import load_colours
from idphoto.units import Size
from tests.pictures import draw_smooth, encode

WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)

colours = st.builds(Colour, *[st.integers(0, 255)] * 3)
sizes = st.builds(Size, st.integers(1, 60), st.integers(1, 60))


# --- text


@pytest.mark.parametrize("name", load_colours())
def test_every_colour_of_the_specs_is_painted_in_its_own_shade(name: str) -> None:
    fill = parse_background_fill(f" {name.upper()} ")
    assert isinstance(fill, PlainFill)
    assert str(fill.colour) == load_colours()[name].paint
    assert fill.name == name


@pytest.mark.parametrize(
    ("text", "fill"),
    [
        ("#628BCE", PlainFill(Colour(98, 139, 206))),
        ("98,139,206", PlainFill(Colour(98, 139, 206))),
        ("rgb(98, 139, 206)", PlainFill(Colour(98, 139, 206))),
        ("rebeccapurple", PlainFill(Colour(102, 51, 153), "rebeccapurple")),
        ("vertical(#FFF, #C8D0D8)", GradientFill(WHITE, Colour(200, 208, 216))),
        ("  vertical ( white ,black )  ", GradientFill(WHITE, BLACK)),
        ("radial(white, black)", GradientFill(WHITE, BLACK, radial=True)),
        ("radial(light-blue, 0 0 0)", GradientFill(Colour(191, 215, 234), BLACK, radial=True)),
        ("vertical(rgb(1,2,3), rgb(4, 5, 6))", GradientFill(Colour(1, 2, 3), Colour(4, 5, 6))),
        ("radial(rgb(1,2,3), #000)", GradientFill(Colour(1, 2, 3), BLACK, radial=True)),
        ("radial(#FFF, rgb(4,5,6))", GradientFill(WHITE, Colour(4, 5, 6), radial=True)),
    ],
)
def test_background_fills_can_be_written_in_many_ways(text: str, fill: PlainFill | GradientFill) -> None:
    assert parse_background_fill(text) == fill


@given(st.builds(PlainFill, colours) | st.builds(GradientFill, colours, colours, st.booleans()))
def test_a_fill_is_read_back_from_its_own_text(fill: PlainFill | GradientFill) -> None:
    assert parse_background_fill(str(fill)) == fill


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "whitish", "#12", "256,0,0", "rgb(300,0,0)", "vertical", "vertical()", "vertical(white)",
        "vertical(white, )", "vertical(white, whitish)", "radial(rgb(1,2), white)", "vertical(rgb(1,2,3, white)",
        "diagonal(white, black)", "vertical(white, black, red)", "no-such-picture.jpg", ".", "..", "/", "a\0b.jpg",
        "a" * 5000 + ".jpg",
    ],
)  # fmt: skip
def test_what_is_no_backdrop_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_background_fill(text)
    assert caught.value.code == "input.invalid"
    assert caught.value.advice


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    folder = tmp_path / "wall.jpg"
    folder.mkdir()
    with pytest.raises(InputError):
        parse_background_fill(str(folder))


def test_a_path_stands_for_its_picture(tmp_path: Path) -> None:
    path = tmp_path / "a wall, of brick.png"
    path.write_bytes(encode(draw_smooth(64, 48), "PNG"))
    assert parse_background_fill(str(path)) == PictureFill(path)


def test_a_file_that_is_no_picture_is_refused_when_it_is_painted(tmp_path: Path) -> None:
    path = tmp_path / "wall.jpg"
    path.write_text("a wall")
    fill = parse_background_fill(str(path))
    with pytest.raises(UnreadableImage):
        fill.paint(Size(30, 40))


# --- paint


@given(st.builds(PlainFill, colours) | st.builds(GradientFill, colours, colours, st.booleans()), sizes)
def test_what_is_painted_has_the_size_that_was_asked_for(fill: PlainFill | GradientFill, size: Size) -> None:
    painted = fill.paint(size)
    assert (painted.shape, painted.dtype) == ((size.height, size.width, 3), np.uint8)


@given(colours, sizes)
def test_a_plain_colour_is_the_same_everywhere(colour: Colour, size: Size) -> None:
    assert np.all(PlainFill(colour).paint(size) == colour)


@given(colours, colours, st.integers(2, 80))
def test_a_vertical_gradient_goes_evenly_in_light_from_one_end_to_the_other(
    first: Colour, second: Colour, height: int
) -> None:
    painted = GradientFill(first, second).paint(Size(3, height))
    assert tuple(painted[0, 0]) == first
    assert tuple(painted[-1, 0]) == second
    assert np.all(painted == painted[:, :1])
    towards = np.sign(np.subtract(second, first))
    assert np.all(np.diff(painted[:, 0].astype(int), axis=0) * towards >= 0)
    ends = to_linear(np.array([first, second], dtype=np.uint8)).astype(np.float64)
    even = ends[0] + np.linspace(0, 1, height)[:, None] * (ends[1] - ends[0])
    assert np.abs(painted[:, 0].astype(int) - to_srgb(even.astype(np.float32))).max() <= 1


def test_the_middle_of_black_and_white_is_half_the_light() -> None:
    assert GradientFill(BLACK, WHITE).paint(Size(1, 3))[1, 0].tolist() == [188, 188, 188]


@given(colours, colours, st.integers(1, 25), st.integers(1, 25))
def test_a_radial_gradient_is_symmetric_and_grows_from_the_middle_to_the_corners(
    first: Colour, second: Colour, half_width: int, half_height: int
) -> None:
    painted = GradientFill(first, second, radial=True).paint(Size(2 * half_width + 1, 2 * half_height + 1))
    # Rounding of the last digit may differ between the sides.
    close = {"atol": 1}
    np.testing.assert_allclose(painted, painted[::-1].astype(int), **close)
    np.testing.assert_allclose(painted, painted[:, ::-1].astype(int), **close)
    assert tuple(painted[half_height, half_width]) == first
    assert tuple(painted[0, 0]) == tuple(painted[-1, -1]) == second
    towards = np.sign(np.subtract(second, first))
    diagonal = painted[half_height:, half_width:].astype(int)
    for axis in (0, 1):
        assert np.all(np.diff(diagonal, axis=axis) * towards >= 0)


def test_lines_of_equal_shade_in_a_square_are_circles() -> None:
    painted = GradientFill(WHITE, BLACK, radial=True).paint(Size(101, 101)).astype(int)
    # (30, 40), (40, 30) and (50, 0) are all 50 pixels from the middle.
    assert painted[50 + 40, 50 + 30] == pytest.approx(painted[50 + 30, 50 - 40], abs=1)
    assert painted[50 + 40, 50 + 30] == pytest.approx(painted[50, 100], abs=1)


def disc(tmp_path: Path, width: int, height: int) -> Path:
    """Draw a black disc in the middle, four fifths as wide as the shorter side."""
    big = Image.new("L", (4 * width, 4 * height), 255)
    radius = 0.4 * 4 * min(width, height)
    box = (2 * width - radius, 2 * height - radius, 2 * width + radius - 1, 2 * height + radius - 1)
    ImageDraw.Draw(big).ellipse([*box], fill=0)
    path = tmp_path / "disc.png"
    big.resize((width, height), Image.Resampling.BOX).convert("RGB").save(path)
    return path


def extent(painted: NDArray[np.uint8], axis: int) -> tuple[float, float]:
    """Measure middle and length of the disc along the line through the middle of the picture."""
    lines = 1 - painted[..., 0] / 255
    line = lines[lines.shape[0] // 2] if axis == 1 else lines[:, lines.shape[1] // 2]
    return float((line * np.arange(len(line))).sum() / line.sum()), float(line.sum())


@pytest.mark.parametrize("source", [(300, 200), (200, 300), (90, 120), (1000, 700), (640, 640)])
@pytest.mark.parametrize("size", [Size(350, 450), Size(200, 90), Size(77, 78)])
def test_a_picture_fills_the_frame_from_its_middle_without_distortion(
    tmp_path: Path, source: tuple[int, int], size: Size
) -> None:
    painted = PictureFill(disc(tmp_path, *source)).paint(size)
    assert (painted.shape, painted.dtype) == ((size.height, size.width, 3), np.uint8)
    fill = max(size.width / source[0], size.height / source[1])
    diameter = 0.8 * min(source) * fill
    pixel = max(1.0, fill)  # one pixel of the source as seen here: the crop is a whole number of them
    for axis, length in ((1, size.width), (0, size.height)):
        middle, measured = extent(painted, axis)
        assert middle == pytest.approx((length - 1) / 2, abs=pixel)
        assert measured == pytest.approx(min(diameter, length), rel=0.01, abs=pixel)


def test_a_picture_that_has_the_size_already_is_painted_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    picture = draw_smooth(70, 90)
    path.write_bytes(encode(picture, "PNG"))
    assert np.array_equal(PictureFill(path).paint(Size(70, 90)), picture)


def test_shrinking_a_picture_does_not_alias(tmp_path: Path) -> None:
    path = tmp_path / "stripes.png"
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[::2] = 255
    path.write_bytes(encode(stripes, "PNG"))
    painted = PictureFill(path).paint(Size(260, 260)).astype(int)
    # Each row sees one and a half stripes, so that at most a third of the contrast is left.
    assert np.abs(painted - 127.5).max() < 128 / 3
