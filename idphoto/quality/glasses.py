"""Detect glasses, glare on lenses, and eyes that cannot be seen.

The detector of glasses is our own: a logistic regression on histograms of oriented gradients around the eyes. It was
trained by ``training/eyes_and_glasses/train_glasses.py`` on 487 portraits (1 % wrong in cross-validation by person).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.face_mesh import (
    LEFT_EYE_CONTOUR,
    LEFT_EYE_CORNERS,
    LEFT_IRIS_CENTRE,
    RIGHT_EYE_CONTOUR,
    RIGHT_EYE_CORNERS,
    RIGHT_IRIS_CENTRE,
)
from idphoto.quality.gradients import compute_log_odds, compute_oriented_gradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = [
    "GLASSES_MODEL_FILE",
    "extract_glasses_features",
    "locate_eye_zones",
    "measure_eye_contrast",
    "measure_glare",
    "score_glasses",
]

GLASSES_MODEL_FILE = Path(__file__).with_name("glasses.npz")
TOP_PX, BOTTOM_PX, LEFT_PX, RIGHT_PX = 222, 342, 188, 428  # edges of the region around the eyes in the aligned face
GLASSES_PATCH_SIZE_PX = (96, 48)  # width and height that the region is scaled to
MIN_GLARE_LEVEL = 247  # linear luminance, 0..255, from which a reflection hides the eye


def extract_glasses_features(
    rgb: NDArray[np.uint8], *, mirrored: bool = False, shift: tuple[int, int] = (0, 0)
) -> NDArray[np.float32]:
    """Return the oriented gradients around the eyes of an aligned face, shape (1980,).

    Parameters
    ----------
    rgb : ndarray of uint8, shape (616, 616, 3)
        Pixels of an :class:`~idphoto.quality.aligned.AlignedFace`.
    mirrored : bool
        Whether to mirror the region; training uses it to vary its samples.
    shift : tuple of int
        Offset of the region to the right and down, in pixels; training uses it to vary its samples.
    """
    x, y = shift
    region = rgb[TOP_PX + y : BOTTOM_PX + y, LEFT_PX + x : RIGHT_PX + x]
    return compute_oriented_gradients(
        np.ascontiguousarray(region[:, ::-1] if mirrored else region), GLASSES_PATCH_SIZE_PX
    )


def score_glasses(face: AlignedFace) -> float:
    """Return the log odds that the person wears glasses; above 0 it is more likely than not."""
    return compute_log_odds(extract_glasses_features(face.rgb), GLASSES_MODEL_FILE)


def locate_eye_zones(face: AlignedFace) -> list[tuple[slice, slice]]:
    """Return OFIQ's zones of the left and the right eye, as slices of rows and columns.

    A zone is the bounding box of the contour of the eye, grown by a twentieth of the eye distance.
    """
    margin = face.eye_distance / 20
    zones = []
    for contour in (LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR):
        low = np.floor(face.points[list(contour)].min(axis=0) - margin).astype(int)
        high = np.ceil(face.points[list(contour)].max(axis=0) + margin).astype(int) + 1
        low = np.maximum(low, 0)
        zones.append((slice(low[1], max(high[1], low[1])), slice(low[0], max(high[0], low[0]))))
    return zones


def measure_glare(face: AlignedFace) -> float:
    """Return the burnt-out share of the eye zone that has more of it, in [0, 1]; reflections on lenses burn out."""
    shares = []
    for zone in locate_eye_zones(face):
        patch = face.luminance[zone]
        if patch.size:
            shares.append(float((patch >= MIN_GLARE_LEVEL).mean()))
    return max(shares, default=0.0)


def measure_eye_contrast(face: AlignedFace) -> float:
    """Return the contrast of the eye that has less of it: 95th over 5th percentile of luminance around its iris.

    The white of an eye that can be seen is much lighter than its iris. Sunglasses and deep shadow lower the contrast
    towards 1, which is also the value if no eye lies inside the picture.
    """
    contrasts = []
    for corners, iris in ((LEFT_EYE_CORNERS, LEFT_IRIS_CENTRE), (RIGHT_EYE_CORNERS, RIGHT_IRIS_CENTRE)):
        centre = face.points[iris]
        half = float(np.linalg.norm(np.subtract(*face.points[list(corners)]))) / 2
        x0, x1 = round(centre[0] - half), round(centre[0] + half)
        y0, y1 = round(centre[1] - 0.35 * half), round(centre[1] + 0.35 * half)
        patch = face.luminance[max(y0, 0) : y1, max(x0, 0) : x1]
        if patch.size:
            low, high = np.percentile(patch, (5, 95))
            contrasts.append((float(high) + 1) / (float(low) + 1))
    return min(contrasts, default=1.0)
