"""Even a photographed page: paper becomes white, whatever the light, and the ink keeps its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["even_paper"]

STROKE_SHARE = 0.035
"""Width that no stroke exceeds, as a share of the longer side: the light is measured beyond it."""


def even_paper(rgb: Rgb, *, widest: float = STROKE_SHARE) -> NDArray[np.float32]:
    """Return the picture divided by the light on its paper.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    widest : float
        Width of the widest ink, as a share of the longer side.

    Returns
    -------
    ndarray of float32, shape (H, W, 3)
        In [0, 1]: 1 is paper, in each channel.
    """
    height, width = rgb.shape[:2]
    zoom = min(1.0, 400 / max(height, width))
    small = cv2.resize(rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    reach = max(3, round(widest * max(small.shape[:2])) | 1)
    # The brightest value within the reach of a stroke is paper; a median takes away glints, and a blur the steps.
    light = cv2.dilate(cv2.medianBlur(small, 3), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    light = cv2.erode(light, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    light = cv2.GaussianBlur(light.astype(np.float32), (0, 0), reach / 3)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_CUBIC)
    ratio: NDArray[np.float32] = rgb.astype(np.float32) / np.maximum(light, 1.0)
    return np.clip(ratio, 0.0, 1.0)
