"""Measure the errors of a matte, as the alpha-matting benchmark defines them.

In every function `alpha` and `truth` are float32 of shape (H, W) in [0, 1], and `where`, if given, selects the pixels
that count.

References
----------
Rhemann et al.: A perceptually motivated online benchmark for image matting, CVPR 2009.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np


def find_band(truth: np.ndarray, reach: int = 10) -> np.ndarray:
    """Find the pixels that are neither person nor background, and those within `reach` pixels of them."""
    unknown = ((truth > 0) & (truth < 1)).astype(np.uint8)
    return cv2.dilate(unknown, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)) > 0


def sum_absolute_difference(alpha: np.ndarray, truth: np.ndarray, where: np.ndarray | None = None) -> float:
    """Return the sum of absolute differences (SAD), in thousands."""
    difference = np.abs(alpha - truth)
    return float((difference if where is None else difference[where]).sum() / 1000)


def mean_squared_error(alpha: np.ndarray, truth: np.ndarray, where: np.ndarray | None = None) -> float:
    """Return the mean squared error (MSE), in thousandths."""
    square = (alpha - truth) ** 2
    return float((square if where is None else square[where]).mean() * 1000)


def gradient_error(alpha: np.ndarray, truth: np.ndarray, where: np.ndarray | None = None) -> float:
    """Return the sum of squared differences of the gradient magnitudes, in thousands.

    Gradients are Gaussian derivatives with a sigma of 1.4 pixels.
    """
    size = np.arange(-5, 6)
    gauss = np.exp(-(size**2) / (2 * 1.4**2))
    gauss /= gauss.sum()
    slope = -size / 1.4**2 * gauss

    def magnitude(values: np.ndarray) -> np.ndarray:
        x = cv2.sepFilter2D(values.astype(np.float32), -1, slope, gauss, borderType=cv2.BORDER_REPLICATE)
        y = cv2.sepFilter2D(values.astype(np.float32), -1, gauss, slope, borderType=cv2.BORDER_REPLICATE)
        return np.hypot(x, y)

    square = (magnitude(alpha) - magnitude(truth)) ** 2
    return float((square if where is None else square[where]).sum() / 1000)


def connectivity_error(
    alpha: np.ndarray, truth: np.ndarray, where: np.ndarray | None = None, step: float = 0.1
) -> float:
    """Return the sum of differences of the connectivity to the largest piece, in thousands.

    `step` is the distance of the thresholds at which connected pieces are found.
    """
    reached = -np.ones_like(alpha)
    thresholds = np.arange(0, 1 + step / 2, step)
    for before, level in pairwise(thresholds):
        both = ((alpha >= level) & (truth >= level)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        main = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else np.zeros_like(both, bool)
        lost = (reached == -1) & ~main
        reached[lost] = before
    reached[reached == -1] = 1

    def phi(values: np.ndarray) -> np.ndarray:
        gap = values - reached
        return 1 - gap * (gap >= 0.15)

    difference = np.abs(phi(alpha) - phi(truth))
    return float((difference if where is None else difference[where]).sum() / 1000)
