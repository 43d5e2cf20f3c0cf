"""Segment the person in a picture of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.backends.table import AUTO
from idphoto.resample import shrink_to_side
from idphoto.segmentation import run_segmenter

if TYPE_CHECKING:
    from idphoto.portrait import Alpha, Rgb

__all__ = ["segment_generously", "segment_person"]

SEGMENTER_SIDE_PX = 320  # longer side of the picture that the network is shown; it sees 256 itself
SOFT_EDGE = 0.1  # probability from which a pixel counts as the person in a generous mask
MARGIN_SHARE = 0.015  # of the picture's height, by which a generous mask is widened


def segment_person(picture: Rgb, segmenter: str = AUTO) -> Alpha:
    """Return the probability of the person at the picture's own size, smooth over many pixels.

    The network sees 256 pixels. If the person fills only a part of the picture, that part alone is
    segmented a second time.
    """
    probability = _segment_once(picture, segmenter)
    height, width = probability.shape
    rows, columns = np.flatnonzero((probability > 0.5).any(axis=1)), np.flatnonzero((probability > 0.5).any(axis=0))
    if len(rows) == 0:
        return probability
    pad_y, pad_x = 0.08 * (rows[-1] - rows[0]), 0.15 * (columns[-1] - columns[0])
    top, bottom = max(0, int(rows[0] - pad_y)), min(height, int(rows[-1] + pad_y) + 1)
    left, right = max(0, int(columns[0] - pad_x)), min(width, int(columns[-1] + pad_x) + 1)
    if (bottom - top) * (right - left) > 0.6 * height * width:
        return probability
    window = (slice(top, bottom), slice(left, right))
    nearer = np.zeros_like(probability)
    nearer[window] = _segment_once(np.ascontiguousarray(picture[window]), segmenter)
    return nearer


def _segment_once(picture: Rgb, segmenter: str) -> Alpha:
    height, width = picture.shape[:2]
    probability = run_segmenter(shrink_to_side(picture, SEGMENTER_SIDE_PX)[0], segmenter)
    return np.clip(cv2.resize(probability, (width, height), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)


def segment_generously(picture: Rgb, segmenter: str = AUTO) -> Alpha:
    """Return a mask of 0 and 1 that also covers the hair: the soft edge of the person mask, widened.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    segmenter : str
        Name of the backend.

    Returns
    -------
    ndarray of float32, shape (H, W)
        0 or 1.
    """
    person = (segment_person(picture, segmenter) > SOFT_EDGE).astype(np.float32)
    reach = max(1, round(MARGIN_SHARE * person.shape[0]))
    return cv2.dilate(person, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(np.float32, copy=False)
