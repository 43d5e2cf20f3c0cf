"""How much of the forehead something else than skin covers: a fringe, a hat, a scarf. Our own.

The forehead is compared with the same person's cheeks, so that no colour of skin counts as odd:
hair and cloth are much darker, much more colourful, or have a texture that skin has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import lab

if TYPE_CHECKING:
    from idphoto.quality.aligned import AlignedFace

__all__ = ["ZONE", "covered_forehead"]

ZONE = (104, 69, 108, 151, 337, 299, 333, 297, 338, 10, 109, 67)
"""Landmarks around the forehead, from above the brows to where hair usually begins."""

CHEEKS = (50, 280)
DARKER, COLOURED, BUSY = 20.0, 22.0, 4.0
"""L* below the cheeks, distance from them in a* and b*, and mean fine detail of L* from which a pixel is no skin."""


def covered_forehead(face: AlignedFace) -> float | None:
    """Share of the forehead that does not look like the skin of the cheeks; None where either is out of sight."""
    left, top = np.floor(face.points[list(ZONE + CHEEKS)].min(axis=0) - 24).astype(int)
    right, bottom = np.ceil(face.points[list(ZONE + CHEEKS)].max(axis=0) + 24).astype(int)
    x, y = max(left, 0), max(top, 0)
    box = slice(y, max(bottom, y)), slice(x, max(right, x))
    if face.rgb[box].size == 0:
        return None
    values, seen = lab(np.ascontiguousarray(face.rgb[box])), face.covered[box]
    offset = np.array([x, y])
    cheeks = np.zeros(seen.shape, np.uint8)
    for landmark in CHEEKS:
        centre = np.rint(face.points[landmark] - offset).astype(int)
        cv2.circle(cheeks, (int(centre[0]), int(centre[1])), round(face.eye_distance / 8), 1, -1)
    forehead = np.zeros(seen.shape, np.uint8)
    cv2.fillPoly(forehead, [np.rint(face.points[list(ZONE)] - offset).astype(np.int32)], 1)
    skin, zone = (cheeks > 0) & seen, (forehead > 0) & seen
    if not (skin.any() and zone.any()):
        return None
    usual = np.median(values[skin], axis=0)
    lightness = np.ascontiguousarray(values[..., 0], dtype=np.float32)
    detail = cv2.GaussianBlur(np.abs(lightness - cv2.GaussianBlur(lightness, (0, 0), 3)), (0, 0), 4)
    away = values[zone] - usual
    odd = (away[:, 0] < -DARKER) | (np.hypot(away[:, 1], away[:, 2]) > COLOURED) | (detail[zone] > BUSY)
    return float(odd.mean())
