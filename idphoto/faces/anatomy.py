"""Estimate the pose of a head and the top of its skull from the mesh of its face.

No landmark lies on the crown, and hair hides it. But after correction for pose, the height of the
skull is proportional to the rigid parts of the face. ``training/anatomy/measure.py`` measured this
proportion on bald heads and wrote it to ``anatomy.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Anatomy", "Pose", "estimate_skull_height", "fit_rotation", "load_anatomy", "measure_pose"]

ANATOMY_FILE = Path(__file__).with_name("anatomy.json")


class Pose(NamedTuple):
    """Angles of a head in degrees, and its size.

    Attributes
    ----------
    roll : float
        Positive when the head is turned clockwise as seen in the picture.
    yaw : float
        Positive when the person looks to the right of the picture.
    pitch : float
        Positive when the person looks up.
    size : float
        Root-mean-square distance of the rigid landmarks from their centre, in pixels.
    """

    roll: float
    yaw: float
    pitch: float
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Proportions of heads, as measured by the training.

    Attributes
    ----------
    indices : ndarray of int, shape (n,)
        Landmarks that facial expressions hardly move.
    shape : ndarray of float, shape (n, 3)
        Mean places of these landmarks on a face that looks at the camera, centred, with a root-mean-square size of 1.
    skull : tuple of float
        Height of the skull crown above the eyes in units of size: at pitch 0, and its change per degree of pitch.
    skull_sd : float
        Standard deviation of that height over heads, in the same unit.
    """

    indices: NDArray[np.int64]
    shape: NDArray[np.float64]
    skull: tuple[float, float]
    skull_sd: float


@lru_cache(maxsize=1)
def load_anatomy() -> Anatomy:
    """Read ``anatomy.json``."""
    data = json.loads(ANATOMY_FILE.read_text(encoding="utf-8"))
    return Anatomy(
        indices=np.array(data["indices"]),
        shape=np.array(data["shape"]),
        skull=(data["skull"]["level"], data["skull"]["per_degree_of_pitch"]),
        skull_sd=data["skull"]["sd"],
    )


def fit_rotation(shape: NDArray[np.float64], points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Find the rotation and the size that fit a centred shape of size 1 to points best (Kabsch 1976).

    Parameters
    ----------
    shape, points : ndarray of float, shape (n, 3)
        Corresponding points; `points` may lie anywhere and have any size.

    Returns
    -------
    ndarray of float, shape (3, 3)
        Rotation matrix R with ``points ~ size * R @ shape + centre``.
    float
        Root-mean-square size of `points`.
    """
    centred = points - points.mean(axis=0)
    size = float(np.sqrt((centred**2).sum() / len(centred)))
    u, _, vt = np.linalg.svd(centred.T @ shape)
    u[:, 2] *= np.sign(np.linalg.det(u @ vt))
    return u @ vt, size


def measure_pose(mesh: NDArray[np.float32], measured: Anatomy | None = None) -> Pose:
    """Estimate the pose of a head.

    Parameters
    ----------
    mesh : ndarray of float32, shape (478, 3) or (468, 3)
        MediaPipe's landmarks, in pixels.
    measured : Anatomy, optional
        The mean face to compare with; by default the one in ``anatomy.json``.
    """
    proportions = load_anatomy() if measured is None else measured
    turn, size = fit_rotation(proportions.shape, mesh[proportions.indices].astype(np.float64))
    # turn = Rz(roll) Ry(a) Rx(b), with y down and the face looking along -z.
    return Pose(
        roll=float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))),
        yaw=float(np.degrees(np.arcsin(np.clip(turn[2, 0], -1, 1)))),
        pitch=float(-np.degrees(np.arctan2(turn[2, 1], turn[2, 2]))),
        size=size,
    )


def estimate_skull_height(head: Pose) -> tuple[float, float]:
    """Estimate the height of the skull crown above the eyes, along the head's axis, and its standard deviation.

    Both are in pixels of the mesh that `head` was measured on. Beyond 15 degrees of pitch no head was
    measured; there, the correction for 15 degrees is used.
    """
    proportions = load_anatomy()
    level, slope = proportions.skull
    pitch = float(np.clip(head.pitch, -15, 15))
    return (level + slope * pitch) * head.size, proportions.skull_sd * head.size
