"""Measure the texture of the background: component 0x42 (BackgroundUniformity) of ISO/IEC 29794-5."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.quality.aligned import ALIGNED_SIDE_PX, compute_luminance
from idphoto.quality.background import MAX_CLEAR_ALPHA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["measure_background_uniformity"]

SIDE_CROP_PX, BOTTOM_CROP_PX = 62, 210  # what OFIQ cuts off the aligned picture at both sides and at the bottom
SCALED_SIZE_PX = (354, 292)  # width and height that OFIQ scales the rest to


def measure_background_uniformity(face: AlignedFace, alpha: NDArray[np.float32]) -> float | None:
    """Measure the mean gradient of linear luminance over the background; None if there is no background.

    OFIQ tells person and background apart by a parsing map; here the alpha matte does.

    Parameters
    ----------
    face : AlignedFace
        The face in its picture.
    alpha : ndarray of float32, shape (H, W)
        Alpha matte of the picture, at the scale that `face` was aligned from.
    """
    side = ALIGNED_SIDE_PX
    crop = (slice(0, side - BOTTOM_CROP_PX), slice(SIDE_CROP_PX, side - SIDE_CROP_PX))
    # Pixels outside the picture are counted as person, so that they are left out.
    person = cv2.warpAffine(alpha, face.matrix, (side, side), borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)[crop]
    luminance = compute_luminance(cv2.resize(face.rgb[crop], SCALED_SIZE_PX, interpolation=cv2.INTER_LINEAR))
    person = cv2.resize(person, SCALED_SIZE_PX, interpolation=cv2.INTER_AREA)
    background = (person < MAX_CLEAR_ALPHA).astype(np.uint8)
    background = cv2.erode(background, np.ones((4, 4), np.uint8), borderValue=0) > 0
    if not background.any():
        return None
    across = cv2.Scharr(luminance, cv2.CV_32F, 1, 0)
    down = cv2.Scharr(luminance, cv2.CV_32F, 0, 1)
    return float(np.hypot(across, down)[background].mean())
