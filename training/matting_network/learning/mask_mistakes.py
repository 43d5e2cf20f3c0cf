"""Add mistakes to person masks, so that the network does not trust the mask alone.

The masks of the composites already have MediaPipe's own mistakes. To some of them these are added: parts are lost,
parts of the surroundings are taken for the person, or the mask is shifted, grown, shrunk or blurred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing.layers import smooth_noise

if TYPE_CHECKING:
    from numpy.random import Generator


def draw_soft_blob(rng: Generator, shape: tuple[int, int], centre: tuple[float, float], reach: float) -> np.ndarray:
    """Draw a soft blob, an upright strip or a box, values 0..1."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = (x - centre[0]) / reach, (y - centre[1]) / (reach * rng.uniform(0.5, 3))
    kind = rng.integers(3)
    if kind == 0:
        distance = np.hypot(dx, dy) + 0.8 * (smooth_noise(rng, width, height, 6) - 0.5)
    elif kind == 1:
        distance = np.maximum(np.abs(dx + 0.3 * rng.normal() * dy), 0.4 * np.abs(dy))
    else:
        distance = np.maximum(np.abs(dx), np.abs(dy))
    return np.clip((1 - distance) / rng.uniform(0.05, 0.5) + 0.5, 0, 1)


def make_mistake(kind: str, mask: np.ndarray, edge: np.ndarray, rng: Generator) -> np.ndarray:
    """Make one mistake of a kind; `edge` are the places (row, column) where the mask is near 0.5."""
    height, width = mask.shape
    if kind in ("add", "lose") and len(edge):
        y, x = edge[rng.integers(len(edge))]
        reach = width * np.exp(rng.uniform(np.log(0.02), np.log(0.16)))
        blob = draw_soft_blob(rng, mask.shape, (x + rng.normal(0, reach), y + rng.normal(0, reach)), reach)
        mask = (
            np.maximum(mask, blob * rng.uniform(0.3, 1)) if kind == "add" else mask * (1 - blob * rng.uniform(0.5, 1))
        )
    elif kind == "top":  # masks often miss hats and high hair
        rows = np.flatnonzero((mask > 0.5).any(axis=1))
        if len(rows):
            line = rows[0] + rng.uniform(0, 0.14) * height + 10 * (smooth_noise(rng, width, 2, 4)[0] - 0.5)
            mask = mask * np.clip((np.arange(height)[:, None] - line) / rng.uniform(1, 8), 0, 1)
    elif kind == "shift":
        move = np.float32([[1, 0, rng.normal(0, 3)], [0, 1, rng.normal(0, 3)]])
        mask = cv2.warpAffine(mask, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    elif kind == "grow or shrink":
        size = 2 * int(rng.integers(1, 5)) + 1
        element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        mask = cv2.dilate(mask, element) if rng.random() < 0.5 else cv2.erode(mask, element)
    elif kind == "blur":
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(2, 9))
    else:
        mask = np.clip((mask - 0.5) * rng.uniform(2, 20) + 0.5, 0, 1)
    return mask


def add_mask_mistakes(mask: np.ndarray, rng: Generator) -> np.ndarray:
    """Add one or two mistakes to a person mask in 55 % of the cases.

    Parameters
    ----------
    mask : ndarray of float32, shape (H, W)
        In [0, 1].
    rng : Generator
        Decides about everything.

    Returns
    -------
    ndarray of float32, shape (H, W)
    """
    if rng.random() < 0.45:
        return mask
    edge = np.argwhere((mask > 0.3) & (mask < 0.7))
    for _ in range(rng.integers(1, 3)):
        kind = rng.choice(["add", "lose", "top", "shift", "grow or shrink", "blur", "sharpen"])
        mask = make_mistake(kind, mask, edge, rng)
    return mask.astype(np.float32)
