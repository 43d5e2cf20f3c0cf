"""Small detectors of our own: histograms of oriented gradients [1]_ and a logistic regression on them.

References
----------
.. [1] Dalal, Triggs: Histograms of oriented gradients for human detection, CVPR 2005.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["log_odds", "oriented_gradients"]


@lru_cache(maxsize=4)
def _hog(size: tuple[int, int]) -> cv2.HOGDescriptor:
    return cv2.HOGDescriptor(size, (16, 16), (8, 8), (8, 8), 9)


def oriented_gradients(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
    """Gradients of a region brought to `size` (width and height, multiples of 8), in blocks of 16 pixels.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    size : tuple of int
        What the region is scaled to.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(_hog(size).compute(np.ascontiguousarray(small)), dtype=np.float32).ravel()


@lru_cache(maxsize=4)
def _model(file: Path) -> tuple[NDArray[np.float32], float]:
    with np.load(file) as stored:
        return stored["weights"], float(stored["bias"])


def log_odds(features: NDArray[np.float32], file: Path) -> float:
    """Evidence of the model in `file`: above 0 more likely than not."""
    weights, bias = _model(file)
    return float(features @ weights + bias)
