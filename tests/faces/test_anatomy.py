"""Estimate the pose of a head and the height of its skull from the landmarks of its face."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from idphoto.faces.anatomy import Pose, estimate_skull_height, fit_rotation, load_anatomy, measure_pose

Floats = NDArray[np.float64]

angles = st.floats(-30, 30)


def about(axis: str, degrees: float) -> Floats:
    """Return the rotation about an axis in the space of the picture: x right, y down, z away from the camera."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array(
        {
            "roll": [[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]],  # what was at the right goes down
            "yaw": [[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]],  # the nose, at -z, goes to the right
            "pitch": [[1, 0, 0], [0, cos, sin], [0, -sin, cos]],  # the nose goes up
        }[axis]
    )


def mesh(turn: Floats, size: float = 80, centre: tuple[float, float, float] = (200, 150, 0)) -> NDArray[np.float32]:
    """Return the landmarks of the mean face, rotated; landmarks that are not used get random places."""
    figures = load_anatomy()
    points = np.random.default_rng(0).uniform(0, 400, (478, 3))
    points[figures.indices] = size * figures.shape @ turn.T + centre
    return points.astype(np.float32)


def head(*, size: float = 80, pitch: float = 0) -> Pose:
    return Pose(roll=0, yaw=0, pitch=pitch, size=size)


def test_the_rotations_of_this_test_are_the_ones_in_the_documentation() -> None:
    nose, right = np.array([0, 0, -1.0]), np.array([1.0, 0, 0])
    assert (about("yaw", 20) @ nose)[0] > 0
    assert (about("pitch", 20) @ nose)[1] < 0
    assert (about("roll", 20) @ right)[1] > 0


def test_the_mean_face_is_centred_and_of_size_one() -> None:
    figures = load_anatomy()
    assert figures.shape.shape == (len(figures.indices), 3)
    assert len(set(figures.indices.tolist())) == len(figures.indices)
    np.testing.assert_allclose(figures.shape.mean(axis=0), 0, atol=1e-3)
    assert np.sqrt((figures.shape**2).sum(axis=1).mean()) == pytest.approx(1, abs=1e-3)


@given(angles, angles, angles)
def test_the_angles_of_a_turned_head_come_back(roll: float, yaw: float, pitch: float) -> None:
    found = measure_pose(mesh(about("roll", roll) @ about("yaw", yaw) @ about("pitch", pitch)))
    assert found.roll == pytest.approx(roll, abs=0.5)
    assert found.yaw == pytest.approx(yaw, abs=0.5)
    assert found.pitch == pytest.approx(pitch, abs=0.5)


@pytest.mark.parametrize("angle", ["roll", "yaw", "pitch"])
@pytest.mark.parametrize("degrees", [-30, -5, 5, 30])
def test_one_turn_is_seen_as_one_turn(angle: str, degrees: float) -> None:
    found = measure_pose(mesh(about(angle, degrees)))._asdict()
    for name in ("roll", "yaw", "pitch"):
        assert found[name] == pytest.approx(degrees if name == angle else 0, abs=0.1)


@given(angles, angles, angles, st.floats(5, 2000), st.tuples(*[st.floats(-3000, 3000)] * 3))
def test_size_and_place_do_not_matter(
    roll: float, yaw: float, pitch: float, size: float, centre: tuple[float, float, float]
) -> None:
    turn = about("roll", roll) @ about("yaw", yaw) @ about("pitch", pitch)
    found, moved = measure_pose(mesh(turn)), measure_pose(mesh(turn, size, centre))
    # Far from the origin, float32 leaves three thousandths of a pixel to a face of five.
    assert moved[:3] == pytest.approx(found[:3], abs=0.1)
    assert moved.size == pytest.approx(size, rel=1e-3)


@given(st.integers(0, 999))
def test_landmarks_that_err_a_little_turn_the_head_a_little(seed: int) -> None:
    points = mesh(about("yaw", 10) @ about("pitch", -5))
    # A fiftieth of the size is two millimetres on a grown head.
    points += np.random.default_rng(seed).normal(0, 80 / 50, points.shape).astype(np.float32)
    found = measure_pose(points)
    assert (found.roll, found.yaw, found.pitch) == pytest.approx((0, 10, -5), abs=2)


@given(angles, angles, angles)
def test_the_rotation_is_one(roll: float, yaw: float, pitch: float) -> None:
    turn = about("roll", roll) @ about("yaw", yaw) @ about("pitch", pitch)
    found, size = fit_rotation(load_anatomy().shape, 7 * load_anatomy().shape @ turn.T + 3)
    np.testing.assert_allclose(found, turn, atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(found), 1)
    assert size == pytest.approx(7, rel=1e-3)


def test_a_mirrored_face_is_never_matched_by_a_mirror() -> None:
    found, _ = fit_rotation(load_anatomy().shape, load_anatomy().shape * (1, 1, -1))
    assert np.linalg.det(found) == pytest.approx(1)


# --- the skull


@given(st.floats(1, 2000), st.floats(1.001, 10), angles)
def test_a_larger_face_has_a_larger_skull(size: float, factor: float, pitch: float) -> None:
    small, small_sd = estimate_skull_height(head(size=size, pitch=pitch))
    large, large_sd = estimate_skull_height(head(size=size * factor, pitch=pitch))
    assert 0 < small_sd < small
    assert (large, large_sd) == pytest.approx((small * factor, small_sd * factor))


@given(st.floats(15, 90))
def test_beyond_what_was_measured_the_correction_stays(pitch: float) -> None:
    assert estimate_skull_height(head(pitch=pitch)) == estimate_skull_height(head(pitch=15))
    assert estimate_skull_height(head(pitch=-pitch)) == estimate_skull_height(head(pitch=-15))


@given(st.floats(-15, 15), st.floats(-15, 15))
def test_between_the_correction_goes_by_degrees(first: float, second: float) -> None:
    level, slope = load_anatomy().skull
    difference = (
        estimate_skull_height(head(size=1, pitch=first))[0] - estimate_skull_height(head(size=1, pitch=second))[0]
    )
    assert difference == pytest.approx(slope * (first - second), abs=1e-9)
    assert estimate_skull_height(head(size=1))[0] == pytest.approx(level)
    assert slope != 0


def test_the_eyes_are_about_half_way_up_the_head() -> None:
    # The mean distance from the eyes to the chin is 1.97 of the same unit.
    skull, sd = estimate_skull_height(head(size=1))
    assert 0.46 < 1.97 / (1.97 + skull) < 0.54
    assert sd < 0.1 * (1.97 + skull)
