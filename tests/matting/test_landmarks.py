"""Temples of glasses stay opaque; background that is seen beside a face stays transparent."""

import cv2
import numpy as np
import pytest

import idphoto
from idphoto.faces import BACKENDS
from idphoto.matting.landmarks import make_face_opaque, make_temples_opaque
from idphoto.testing import FakeFaceDetector
from tests.busy_scenes import make_scene
from tests.locations import PORTRAITS

TEMPLES = {"C000537": (117, 81), "W000828": (163, 74), "L000266": (140, 245)}  # rows and columns of wall-blue temples


def landmarks(centre: tuple[float, float] = (150, 150), breadth: float = 160, roll: float = 0) -> np.ndarray:
    """Return the landmarks of a round face: those that the rules use, and its outline."""
    turn = np.linspace(0, 2 * np.pi, 468, endpoint=False)
    points = np.stack([np.cos(turn), np.sin(turn)], 1) * 0.5
    points[[33, 263]] = (-0.3, 0), (0.3, 0)
    points[[127, 356]] = (-0.48, 0), (0.48, 0)
    points[[234, 454]] = (-0.5, 0.05), (0.5, 0.05)
    angle = np.radians(roll)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points @ matrix.T * breadth + centre).astype(np.float32)


def head(hole: float, at: tuple[int, int] = (92, 150)) -> np.ndarray:
    """Draw the alpha of a head with a small hole of this alpha."""
    alpha = np.zeros((300, 300), np.float32)
    cv2.ellipse(alpha, (150, 150), (95, 130), 0, 0, 360, 1.0, -1)
    cv2.rectangle(alpha, (at[0] - 4, at[1] - 3), (at[0] + 4, at[1] + 3), hole, -1)
    return alpha


@pytest.mark.parametrize("roll", [-20, 0, 20])
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("hole", [0.4, 0.7, 0.996])
def test_what_is_let_through_in_part_beside_an_eye_is_closed(hole, side, roll):
    x, y = side * 58 * np.cos(np.radians(roll)), side * 58 * np.sin(np.radians(roll))
    alpha = head(hole, (round(150 + x), round(150 + y)))
    assert np.array_equal(make_temples_opaque(alpha, landmarks(roll=roll)), head(1.0))


def test_a_wall_that_is_seen_stays_open():
    alpha = head(0.0)
    assert np.array_equal(make_temples_opaque(alpha, landmarks()), alpha)


@pytest.mark.parametrize("at", [(150, 60), (150, 220), (150, 150), (92, 200)], ids=["brow", "mouth", "nose", "jaw"])
def test_elsewhere_nothing_changes(at):
    alpha = head(0.6, at)
    assert np.array_equal(make_temples_opaque(alpha, landmarks()), alpha)


@pytest.mark.parametrize("seed", range(30))
def test_alpha_never_falls_wherever_the_face_is(seed):
    rng = np.random.default_rng(seed)
    alpha = cv2.GaussianBlur(rng.random((120, 90), np.float32), (0, 0), 3)
    points = landmarks(tuple(rng.uniform(-80, 200, 2)), rng.uniform(1, 200), rng.uniform(-180, 180))
    found = make_temples_opaque(alpha, points)
    assert (found >= alpha).all()
    assert found.max() <= 1
    assert (make_face_opaque(alpha, points) >= alpha).all()


@pytest.mark.parametrize("name", TEMPLES)
def test_temples_of_the_walls_blue_stay_and_stay_blue(name):
    file = PORTRAITS / f"{name}.jpg"
    photo = idphoto.cutout(file, form="rgba")
    row, column = TEMPLES[name]
    part = np.s_[row - 1 : row + 2, column - 1 : column + 2]
    assert photo.alpha[part].min() == 1
    before = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
    assert np.abs(photo.picture[part].astype(int) - before[part]).max() <= 3


def test_a_person_whose_face_is_not_found_is_cut_out_all_the_same():
    scene, truth = make_scene("F000468")
    with BACKENDS.using({"auto": FakeFaceDetector()}):
        alpha = idphoto.cutout(scene, form="mask").alpha
    assert (alpha[truth > 0.9] > 0.5).mean() > 0.99
