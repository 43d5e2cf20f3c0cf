"""Compute histograms of oriented gradients [1]_ and the log odds of a logistic regression on them.

The detectors of closed eyes and of glasses consist of these two functions.

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

__all__ = ["compute_log_odds", "compute_oriented_gradients"]


@lru_cache(maxsize=4)
def _descriptor(size: tuple[int, int]) -> cv2.HOGDescriptor:
    return cv2.HOGDescriptor(size, (16, 16), (8, 8), (8, 8), 9)


def compute_oriented_gradients(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
    """Compute the histograms of oriented gradients of a region in blocks of 16 x 16 pixels, as one vector.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    size : tuple of int
        Width and height in pixels that the region is scaled to, multiples of 8.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(_descriptor(size).compute(np.ascontiguousarray(small)), dtype=np.float32).ravel()


@lru_cache(maxsize=4)
def _read_model(file: Path) -> tuple[NDArray[np.float32], float]:
    with np.load(file) as stored:
        return stored["weights"], float(stored["bias"])


def compute_log_odds(features: NDArray[np.float32], file: Path) -> float:
    """Apply the logistic regression stored in `file` and return its log odds; above 0 is more likely than not."""
    weights, bias = _read_model(file)
    return float(features @ weights + bias)
