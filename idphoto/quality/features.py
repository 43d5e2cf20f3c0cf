"""Eyes, mouth, gaze and expression, as ratios of landmarks; no pixel is looked at.

`eyes_open` and `mouth_closed` are ISO/IEC 29794-5 components 0x4D and 0x4E as OFIQ defines them;
gaze and smile are our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto.quality.aligned import (
    INNER_LIPS,
    LEFT_EYE,
    LEFT_IRIS,
    LEFT_LIDS,
    MOUTH,
    RIGHT_EYE,
    RIGHT_IRIS,
    RIGHT_LIDS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["eye_openings", "eyes_open", "gaze", "mouth_open", "smile"]


def _widest(points: NDArray[np.float64], pairs: tuple[tuple[int, int], ...]) -> float:
    return max(float(np.linalg.norm(points[above] - points[below])) for above, below in pairs)


def eye_openings(face: AlignedFace) -> tuple[float, float]:
    """Largest lid distance of the left and of the right eye, over the distance from eyes to chin."""
    return (
        _widest(face.points, LEFT_LIDS) / face.chin_distance,
        _widest(face.points, RIGHT_LIDS) / face.chin_distance,
    )


def eyes_open(face: AlignedFace) -> float:
    """Opening of the eye that is less open (component 0x4D); 0.041 scores 90, 0.02 scores 50."""
    return min(eye_openings(face))


def mouth_open(face: AlignedFace) -> float:
    """Largest distance of the inner lips over the distance from eyes to chin (component 0x4E)."""
    return _widest(face.points, INNER_LIPS) / face.chin_distance


def gaze(face: AlignedFace) -> tuple[float, float]:
    """Mean offset of the irises from the middle of the eyes, in half widths of an eye.

    Returns
    -------
    float
        Sideways, positive to the right of the picture.
    float
        Up and down, positive downwards.
    """
    offsets = []
    for corners, iris in ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS)):
        first, second = face.points[list(corners)]
        along = (second - first) / 2
        half = float(np.linalg.norm(along))
        off = face.points[list(iris)].mean(axis=0) - (first + second) / 2
        offsets.append((off @ along / half**2, (along[0] * off[1] - along[1] * off[0]) / half**2))
    sideways, down = np.mean(offsets, axis=0)
    return float(sideways), float(down)


def smile(face: AlignedFace) -> tuple[float, float]:
    """Width of the mouth over the eye distance, and how far its corners rise above its middle.

    The rise is in eye distances, positive upwards.
    """
    left, right = face.points[list(MOUTH)]
    middle = face.points[list(INNER_LIPS[1])].mean(axis=0)
    distance = face.eye_distance
    return float(np.linalg.norm(right - left)) / distance, float(middle[1] - (left[1] + right[1]) / 2) / distance
