"""Texture of the background, as ISO/IEC 29794-5 component 0x42 measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.quality.aligned import SIDE, luminance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["background_uniformity"]

CROPPED, SEEN = (62, 210), (354, 292)  # columns off either side and rows off the foot; width and height looked at
COLUMNS = slice(23, 377)
PERSON = 0.02  # alpha from which a pixel is not background


def background_uniformity(face: AlignedFace, alpha: NDArray[np.float32]) -> float | None:
    """Mean gradient of linear luminance over the background; None where there is none.

    The person's matte stands in for OFIQ's parsing map, at the scale of the aligned face.

    Parameters
    ----------
    face : AlignedFace
        The face in its picture.
    alpha : ndarray of float32, shape (H, W)
        Matte of that picture.
    """
    side, foot = CROPPED
    view = (slice(0, SIDE - foot), slice(side, SIDE - side))
    # Beyond the picture counts as person, so that it is left out.
    person = cv2.warpAffine(alpha, face.matrix, (SIDE, SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)[view]
    light = luminance(cv2.resize(face.rgb[view], SEEN, interpolation=cv2.INTER_LINEAR))
    free = (cv2.resize(person, SEEN, interpolation=cv2.INTER_AREA) < PERSON).astype(np.uint8)
    free = cv2.erode(free, np.ones((4, 4), np.uint8), borderValue=0) > 0
    if not free.any():
        return None
    across = cv2.Scharr(light, cv2.CV_32F, 1, 0)
    down = cv2.Scharr(light, cv2.CV_32F, 0, 1)
    return float(np.hypot(across, down)[free].mean())
