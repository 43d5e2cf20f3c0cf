"""What the mesh of a face tells about the head behind it: its pose and the top of its skull.

No landmark lies on the crown, and hair hides it. But the skull keeps a proportion to the rigid
parts of the face, once pose is taken out: ``training/anatomy/measure.py`` measured it on bald heads, and
its figures stand in ``anatomy.json``.
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

__all__ = ["Anatomy", "Pose", "anatomy", "pose", "skull_height"]

FILE = Path(__file__).with_name("anatomy.json")


class Pose(NamedTuple):
    """Where a head looks, in degrees, and how large it is.

    Attributes
    ----------
    roll : float
        Positive clockwise as seen.
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
    """The measured figures.

    Attributes
    ----------
    indices : ndarray of int, shape (n,)
        Landmarks that expressions hardly move.
    shape : ndarray of float, shape (n, 3)
        Their mean places on a face that looks at the camera, centred, root-mean-square size 1.
    skull : tuple of float
        Height of the skull's top above the eyes in units of size: at pitch 0, and per degree.
    skull_sd : float
        Standard deviation of that height over heads, same unit.
    """

    indices: NDArray[np.int64]
    shape: NDArray[np.float64]
    skull: tuple[float, float]
    skull_sd: float


@lru_cache(maxsize=1)
def anatomy() -> Anatomy:
    """Read ``anatomy.json``."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return Anatomy(
        indices=np.array(data["indices"]),
        shape=np.array(data["shape"]),
        skull=(data["skull"]["level"], data["skull"]["per_degree_of_pitch"]),
        skull_sd=data["skull"]["sd"],
    )


def rotation(shape: NDArray[np.float64], points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Best rotation and size that take a centred unit shape to points (Kabsch 1976).

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


def pose(mesh: NDArray[np.float32], measured: Anatomy | None = None) -> Pose:
    """Estimate the pose of a head.

    Parameters
    ----------
    mesh : ndarray of float32, shape (478, 3) or (468, 3)
        MediaPipe's landmarks, in pixels.
    measured : Anatomy, optional
        The mean face to compare with; by default the one in ``anatomy.json``.
    """
    figures = anatomy() if measured is None else measured
    turn, size = rotation(figures.shape, mesh[figures.indices].astype(np.float64))
    # turn = Rz(roll) Ry(a) Rx(b), with y down and the face looking along -z.
    return Pose(
        roll=float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))),
        yaw=float(np.degrees(np.arcsin(np.clip(turn[2, 0], -1, 1)))),
        pitch=float(-np.degrees(np.arctan2(turn[2, 1], turn[2, 2]))),
        size=size,
    )


def skull_height(head: Pose) -> tuple[float, float]:
    """Height of the skull's top above the eyes along the head's axis, and its standard deviation.

    Both in pixels of the mesh that `head` was measured on. Beyond 15 degrees of pitch, where no
    head was measured, the correction stays as it is there.
    """
    figures = anatomy()
    level, slope = figures.skull
    pitch = float(np.clip(head.pitch, -15, 15))
    return (level + slope * pitch) * head.size, figures.skull_sd * head.size
