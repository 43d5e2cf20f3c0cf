"""Find faces: in every orientation, small, near an edge, several, none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from idphoto import faces
from idphoto.portrait import Face, Point
from tests.busy_scenes import draw_background
from tests.locations import PORTRAITS, SHARED

Rgb = NDArray[np.uint8]

ALL = ("eye_left", "eye_right", "chin", "mouth")
EYES = ("eye_left", "eye_right")


@lru_cache(maxsize=32)
def load(path: Path) -> Rgb:
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.fixture(scope="module")
def astronaut(sample: Path) -> Rgb:
    return load(sample)


@pytest.fixture(scope="module")
def upright(astronaut: Rgb) -> Face:
    """Return the face of the unchanged sample; all others are compared with it."""
    return only(astronaut)


def only(rgb: Rgb) -> Face:
    found = faces.find_faces(rgb)
    assert len(found) == 1
    return found[0]


def quarter_turned(point: Point, width: int, height: int, quarters: int) -> Point:
    """Return the place of a point after counter-clockwise quarter turns, as numpy makes them."""
    for _ in range(quarters):
        point, (width, height) = Point(point.y, width - 1 - point.x), (height, width)
    return point


def rotated(rgb: Rgb, degrees: float) -> Rgb:
    """Rotate a picture clockwise about its middle, on a canvas that holds all of it."""
    height, width = rgb.shape[:2]
    side = int(np.hypot(height, width))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    return cv2.warpAffine(rgb, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def shrunk(rgb: Rgb, zoom: float) -> Rgb:
    return cv2.resize(rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)


def off(face: Face, truth: dict[str, Point], unit: float) -> float:
    """Return the largest distance of a point from its true place, in eye distances."""
    return max(float(np.hypot(*np.subtract(getattr(face, name), place))) for name, place in truth.items()) / unit


def angle(degrees: float) -> float:
    return abs((degrees + 180) % 360 - 180)


# --- whichever way up


def check_quarter_turns(rgb: Rgb) -> None:
    height, width = rgb.shape[:2]
    face = only(rgb)
    for quarters in (1, 2, 3):
        turned = only(np.ascontiguousarray(np.rot90(rgb, quarters)))
        assert angle(turned.roll + 90 * quarters - face.roll) < 1
        truth = {name: quarter_turned(getattr(face, name), width, height, quarters) for name in EYES}
        assert off(turned, truth, face.eye_distance) < 0.02
        chin = {"chin": quarter_turned(face.chin, width, height, quarters)}
        assert off(turned, chin, face.eye_distance) < 0.05


def test_the_sample_is_found_in_all_four_quarter_turns(astronaut: Rgb) -> None:
    check_quarter_turns(astronaut)


def test_portraits_are_found_in_all_four_quarter_turns(portraits: list[Path]) -> None:
    # An upside-down face passes for an upright one more often than one thinks.
    for path in portraits[::2]:
        check_quarter_turns(load(path))


# Of 488 portraits, these come nearest to being mistaken.
@pytest.mark.parametrize(
    ("path", "degrees"),
    [
        pytest.param(PORTRAITS / "G000559.jpg", 30, id="G000559"),
        pytest.param(SHARED / "portraits/scenes/021146.jpg", 0, id="021146"),
        pytest.param(SHARED / "portraits/scenes/021967.jpg", 45, id="021967"),
    ],
)
def test_tilted_heads_are_neither_taken_for_upright_nor_for_upside_down_ones(path: Path, degrees: float) -> None:
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    roll = only(load(path)).roll
    for quarters in range(4):
        tilted = rotated(load(path), degrees) if degrees else load(path)
        picture = np.ascontiguousarray(np.rot90(tilted, quarters))
        assert angle(only(picture).roll + 90 * quarters - roll - degrees) < 2


@pytest.mark.parametrize("degrees", [5, -5, 15, -15, 30, -30, 45, -75, 120])
def test_the_roll_of_the_sample_turns_with_the_picture(astronaut: Rgb, upright: Face, degrees: float) -> None:
    assert angle(only(rotated(astronaut, degrees)).roll - upright.roll - degrees) < 0.5


def test_the_roll_of_portraits_turns_with_the_picture(portraits: list[Path]) -> None:
    errors = []
    for path in portraits[::3]:
        rgb = load(path)
        roll = only(rgb).roll
        errors += [angle(only(rotated(rgb, degrees)).roll - roll - degrees) for degrees in (5, -15, 30)]
    assert np.median(errors) < 0.3
    assert np.quantile(errors, 0.9) < 0.7
    assert max(errors) < 1


def check_mirror(rgb: Rgb) -> None:
    width = rgb.shape[1]
    face, mirrored = only(rgb), only(np.ascontiguousarray(rgb[:, ::-1]))

    def other(name: str) -> Point:
        return Point(width - 1 - getattr(face, name).x, getattr(face, name).y)

    eyes = {"eye_left": other("eye_right"), "eye_right": other("eye_left")}
    assert off(mirrored, eyes, face.eye_distance) < 0.03
    assert off(mirrored, {"chin": other("chin"), "mouth": other("mouth")}, face.eye_distance) < 0.08
    assert mirrored.roll == pytest.approx(-face.roll, abs=1)
    assert mirrored.yaw == pytest.approx(-face.yaw, abs=5)
    assert mirrored.pitch == pytest.approx(face.pitch, abs=3)
    assert mirrored.cheeks[0].x == pytest.approx(width - 1 - face.cheeks[1].x, abs=0.15 * face.eye_distance)


def test_a_mirrored_sample_has_mirrored_points(astronaut: Rgb) -> None:
    check_mirror(astronaut)


def test_mirrored_portraits_have_mirrored_points(portraits: list[Path]) -> None:
    for path in portraits[::2]:
        check_mirror(load(path))


# --- what a face is made of


def test_the_parts_of_a_face_lie_where_they_belong(astronaut: Rgb, upright: Face) -> None:
    face = upright
    assert face.mesh is not None
    assert (face.mesh.shape, face.mesh.dtype) == ((478, 3), np.float32)
    assert 0.8 < face.score <= 1
    assert face.cheeks[0].x < face.eye_left.x < face.mouth.x < face.eye_right.x < face.cheeks[1].x
    assert face.hairline.y < face.eyes.y < face.mouth.y < face.chin.y
    box = face.box
    for name in ALL:
        x, y = getattr(face, name)
        assert box.x <= x <= box.x + box.width
        assert box.y <= y <= box.y + box.height
    # Measured by hand on the picture: the pupils, and the lowest point of the chin.
    assert off(face, {"eye_left": Point(204.5, 101), "eye_right": Point(246, 104)}, face.eye_distance) < 0.06
    assert face.chin.y == pytest.approx(178, abs=4)
    # The nose points towards the camera.
    assert face.mesh[1, 2] < face.mesh[[234, 454], 2].min()


# --- small, cut, and near the edge


def pasted(rgb: Rgb, zoom: float, place: str, width: int = 1200, height: int = 900) -> tuple[Rgb, tuple[int, int]]:
    """Place the reduced picture on a large even canvas; return that and the place of its corner."""
    small = shrunk(rgb, zoom)
    rows, columns = small.shape[:2]
    left, top = {
        "middle": ((width - columns) // 2, (height - rows) // 2),
        "aside": (width // 7, height // 3 - rows // 4),
        "corner": (width - columns, height - rows),
    }[place]
    canvas = np.full((height, width, 3), (180, 190, 200), dtype=np.uint8)
    canvas[top : top + rows, left : left + columns] = small
    return canvas, (left, top)


def moved(face: Face, zoom: float, corner: tuple[int, int], names: tuple[str, ...]) -> dict[str, Point]:
    return {
        name: Point(*((np.array(getattr(face, name)) + 0.5) * zoom - 0.5 + np.array(corner, dtype=float)))
        for name in names
    }


@pytest.mark.parametrize("place", ["middle", "aside", "corner"])
@pytest.mark.parametrize("share", [5, 8, 12, 16, 20])
def test_the_sample_is_found_small_in_a_large_picture(astronaut: Rgb, upright: Face, share: int, place: str) -> None:
    zoom = min(1.0, 1200 / share / upright.box.width)
    canvas, corner = pasted(astronaut, zoom, place)
    face = only(canvas)
    assert off(face, moved(upright, zoom, corner, EYES), upright.eye_distance * zoom) < 0.05
    assert angle(face.roll - upright.roll) < 2


def test_portraits_are_found_with_a_face_a_twelfth_as_wide_as_the_picture(portraits: list[Path]) -> None:
    for path in portraits[::2]:
        rgb = load(path)
        face = only(rgb)
        zoom = 1200 / 12 / face.box.width
        canvas, corner = pasted(rgb, zoom, "aside")
        assert off(only(canvas), moved(face, zoom, corner, EYES), face.eye_distance * zoom) < 0.05


@pytest.mark.parametrize("sides", ["left", "top", "right", "bottom", "left top right bottom"])
def test_a_face_may_touch_the_edges_of_the_picture(astronaut: Rgb, upright: Face, sides: str) -> None:
    height, width = astronaut.shape[:2]
    box = upright.box
    left, top = int(box.x) * ("left" in sides), int(box.y) * ("top" in sides)
    right = int(box.x + box.width) + 1 if "right" in sides else width
    bottom = int(upright.chin.y) + 2 if "bottom" in sides else height
    face = only(np.ascontiguousarray(astronaut[top:bottom, left:right]))
    truth = moved(upright, 1.0, (-left, -top), ALL)
    assert off(face, {name: truth[name] for name in EYES}, upright.eye_distance) < 0.03
    assert off(face, truth, upright.eye_distance) < 0.08


def test_a_face_is_found_when_half_its_chin_is_cut(astronaut: Rgb, upright: Face, portraits: list[Path]) -> None:
    for rgb in (astronaut, *(load(path) for path in portraits[::2])):
        whole = only(rgb)
        face = only(np.ascontiguousarray(rgb[: int((whole.chin.y + whole.mouth.y) / 2)]))
        assert off(face, {name: getattr(whole, name) for name in EYES}, whole.eye_distance) < 0.03


# --- several, none


def test_two_people_are_two_faces_the_larger_first(astronaut: Rgb, upright: Face) -> None:
    small = shrunk(np.ascontiguousarray(astronaut[:, ::-1]), 0.85)
    beside = np.full((astronaut.shape[0], small.shape[1], 3), 200, dtype=np.uint8)
    beside[: small.shape[0]] = small
    for picture, shift in ((np.hstack([astronaut, beside]), 0), (np.hstack([beside, astronaut]), small.shape[1])):
        found = faces.find_faces(picture)
        assert len(found) == 2
        assert found[0].box.height > 1.1 * found[1].box.height
        assert off(found[0], moved(upright, 1.0, (shift, 0), EYES), upright.eye_distance) < 0.03


def test_everybody_in_a_row_is_found(portraits: list[Path], astronaut: Rgb) -> None:
    people = [shrunk(rgb, 400 / rgb.shape[0]) for rgb in (astronaut, *(load(path) for path in portraits))]
    for count in (2, 3):
        for start in range(0, len(people) - count, 4):
            row = people[start : start + count]
            found = faces.find_faces(np.hstack(row))
            assert len(found) == count
            heights = [face.box.height for face in found]
            assert heights == sorted(heights, reverse=True)
            edges = np.cumsum([0, *(one.shape[1] for one in row)])
            places = sorted(face.eyes.x for face in found)
            for place, left, right in zip(places, edges[:-1], edges[1:], strict=True):
                assert left < place < right


def test_nobody_is_found_where_nobody_is() -> None:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:480, :400]
    pictures = {
        "noise": rng.integers(0, 256, (480, 400, 3)),
        "flat": np.full((480, 400, 3), 128),
        "gradient": np.dstack([x * 255 // 400, y * 255 // 480, x * 0 + 90]),
        "stripes": np.dstack([(x // 20 % 2) * 255] * 3),
        "tiny": np.full((32, 32, 3), 128),
    }
    for name, picture in pictures.items():
        assert faces.find_faces(picture.astype(np.uint8)) == [], name


@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_found_in_an_empty_office(seed: int) -> None:
    assert faces.find_faces(draw_background(480, 600, seed)) == []


def test_nobody_is_found_in_landscapes(shared: Path) -> None:
    for path in sorted((shared / "backgrounds/photos").glob("*.jpg"))[::3]:
        assert faces.find_faces(load(path)) == [], path.name


def test_the_picture_is_left_as_it_was(astronaut: Rgb) -> None:
    picture = np.ascontiguousarray(np.rot90(astronaut))
    before = picture.copy()
    picture.flags.writeable = False  # as decoded pixels are
    assert only(picture).roll == only(before).roll
    assert np.array_equal(picture, before)
