"""Clothes of the background's hue are opaque to their rim; hair in front of the same background does not change."""

import numpy as np
import pytest

from idphoto.colour import to_linear, to_srgb
from idphoto.matting.bounds import limit_alpha, measure_doubt
from idphoto.matting.clothes import make_clothes_opaque, make_greys_opaque, make_stones_opaque
from idphoto.matting.wall import measure_wall

HEIGHT, WIDTH, EDGE = 400, 320, 120
WALL, COAT, HAIR = (85, 115, 215), (20, 50, 130), (20, 15, 12)
RIM, MIDDLE = slice(EDGE + 2, EDGE + 12), slice(EDGE + 4, EDGE + 10)


def scene(zoom: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draw hair above a coat, with too low an alpha along their outermost 14 pixels; return picture and alpha."""
    truth = np.zeros((HEIGHT, WIDTH), np.float32)
    truth[:, EDGE:] = 1
    truth[:, EDGE] = 0.5
    person = np.where(np.arange(HEIGHT)[:, None, None] < 200, HAIR, COAT) * np.ones((1, WIDTH, 1))
    light = [to_linear(layer.astype(np.uint8)) for layer in (person, np.ones_like(person) * WALL)]
    rgb = to_srgb(light[1] + (light[0] - light[1]) * truth[..., None])
    given = truth.copy()
    given[:, EDGE + 1 : EDGE + 14] = 0.85
    return tuple(np.repeat(np.repeat(layer, zoom, 0), zoom, 1) for layer in (rgb, given))


def made_whole(rgb: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Apply only this rule, none of those that come before it."""
    _, wall, tints = measure_wall(rgb, given)
    return make_clothes_opaque(rgb, given, wall, tints)


@pytest.mark.parametrize("zoom", [1, 3])
def test_a_coat_like_the_wall_is_whole_and_hair_is_let_alone(zoom):
    rgb, given = scene(zoom)
    result = made_whole(rgb, given)
    rim = slice(RIM.start * zoom, RIM.stop * zoom)
    assert result[250 * zoom : 380 * zoom, rim].min() > 0.95
    assert np.array_equal(result[: 150 * zoom, rim], given[: 150 * zoom, rim])
    assert (result >= given).all()
    assert not result[given == 0].any()
    assert np.array_equal(result[:, EDGE * zoom : (EDGE + 1) * zoom], given[:, EDGE * zoom : (EDGE + 1) * zoom])


def test_what_is_as_bright_as_the_wall_may_be_the_wall():
    rgb, given = scene()
    rgb[250:, RIM] = WALL
    assert np.array_equal(made_whole(rgb, given)[270:, MIDDLE], given[270:, MIDDLE])


def test_without_cloth_of_its_hue_nothing_changes():
    rgb, given = scene()
    rgb[200:, EDGE:] = (60, 60, 60)
    assert np.array_equal(made_whole(rgb, given), given)


def test_a_few_pixels_of_noise_leave_no_pits():
    rgb, given = scene()
    given[300, EDGE + 7] = given[340:342, EDGE + 5] = 0.62
    result = made_whole(rgb, given)
    assert result[300, EDGE + 7] > 0.95
    assert result[340:342, EDGE + 5].min() > 0.95


def test_it_is_part_of_what_colours_say():
    rgb, given = scene()
    assert limit_alpha(rgb, given, measure_doubt(given))[250:380, RIM].min() > 0.98


def test_before_a_wall_of_the_skins_hue_nothing_changes():
    """A face is not clothes, nor is brown hair beside it."""
    rgb, given = scene()
    rgb = np.ascontiguousarray(rgb[..., ::-1])
    assert np.array_equal(made_whole(rgb, given), given)


def faint_greys(coat: tuple[int, int, int], breadth: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a coat with too low an alpha along its outermost pixels; return that alpha and the corrected one."""
    rgb, given = scene()
    rgb[200:, EDGE + 1 :] = coat
    given[200:, EDGE + 1 :] = 1
    given[200:, EDGE + 1 : EDGE + 1 + breadth] = 0.6
    _, wall, tints = measure_wall(rgb, given)
    return given, make_greys_opaque(given, wall, tints)


@pytest.mark.parametrize("coat", [(160, 158, 163), (235, 235, 235)])
def test_grey_and_white_coats_are_whole_over_some_breadth(coat):
    given, result = faint_greys(coat, 24)
    assert result[250:380, EDGE + 4 : EDGE + 20].min() > 0.95
    assert np.array_equal(result[:150], given[:150])
    assert (result >= given).all()
    assert not result[given == 0].any()


def test_grey_coats_go_on_beyond_the_picture():
    rgb, given = scene()
    rgb[200:, EDGE + 1 :], given[200:, EDGE + 1 :] = (160, 158, 163), 1
    rgb[:200, -60:], given[:200, -60:] = WALL, 0
    given[220:264, -4:] = 0.6
    _, wall, tints = measure_wall(rgb, given)
    assert make_greys_opaque(given, wall, tints)[226:258, -4:].min() > 0.95


@pytest.mark.parametrize(
    ("coat", "breadth"), [((160, 158, 163), 6), ((30, 30, 30), 24), (COAT, 24), ((150, 90, 60), 24)]
)
def test_thin_rims_black_and_coloured_ones_are_let_alone(coat, breadth):
    given, result = faint_greys(coat, breadth)
    assert np.array_equal(result, given)


@pytest.mark.parametrize(("stone", "whole"), [((60, 195, 190), True), ((40, 160, 60), True), ((60, 75, 130), False)])
def test_a_stone_of_a_hue_of_its_own_is_whole(stone, whole):
    """Turquoise and emerald in front of blue are opaque; a mixture of hair and background does not change."""
    rgb, given = scene()
    given[:, EDGE + 1 :] = 1
    place = slice(100, 114), slice(EDGE - 10, EDGE)
    rgb[place], given[place] = stone, 0.3
    _, wall, tints = measure_wall(rgb, given)
    result = make_stones_opaque(given, wall, tints)
    if whole:
        assert result[102:112, EDGE - 8 : EDGE - 2].min() > 0.95
        assert (result >= given).all()
        assert not result[given == 0].any()
    else:
        assert np.array_equal(result, given)
