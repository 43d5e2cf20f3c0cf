"""Colours give lower and upper bounds of alpha; bounding brings alpha nearer to the truth."""

import numpy as np
import pytest

from idphoto.colour import composite, to_linear, to_srgb
from idphoto.matting.bounds import limit_alpha, measure_doubt
from idphoto.matting.foreground import estimate_foreground

HEIGHT, WIDTH = 400, 320


def scene(wall: tuple[int, int, int], hair: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw a person whose edge is 12 pixels wide; return the picture and the true alpha."""
    across = np.clip((np.arange(WIDTH) - 150) / 12, 0, 1).astype(np.float32)
    alpha = np.broadcast_to(across, (HEIGHT, WIDTH)).copy()
    light = [to_linear(np.array([[colour]], np.uint8)) for colour in (wall, hair)]
    return to_srgb(light[0] * (1 - alpha[..., None]) + light[1] * alpha[..., None]), alpha


@pytest.mark.parametrize("hair", [(20, 15, 12), (70, 50, 40), (160, 150, 140), (250, 245, 240)])
@pytest.mark.parametrize("wall", [(70, 90, 205), (240, 240, 240), (30, 30, 30), (120, 160, 130)])
def test_never_away_from_the_truth(wall, hair):
    rgb, truth = scene(wall, hair)
    for given in (truth, truth * 0.5, np.sqrt(truth)):
        result = limit_alpha(rgb, given)
        assert (result <= np.maximum(given, truth) + 0.03).all()
        assert (result >= np.minimum(given, truth) - 0.03).all()


@pytest.mark.parametrize(("wall", "hair"), [((70, 90, 205), (20, 15, 12)), ((25, 25, 30), (250, 245, 240))])
def test_black_and_white_hair_gets_all_of_its_alpha_back(wall, hair):
    rgb, truth = scene(wall, hair)
    given = np.where(truth < 1, truth * np.float32(0.6), 1).astype(np.float32)
    near = (truth > 0.4) & (truth < 1)
    assert np.abs(given - truth)[near].mean() > 0.25
    assert np.abs(limit_alpha(rgb, given) - truth)[near].mean() < 0.08


@pytest.mark.parametrize("wall", [(70, 90, 205), (190, 40, 40), (30, 150, 60)], ids=["blue", "red", "green"])
def test_what_has_nothing_of_the_walls_hue_is_no_wall(wall):
    """Grey cloth is opaque in front of a coloured background. In front of a grey one, nothing is certain."""
    for behind, opaque in ((wall, True), ((130, 130, 130), False)):
        rgb, truth = scene(behind, (128, 128, 128))
        given = truth.copy()
        given[250:, 162:190] = 0.5
        result = limit_alpha(rgb, given)
        assert result[260:, 174:188].min() > 0.95 if opaque else result[260:, 174:188].max() < 0.55
        assert not result[truth == 0].any()


def test_hues_that_jpeg_may_have_smeared_count_for_less():
    """A grey seam between blue and black may be background whose hue JPEG smeared; a grey patch is not."""
    rgb, truth = scene((70, 90, 205), (20, 15, 12))
    given = np.where(truth > 0.5, 1, 0).astype(np.float32)
    first = int(given[0].argmax())
    rgb[...] = np.where(given[..., None] > 0, (20, 15, 12), (70, 90, 205))
    rgb[:200, first - 1] = rgb[200:, first - 8 : first] = 122
    given[:200, first - 1] = given[200:, first - 8 : first] = 0.3
    result = limit_alpha(rgb, given)
    assert result[220:380, first - 6 : first - 2].min() > 0.95
    assert result[20:180, first - 1].max() < 0.75


def test_the_wall_is_known_behind_the_person_where_all_of_it_is_plain():
    """Black hair is opaque far from visible background, but only if all of the background is plain."""
    for patterned in (False, True):
        rgb, truth = scene((200, 205, 215), (20, 15, 12))
        given = truth.copy()
        given[150:250, 184:188] = 0.6
        if patterned:
            rgb[::8, :60] = 90
        raised = limit_alpha(rgb, given)[160:240, 184:188]
        assert raised.max() < 0.65 if patterned else raised.min() > 0.9


@pytest.mark.parametrize("wall", [(70, 90, 205), (190, 40, 40), (30, 150, 60)], ids=["blue", "red", "green"])
def test_a_coloured_wall_is_let_through_between_curls(wall):
    """A gap near the outline shows the background; a shaded gap only where alpha is in doubt. Hair around it stays."""
    rgb, truth = scene(wall, (30, 24, 20))
    gap, shaded = (slice(100, 104), slice(160, 164)), (slice(200, 204), slice(160, 164))
    rgb[gap], rgb[shaded] = wall, np.array(wall) * 0.6
    result = limit_alpha(rgb, truth)
    assert result[gap].max() < 0.05
    assert result[shaded][:, 2:].min() == 1
    assert result[250:, 170:].min() == 1
    truth[shaded] = 0.95
    assert limit_alpha(rgb, truth)[shaded].max() < 0.85


@pytest.mark.parametrize("shade", [1, 0.7])
def test_pockets_deep_within_hair_lose_the_walls_hue_where_the_network_doubts(shade):
    """They stay nearly opaque. If the network is certain, they may be a badge, and nothing changes."""
    wall = (70, 90, 205)
    rgb, truth = scene(wall, (30, 24, 20))
    pocket = slice(100, 106), slice(196, 202)
    rgb[pocket] = np.array(wall) * shade
    raw = truth.copy()
    assert limit_alpha(rgb, truth, measure_doubt(raw))[pocket].min() == 1
    raw[pocket] = 0.85
    result = limit_alpha(rgb, truth, measure_doubt(raw))
    assert 0.995 < result[pocket].min() <= result[pocket].max() < 0.998
    shown = estimate_foreground(rgb, result)
    assert np.ptp(shown[pocket].astype(int), axis=-1).max() < 0.2 * np.ptp(rgb[pocket].astype(int), axis=-1).min()
    around = np.ones(truth.shape, bool)
    around[pocket], around[:, :175] = False, False
    assert result[around].min() > 0.995
    assert np.abs(shown[around].astype(int) - rgb[around]).max() <= 4


def test_turquoise_is_not_the_walls_blue():
    rgb, truth = scene((70, 90, 205), (30, 24, 20))
    stone = slice(100, 106), slice(196, 202)
    rgb[stone] = (20, 160, 170)
    raw = truth.copy()
    raw[stone] = 0.85
    assert limit_alpha(rgb, truth, measure_doubt(raw))[stone].min() == 1


@pytest.mark.parametrize(("size", "closed"), [(4, True), (12, False)])
def test_holes_of_a_few_pixels_are_closed_before_coloured_walls(size, closed):
    for wall, plain in (((70, 90, 205), True), ((130, 130, 130), False)):
        rgb, truth = scene(wall, (30, 24, 20))
        hole = slice(100, 100 + size), slice(180, 180 + size)
        rgb[hole], truth[hole] = wall, 0.1
        result = limit_alpha(rgb, truth)[hole]
        assert result.min() > 0.99 if closed and plain else result.max() < 0.2


def test_doubts_are_what_the_network_lacks_of_certainty():
    alpha = np.ones((400, 320), np.float32)
    alpha[200:204, 160:164] = 0.8
    found = measure_doubt(alpha)
    assert found.shape == (200, 160)
    assert found[100:102, 80:82] == pytest.approx(0.2)
    found[100:102, 80:82] = 0
    assert not found.any()


@pytest.mark.parametrize(("raw", "away", "kept"), [(0.9, 8, False), (0.99, 8, True), (0.9, 40, True)])
def test_what_was_filled_in_hair_is_let_through_after_all(raw, away, kept):
    """Only near the outline and where the network was in doubt: there strands let a third of the background through."""
    wall, hair = np.array((70, 90, 205)), np.array((30, 24, 20))
    rgb, truth = scene(tuple(wall), tuple(hair))
    edge = int(np.flatnonzero(truth[200] > 0.5)[0])
    pocket = slice(200, 210), slice(edge + away, edge + away + 4)
    strands = np.broadcast_to(np.uint8(hair), (10, 4, 3))
    rgb[pocket] = composite(strands, np.full((10, 4), 0.65, np.float32), np.uint8(wall))
    doubted = truth.copy()
    doubted[pocket] = raw
    result = limit_alpha(rgb, truth, measure_doubt(doubted))[202:208, edge + away + 1 : edge + away + 3]
    assert result.min() > 0.99 if kept else result.max() < 0.85


def test_grey_walls_allow_everything():
    """A pixel as grey as the background may be a collar or hair."""
    rgb, truth = scene((190, 190, 190), (30, 24, 20))
    rgb[100:104, 160:164] = 190
    assert limit_alpha(rgb, truth)[100:104, 162:164].min() == 1


def test_eyes_and_clothes_may_be_as_blue_as_the_wall():
    wall = (70, 90, 205)
    rgb, truth = scene(wall, (200, 150, 130))
    eye, suit = (slice(80, 90), slice(230, 245)), (slice(300, HEIGHT), slice(170, WIDTH))
    rgb[eye], rgb[suit] = wall, (60, 80, 190)
    result = limit_alpha(rgb, truth)
    assert result[eye].min() == 1
    assert result[suit].min() > 0.98


def test_a_patterned_wall_demands_nothing():
    rgb, truth = scene((120, 120, 120), (20, 15, 12))
    stripes = np.where(np.arange(HEIGHT) // 8 % 2, 90, -90)[:, None, None] * (1 - truth[..., None])
    rgb = np.clip(rgb + stripes, 0, 255).astype(np.uint8)
    assert np.array_equal(limit_alpha(rgb, truth * 0.6), truth * 0.6)


@pytest.mark.parametrize("value", [0, 1, 0.5])
def test_flat_mattes_stay(value):
    rgb, _ = scene((70, 90, 205), (20, 15, 12))
    alpha = np.full((HEIGHT, WIDTH), value, np.float32)
    assert np.array_equal(limit_alpha(rgb, alpha), alpha)


def test_nothing_grows_where_there_was_nobody():
    rgb, truth = scene((240, 240, 240), (20, 15, 12))
    given = np.where(truth > 0.5, truth, 0).astype(np.float32)
    assert not limit_alpha(rgb, given)[given == 0].any()


def test_large_pictures_are_judged_as_small_ones():
    small, truth = scene((70, 90, 205), (20, 15, 12))
    low = np.where(truth < 1, truth * np.float32(0.6), 1).astype(np.float32)
    rgb, given = (np.repeat(np.repeat(layer, 4, 0), 4, 1) for layer in (small, low))
    assert np.abs(limit_alpha(rgb, given)[2::4, 2::4] - limit_alpha(small, low)).max() < 0.03


def test_temples_of_glasses_beside_skin_stay():
    """A thin blue strip in doubt belongs to the person beside skin, and to the background beside hair."""
    for person, kept in (((210, 160, 140), True), ((30, 24, 20), False)):
        rgb, truth = scene((70, 90, 205), person)
        strip = slice(100, 104), slice(160, 172)
        rgb[strip] = (45, 55, 115)
        truth[strip] = 0.95
        left = limit_alpha(rgb, truth)[strip].min()
        assert left > 0.93 if kept else left < 0.9
