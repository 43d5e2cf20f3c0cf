"""Compute the crop of a head: properties over heads, rotations and documents."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idphoto.geometry import choose_output_size, collect_crop_limits, compute_head_frame, measure_head, solve_crop
from idphoto.portrait import Box, Face, Head, PersonMask, Point, View
from idphoto.spec import Spec, Submission, all_specs, load_spec
from idphoto.units import Size

CROPPED = [spec for spec in all_specs() if spec.submit in (Submission.PRINT, Submission.UPLOAD)]
SIX = ("us-visa-digital", "schengen-visa", "uk-passport-print", "nl-passport", "ca-passport", "cn-visa-print")


def head(
    chin: float = 200.0,
    *,
    skull: float = 0.93,
    hair: float = 1.0,
    eyes: tuple[float, float] = (2000.0, 2000.0),
    roll=0.0,
) -> Head:
    """Make an average adult head; `skull` and `hair` are heights above the eyes as shares of `chin`."""
    angle = math.radians(roll)
    return Head(
        axis=(math.sin(angle), -math.cos(angle)),
        eyes=Point(*eyes),
        chin=chin,
        skull=skull * chin,
        skull_sd=0.05 * chin,
        hair=max(hair, skull) * chin,
        hair_cut=False,
        hairline=0.46 * chin,
        left=0.61 * chin,
        right=0.61 * chin,
        eye_distance=0.53 * chin,
    )


def place(view: View, person: Head, along: float, across: float = 0.0) -> Point:
    """Return the place of a point of the head in the output: `along` up its axis, `across` to the right of it."""
    up = person.axis
    right = (-up[1], up[0])
    return view.point(
        (person.eyes.x + along * up[0] + across * right[0], person.eyes.y + along * up[1] + across * right[1])
    )


def quantities(view: View, person: Head, crown: str) -> dict[str, float]:
    """Measure every quantity that documents bound on the crop, in pixels."""
    eyes, chin = place(view, person, 0), place(view, person, -person.chin)
    top = place(view, person, person.crown(crown))
    left, right = place(view, person, 0, -person.left), place(view, person, 0, person.right)
    return {
        "head_height": chin.y - top.y,
        "eye_line": view.size.height - 0.5 - eyes.y,
        "top_margin": top.y + 0.5,
        "chin_margin": view.size.height - 0.5 - chin.y,
        "face_width": right.x - left.x,
        "centre": eyes.x - (view.size.width - 1) / 2,
        "eye_distance": person.eye_distance * view.scale,
        "chin_to_eyes": chin.y - eyes.y,
    }


def crop(spec: Spec, person: Head, source: Size, roll: float = 0.0, **more) -> View:
    size, dpi = choose_output_size(spec, person.height(spec.crown))
    return solve_crop(person, collect_crop_limits(spec, size, dpi), source, roll, dpi=dpi, **more)


@pytest.mark.parametrize("spec", CROPPED, ids=lambda spec: spec.id)
def test_a_crop_of_an_average_head_keeps_every_rule(spec):
    person = head()
    view = crop(spec, person, Size(4000, 4000))
    assert view.missing == (0, 0, 0, 0)
    for rule in collect_crop_limits(spec, view.size, view.dpi).rules:
        if rule.tier == 0:
            value = quantities(view, person, rule.crown)[rule.quantity]
            assert rule.low - 0.01 <= value <= rule.high + 0.01, rule


@given(
    name=st.sampled_from(SIX),
    chin=st.floats(60, 400),
    skull=st.floats(0.8, 1.15),
    extra=st.floats(0, 0.15),
    roll=st.floats(-40, 40),
)
def test_any_head_at_any_roll_stands_upright_in_the_middle_and_within_the_bands(name, chin, skull, extra, roll):
    spec = load_spec(name)
    person = head(chin, skull=skull, hair=skull + extra, roll=roll)
    view = crop(spec, person, Size(4000, 4000), roll)
    values = quantities(view, person, spec.crown)
    assert view.roll == pytest.approx(-roll, abs=1e-6)
    assert values["centre"] == pytest.approx(0, abs=0.02 * view.size.width)
    for quantity in ("head_height", "eye_line", "top_margin"):
        if getattr(spec, quantity) is not None and quantity not in spec.inherited:
            rule = next(rule for rule in collect_crop_limits(spec, view.size, view.dpi).on(quantity) if rule.tier == 0)
            assert rule.low - 0.01 <= values[quantity] <= rule.high + 0.01
    assert view.missing == (0, 0, 0, 0)


@given(
    name=st.sampled_from(SIX),
    width=st.integers(400, 3000),
    height=st.integers(400, 3000),
    x=st.floats(0.3, 0.7),
    y=st.floats(0.3, 0.6),
    roll=st.floats(-10, 10),
)
def test_what_is_said_to_be_missing_is_what_lies_outside_the_source(name, width, height, x, y, roll):
    spec = load_spec(name)
    person = head(0.12 * height, eyes=(x * width, y * height), roll=roll)
    view = crop(spec, person, Size(width, height), roll)
    inverse = np.linalg.inv(view.matrix)
    corners = np.array([(-0.5, -0.5), (view.size.width - 0.5, -0.5), (-0.5, view.size.height - 0.5), view.size]) - (
        (0, 0),
        (0, 0),
        (0, 0),
        (0.5, 0.5),
    )
    inside = True
    for corner in corners:
        column, row, _ = inverse @ (*corner, 1.0)
        inside &= -0.6 <= column <= width - 0.4 and -0.6 <= row <= height - 0.4
    if inside:
        assert max(view.missing) <= 0.7
    if max(view.missing) == 0:
        assert inside


def test_missing_room_is_told_by_side_and_amount():
    spec = load_spec("schengen-visa")
    person = head(200, eyes=(1000.0, 100.0))
    view = crop(spec, person, Size(2000, 2000))
    left, top, right, bottom = view.missing
    assert (left, right, bottom) == (0, 0, 0)
    # The edge of the source is 100.5 px above the eyes.
    assert top == pytest.approx(place(view, person, 100.5).y + 0.5, abs=0.05)


def test_room_is_used_before_it_is_missed():
    """A tight source gets the largest head that the document allows, not the middle of the band."""
    spec = load_spec("uk-passport-print")
    person = head(200, eyes=(300.0, 300.0))
    # Room for a head of 33 mm but not of the 31.5 mm in the middle of the band.
    tight = Size(600, round(45 / 33.2 * person.height()))
    person = replace(person, eyes=Point(300.0, tight.height * 0.45))
    view = crop(spec, person, tight)
    assert max(view.missing) == 0
    assert quantities(view, person, "skull")["head_height"] / view.size.height * 45 > 32.5


def test_open_sides_need_no_room():
    spec = load_spec("cn-visa-print")
    person = head(200, eyes=(1000.0, 200.0))
    closed = crop(spec, person, Size(2000, 2000))
    opened = crop(spec, person, Size(2000, 2000), open_sides=["top"])
    assert closed.missing[1] > 0
    wide = crop(spec, head(200, eyes=(1000.0, 1000.0)), Size(2000, 2000))
    # With the top open, the crop is the one that a larger source would get.
    assert opened.scale == pytest.approx(wide.scale, rel=1e-3)


@given(extra=st.floats(0.0, 1.5))
def test_big_hair_does_not_shrink_the_face_below_the_band(extra):
    """An afro or a turban counts for documents that measure to the hair, but the skull still fills the band."""
    spec = load_spec("us-passport")
    person = head(200, hair=0.93 + extra)
    view = crop(spec, person, Size(4000, 4000))
    rules = {rule.tier: rule for rule in collect_crop_limits(spec, view.size, view.dpi).on("head_height")}
    # All the hair in the band at most; short of that, the skull fills the band.
    largest = rules[0].high / person.height("hair") * person.height()
    assert quantities(view, person, "skull")["head_height"] >= min(rules[2].low, largest) - 0.5


def test_hair_is_kept_inside_the_frame_where_the_bands_allow():
    spec = load_spec("schengen-visa")
    person = head(200, hair=1.2)
    view = crop(spec, person, Size(4000, 4000))
    assert place(view, person, person.hair).y > 0


@given(height=st.floats(20, 5000))
@pytest.mark.parametrize("spec", [spec for spec in CROPPED if spec.pixels is not None], ids=lambda spec: spec.id)
def test_pixels_are_always_what_the_document_allows(spec, height):
    size, dpi = choose_output_size(spec, height)
    assert spec.pixels.contains(size)
    if spec.aspect is not None:
        assert abs(size.width - size.height * spec.aspect.value) <= 1
    if spec.size is not None:
        assert dpi == pytest.approx(size.height / spec.size.mm[1] * 25.4)


@pytest.mark.parametrize("spec", [spec for spec in CROPPED if spec.pixels is None], ids=lambda spec: spec.id)
def test_paper_sizes_become_pixels_at_the_dpi_wanted(spec):
    width, height = spec.size.mm
    for wanted in (None, 400.0):
        size, dpi = choose_output_size(spec, 500, wanted)
        assert spec.dpi is None or spec.dpi.contains(dpi)
        assert size.width == pytest.approx(width / 25.4 * dpi, abs=0.5)
        assert size.height == pytest.approx(height / 25.4 * dpi, abs=0.5)


def face(eyes: tuple[float, float], size: float, roll: float) -> Face:
    """Make a face with its landmarks at the places of an adult's."""
    turn = compute_head_frame(head(eyes=eyes), roll)
    back = np.linalg.inv(turn)

    def at(x: float, y: float) -> Point:
        column, row, _ = back @ (x * size, y * size, 1.0)
        return Point(float(column), float(row))

    return Face(
        box=Box(eyes[0] - size, eyes[1] - size, 2 * size, 2 * size),
        score=1.0,
        eye_left=at(-0.27, 0),
        eye_right=at(0.27, 0),
        chin=at(0, 1),
        mouth=at(0, 0.63),
        hairline=at(0, -0.46),
        cheeks=(at(-0.6, 0.1), at(0.6, 0.1)),
        roll=roll,
        yaw=0.0,
        pitch=0.0,
    )


@given(roll=st.floats(-180, 180), hair=st.floats(0.95, 1.8), size=st.floats(40, 120))
def test_the_hair_ends_where_the_silhouette_does_whichever_way_up(roll, hair, size):
    person = face((300.0, 300.0), size, roll)
    y, x = np.mgrid[0:600, 0:600].astype(float)
    matrix = compute_head_frame(person, roll)
    across = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    down = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    # A person as wide as the face from the hair's top downwards.
    mask = ((np.abs(across) < 0.75 * size) & (down > -hair * size)).astype(np.float32)
    measured = measure_head(person, 0.93 * size, 4.0, PersonMask(mask, np.eye(3)))
    assert measured.hair == pytest.approx(hair * size, abs=1.5)
    assert measured.skull == pytest.approx(0.93 * size, abs=1.5)
    assert measured.chin == pytest.approx(size, abs=1e-3)
    assert measured.hairline == pytest.approx(0.46 * size, abs=1e-3)
    assert measured.left == pytest.approx(measured.right, abs=1e-3)
    assert not measured.hair_cut


def test_no_skull_stands_above_the_hair():
    """On a bald head, the person mask is more exact than the estimate by anatomy."""
    person = face((300.0, 300.0), 100, 0)
    mask = np.zeros((600, 600), np.float32)
    mask[220:, 200:400] = 1
    measured = measure_head(person, 93.0, 4.0, PersonMask(mask, np.eye(3)))
    assert measured.skull == pytest.approx(80, abs=1)
    assert measured.hair == pytest.approx(80, abs=1)


def test_hair_cut_off_by_the_picture_is_noticed():
    person = face((300.0, 60.0), 100, 0)
    mask = np.zeros((600, 600), np.float32)
    mask[:, 200:400] = 1
    assert measure_head(person, 93.0, 4.0, PersonMask(mask, np.eye(3))).hair_cut


def test_a_silhouette_that_misses_the_face_is_not_believed():
    person = face((300.0, 300.0), 100, 0)
    measured = measure_head(person, 93.0, 4.0, PersonMask(np.zeros((600, 600), np.float32), np.eye(3)))
    assert (measured.skull, measured.hair) == (93.0, 93.0)
