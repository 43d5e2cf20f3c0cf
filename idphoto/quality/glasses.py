"""Whether somebody wears glasses, whether they shine, and whether they hide the eyes.

The detector is our own: a logistic regression on histograms of oriented gradients around the
eyes, trained by ``training/eyes_and_glasses/train_glasses.py`` on 487 portraits (1 % wrong in
cross-validation by person).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.quality.aligned import LEFT_CONTOUR, LEFT_EYE, LEFT_IRIS, RIGHT_CONTOUR, RIGHT_EYE, RIGHT_IRIS
from idphoto.quality.gradients import log_odds, oriented_gradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["eye_zones", "features", "glare", "hidden_eyes", "wears_glasses"]

FILE = Path(__file__).with_name("glasses.npz")
TOP, BOTTOM, LEFT, RIGHT = 222, 342, 188, 428  # of the region around the eyes in the aligned face
SIZE = (96, 48)
WHITE = 247  # linear luminance from which a reflection hides what is behind it


def features(rgb: NDArray[np.uint8], *, mirrored: bool = False, shift: tuple[int, int] = (0, 0)) -> NDArray[np.float32]:
    """Oriented gradients around the eyes of an aligned face, shape (1980,)."""
    x, y = shift
    region = rgb[TOP + y : BOTTOM + y, LEFT + x : RIGHT + x]
    return oriented_gradients(np.ascontiguousarray(region[:, ::-1] if mirrored else region), SIZE)


def wears_glasses(face: AlignedFace) -> float:
    """Evidence for glasses as log odds: above 0 more likely than not."""
    return log_odds(features(face.rgb), FILE)


def eye_zones(face: AlignedFace) -> list[tuple[slice, slice]]:
    """OFIQ's zones of the eyes: the box of each eye's contour, grown by a twentieth of the eye distance."""
    margin = face.eye_distance / 20
    zones = []
    for contour in (LEFT_CONTOUR, RIGHT_CONTOUR):
        low = np.floor(face.points[list(contour)].min(axis=0) - margin).astype(int)
        high = np.ceil(face.points[list(contour)].max(axis=0) + margin).astype(int) + 1
        low = np.maximum(low, 0)
        zones.append((slice(low[1], max(high[1], low[1])), slice(low[0], max(high[0], low[0]))))
    return zones


def glare(face: AlignedFace) -> float:
    """Largest share of an eye's zone that is burnt out, as a reflection on a lens is."""
    shares = []
    for zone in eye_zones(face):
        patch = face.light[zone]
        if patch.size:
            shares.append(float((patch >= WHITE).mean()))
    return max(shares, default=0.0)


def hidden_eyes(face: AlignedFace) -> float:
    """How much less the white of the less visible eye differs from its iris than it should.

    Returns
    -------
    float
        Contrast of the eye, 95th over 5th percentile of luminance within its zone; sunglasses and
        deep shadow flatten it towards 1.
    """
    contrasts = []
    for corners, iris in ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS)):
        centre = face.points[iris[0]]
        half = float(np.linalg.norm(np.subtract(*face.points[list(corners)]))) / 2
        x0, x1 = round(centre[0] - half), round(centre[0] + half)
        y0, y1 = round(centre[1] - 0.35 * half), round(centre[1] + 0.35 * half)
        patch = face.light[max(y0, 0) : y1, max(x0, 0) : x1]
        if patch.size:
            low, high = np.percentile(patch, (5, 95))
            contrasts.append((float(high) + 1) / (float(low) + 1))
    return min(contrasts, default=1.0)
