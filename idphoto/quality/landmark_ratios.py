"""Measure the opening of eyes and mouth, and the gaze, as ratios of distances between landmarks, without pixels.

`measure_eye_opening` and `measure_mouth_opening` are components 0x4D (EyesOpen) and 0x4E (MouthClosed) of
ISO/IEC 29794-5 as OFIQ defines them; gaze is our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto.face_mesh import (
    INNER_LIP_PAIRS,
    LEFT_EYE_CORNERS,
    LEFT_IRIS_CENTRE,
    LEFT_IRIS_RING,
    LEFT_LID_PAIRS,
    RIGHT_EYE_CORNERS,
    RIGHT_IRIS_CENTRE,
    RIGHT_IRIS_RING,
    RIGHT_LID_PAIRS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = [
    "measure_eye_opening",
    "measure_gaze",
    "measure_lid_openings",
    "measure_mouth_opening",
]


def _largest_distance(points: NDArray[np.float64], pairs: tuple[tuple[int, int], ...]) -> float:
    return max(float(np.linalg.norm(points[above] - points[below])) for above, below in pairs)


def measure_lid_openings(face: AlignedFace) -> tuple[float, float]:
    """Return the largest lid distance of the left and of the right eye, over the distance from eyes to chin."""
    return (
        _largest_distance(face.points, LEFT_LID_PAIRS) / face.chin_distance,
        _largest_distance(face.points, RIGHT_LID_PAIRS) / face.chin_distance,
    )


def measure_eye_opening(face: AlignedFace) -> float:
    """Return the lid opening of the less open eye (component 0x4D); 0.041 scores 90, 0.02 scores 50."""
    return min(measure_lid_openings(face))


def measure_mouth_opening(face: AlignedFace) -> float:
    """Return the largest distance of the inner lips over the distance from eyes to chin (component 0x4E)."""
    return _largest_distance(face.points, INNER_LIP_PAIRS) / face.chin_distance


def measure_gaze(face: AlignedFace) -> tuple[float, float]:
    """Return the mean offset of the irises from the middle of the eyes, in half widths of an eye.

    Returns
    -------
    float
        Sideways, positive to the right of the picture.
    float
        Up and down, positive downwards.
    """
    offsets = []
    irises = (LEFT_IRIS_CENTRE, *LEFT_IRIS_RING), (RIGHT_IRIS_CENTRE, *RIGHT_IRIS_RING)
    for corners, iris in zip((LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS), irises, strict=True):
        first, second = face.points[list(corners)]
        along = (second - first) / 2
        half = float(np.linalg.norm(along))
        off = face.points[list(iris)].mean(axis=0) - (first + second) / 2
        offsets.append((off @ along / half**2, (along[0] * off[1] - along[1] * off[0]) / half**2))
    sideways, down = np.mean(offsets, axis=0)
    return float(sideways), float(down)
