"""Fill holes inside a person, but not gaps in hair and earrings."""

import cv2
import numpy as np
import pytest

from idphoto.matting.solid import fade_scraps, fill_bites, fill_holes, make_solid


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
    assert np.array_equal(fill_holes(alpha, person()), person())


@pytest.mark.parametrize(("y", "stays"), [(399, True), (330, False)], ids=["lower border", "body"])
def test_a_gap_beside_an_arm_is_one_of_the_silhouette_too(y, stays):
    alpha = person()
    cv2.circle(alpha, (150, y), 9, 0.0, -1)
    assert np.array_equal(fill_holes(alpha, alpha), alpha if stays else person())


def test_a_gap_near_the_edge_stays():
    alpha = person()
    cv2.circle(alpha, (84, 150), 6, 0.0, -1)
    assert np.array_equal(fill_holes(alpha, person()), alpha)


def test_a_cleft_that_is_open_stays():
    alpha = person()
    cv2.line(alpha, (150, 0), (150, 120), 0.2, 3)
    assert np.array_equal(fill_holes(alpha, person()), alpha)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_mattes_stay(value):
    alpha = np.full((50, 40), value, np.float32)
    assert np.array_equal(fill_holes(alpha, alpha), alpha)


def test_the_edge_is_left_alone():
    alpha = cv2.GaussianBlur(person(), (0, 0), 3)
    assert np.array_equal(fill_holes(alpha, person()), alpha)


def test_what_floats_beside_a_person_goes():
    alpha = person()
    cv2.circle(alpha, (270, 60), 6, 0.9, -1)
    alpha[20, 20] = 0.1
    assert np.array_equal(fade_scraps(alpha), person())


def test_what_touches_a_person_stays():
    alpha = person()
    cv2.line(alpha, (150, 55), (150, 10), 0.5, 1)
    assert np.array_equal(fade_scraps(alpha), alpha)


@pytest.mark.parametrize("scale", [1, 4], ids=["small", "reduced"])
def test_a_haze_of_fine_hair_fades_and_is_not_cut(scale):
    coarse = cv2.resize(person(), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    alpha = np.maximum(coarse, np.float32(0.2))
    away = cv2.distanceTransform((coarse == 0).astype(np.uint8), cv2.DIST_L2, 5) / coarse.shape[0]
    left = make_solid(alpha, coarse)
    assert left[(away > 0) & (away < 0.018)].min() > 0.15
    assert left[away > 0.045].max() < 0.01
    steps = max(np.abs(np.diff(left, axis=axis))[np.diff(coarse, axis=axis) == 0].max() for axis in (0, 1))
    assert steps < 0.04 if scale == 1 else steps < 0.02


def test_what_is_faint_around_a_scrap_goes_with_it():
    alpha = person()
    cv2.circle(alpha, (245, 100), 9, 0.2, -1)
    cv2.circle(alpha, (245, 100), 6, 0.9, -1)
    assert np.array_equal(fade_scraps(alpha), person())


def test_a_second_person_stays():
    alpha = np.zeros((200, 300), np.float32)
    alpha[40:, 20:120] = 1
    alpha[80:, 180:280] = 1
    assert np.array_equal(fade_scraps(alpha), alpha)


def test_a_veil_over_the_body_is_lifted():
    alpha = person()
    alpha[300:, :200] *= 0.8
    coarse = cv2.GaussianBlur(person(), (0, 0), 3)
    lifted = make_solid(alpha, coarse)
    assert lifted[350, 100] == 1
    assert lifted[350, 29] == 0


def test_a_faint_veil_is_lifted_where_it_is_broad():
    """It is lifted beyond the person mask, too, since hair is nearly opaque over no such breadth. Lower alpha stays."""
    alpha = person()
    alpha[300:] *= 0.9
    alpha[200:206] *= 0.6
    result = make_solid(alpha, np.zeros_like(alpha))
    assert result[320:, 45:255].min() == 1
    assert np.array_equal(result[200:206], alpha[200:206])


def test_a_gap_that_the_silhouette_does_not_know_stays():
    alpha = person()
    alpha[260:, 30:60] = 0.1
    assert make_solid(alpha, person())[350, 45] <= 0.1


def test_large_mattes_are_judged_on_a_reduced_one():
    alpha = cv2.resize(person(), (1500, 2000), interpolation=cv2.INTER_LINEAR)
    coarse = cv2.GaussianBlur(alpha, (0, 0), 15)
    spoilt = alpha.copy()
    cv2.circle(spoilt, (750, 800), 40, 0.2, -1)
    cv2.circle(spoilt, (1350, 300), 30, 0.9, -1)
    assert np.abs(make_solid(spoilt, coarse) - alpha).max() < 0.05


WALL, COAT = (70, 90, 205), (120, 110, 100)


def at_the_border(top: int, height: int, depth: int, colour: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw a person whose sleeve runs along the left border and is bitten there; return matte and picture."""
    alpha = person()
    alpha[260:, :60] = 1
    rgb = np.where(alpha[..., None] > 0, COAT, WALL).astype(np.uint8)
    alpha[top : top + height, :depth] = 0.3
    rgb[top : top + height, :depth] = colour
    return alpha, rgb


def silhouette() -> np.ndarray:
    """Return the person mask without the bite."""
    alpha = person()
    alpha[260:, :60] = 1
    return alpha


def test_a_bite_that_the_silhouette_has_too_is_a_gap():
    alpha, rgb = at_the_border(300, 30, 20, COAT)
    assert np.array_equal(fill_bites(alpha, alpha, rgb), alpha)


def test_a_bite_out_of_a_sleeve_is_filled():
    alpha, rgb = at_the_border(300, 30, 20, COAT)
    assert fill_bites(alpha, silhouette(), rgb)[260:, :60].min() == 1


def test_a_bite_at_the_lower_border_is_filled_unless_it_shows_the_wall():
    for colour, filled_up in ((COAT, True), (WALL, False)):
        alpha, rgb = at_the_border(0, 0, 0, COAT)
        alpha[385:, 140:160], rgb[385:, 140:160] = 0.3, colour
        assert (fill_bites(alpha, silhouette(), rgb)[385:, 140:160].min() == 1) == filled_up


@pytest.mark.parametrize(
    ("top", "height", "depth", "colour"),
    [(300, 30, 20, WALL), (300, 60, 20, COAT), (255, 30, 20, COAT), (300, 30, 200, COAT)],
    ids=["shows the wall", "is long", "is open above", "crosses the person"],
)
def test_what_is_no_bite_stays(top, height, depth, colour):
    alpha, rgb = at_the_border(top, height, depth, colour)
    if depth > 100:
        alpha[:300, 150:155] = 0.3
    assert np.array_equal(fill_bites(alpha, silhouette(), rgb), alpha)
