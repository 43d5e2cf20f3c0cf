"""Measure how much of the forehead is covered: by a fringe, a hat or a scarf. This measure is our own.

The forehead is compared with the cheeks of the same person, so that the result does not depend on the colour of the
skin. Hair and cloth are much darker than the cheeks, or more colourful, or have a texture that skin does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import rgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["FOREHEAD_LANDMARKS", "measure_forehead_cover"]

FOREHEAD_LANDMARKS = (104, 69, 108, 151, 337, 299, 333, 297, 338, 10, 109, 67)
"""Outline of the forehead in MediaPipe's mesh, from above the brows to where hair usually begins."""

CHEEK_LANDMARKS = (50, 280)
MIN_DARKER, MIN_COLOUR_DISTANCE, MIN_TEXTURE = 20.0, 22.0, 4.0
"""Limits from which a pixel is not skin: L* below the cheeks, distance from them in a* and b*, fine detail of L*."""
WINDOW_MARGIN_PX = 24  # kept around the landmarks, so that the filters below have pixels beyond the outline


def measure_forehead_cover(face: AlignedFace) -> float | None:
    """Measure the share of the forehead that does not look like the skin of the cheeks, in [0, 1].

    Returns
    -------
    float or None
        None if forehead or cheeks lie outside the picture.
    """
    rows, columns = _locate_window(face)
    if face.rgb[rows, columns].size == 0:
        return None
    colours, inside = rgb_to_lab(np.ascontiguousarray(face.rgb[rows, columns])), face.picture_mask[rows, columns]
    offset = np.array([columns.start, rows.start])
    skin = _draw_cheeks(face, offset, inside.shape) & inside
    forehead = _draw_forehead(face, offset, inside.shape) & inside
    if not (skin.any() and forehead.any()):
        return None
    difference = colours[forehead] - np.median(colours[skin], axis=0)
    texture = _measure_texture(colours[..., 0])[forehead]
    covered = (
        (difference[:, 0] < -MIN_DARKER)
        | (np.hypot(difference[:, 1], difference[:, 2]) > MIN_COLOUR_DISTANCE)
        | (texture > MIN_TEXTURE)
    )
    return float(covered.mean())


def _locate_window(face: AlignedFace) -> tuple[slice, slice]:
    """Return the rows and columns of a box around forehead and cheeks."""
    points = face.points[list(FOREHEAD_LANDMARKS + CHEEK_LANDMARKS)]
    left, top = np.floor(points.min(axis=0) - WINDOW_MARGIN_PX).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + WINDOW_MARGIN_PX).astype(int)
    x, y = max(left, 0), max(top, 0)
    return slice(y, max(bottom, y)), slice(x, max(right, x))


def _draw_cheeks(face: AlignedFace, offset: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, np.uint8)
    for landmark in CHEEK_LANDMARKS:
        centre = np.rint(face.points[landmark] - offset).astype(int)
        cv2.circle(mask, (int(centre[0]), int(centre[1])), round(face.eye_distance / 8), 1, -1)
    return mask > 0


def _draw_forehead(face: AlignedFace, offset: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(face.points[list(FOREHEAD_LANDMARKS)] - offset).astype(np.int32)], 1)
    return mask > 0


def _measure_texture(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean fine detail of L* around each pixel."""
    lightness = np.ascontiguousarray(lightness, dtype=np.float32)
    return cv2.GaussianBlur(np.abs(lightness - cv2.GaussianBlur(lightness, (0, 0), 3)), (0, 0), 4)
