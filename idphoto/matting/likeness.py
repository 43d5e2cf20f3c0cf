"""How much each pixel's colour is like that of the person, and like that of what is behind, near it.

What is certainly person and certainly background, by a first look, has colours; a pixel of the
uncertain edge between them that has the flag's red and none of the hair's brown is the flag's.
Convolutions cannot compare a pixel with what lies an inch away; a table of colours can. The idea
is that of GrabCut's colour models (Rother et al., "GrabCut", SIGGRAPH 2004), made local; here they
decide nothing, and are one more thing that the network is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Rgb

__all__ = ["PLANES", "likeness"]

PLANES = 2
BINS = 10  # of each channel's codes
SOFT = 0.7  # bins: neighbouring colours are alike
CELL = 16  # pixels of a cell, in which all pixels have the same neighbourhood
REACH = 1.4  # cells: standard deviation of the neighbourhood
SURE, MARGIN = 0.95, 6  # probability of what is certain, and pixels that it lies within its border
ENOUGH = 50.0  # certain pixels in a neighbourhood, below which it says little
USUAL = 0.003  # share of a neighbourhood's pixels at which a colour is half as usual as can be


def likeness(rgb: Rgb, person: NDArray[np.float32]) -> NDArray[np.float32]:
    """Likeness to the person's and to the background's colours nearby.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB, some 320x256 pixels: what the semantic graph sees.
    person : ndarray of float32, shape (H / 2, W / 2)
        Probability of the person, in [0, 1].

    Returns
    -------
    ndarray of float32, shape (2, H / 2, W / 2)
        In [0, 1]: 0 of a colour that does not occur, 1 of one that all have.
    """
    height, width = rgb.shape[:2]
    whole = cv2.resize(person, (width, height), interpolation=cv2.INTER_LINEAR)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    step = np.minimum(rgb.astype(np.int32) * BINS // 256, BINS - 1)
    colour = (step[..., 0] * BINS + step[..., 1]) * BINS + step[..., 2]
    rows, columns = np.arange(height) // CELL, np.arange(width) // CELL
    entry = (rows[:, None] * (columns[-1] + 1) + columns) * BINS**3 + colour  # in the tables of all cells
    planes = np.empty((PLANES, height // 2, width // 2), dtype=np.float32)
    for plane, certain in zip(planes, (whole > SURE, whole < 1 - SURE), strict=True):
        inner = cv2.erode(certain.astype(np.uint8), disc, borderValue=1) > 0
        share = _shares(entry[inner], int(rows[-1]) + 1, int(columns[-1]) + 1).take(entry)
        cv2.resize(share / (share + USUAL), plane.shape[::-1], dst=plane, interpolation=cv2.INTER_AREA)
    return planes


def _shares(seen: NDArray[np.intp], rows: int, columns: int) -> NDArray[np.float32]:
    """Of each cell's neighbourhood, the share of each colour: (cells, colours)."""
    counts = np.bincount(seen, minlength=rows * columns * BINS**3).astype(np.float32)
    down, across, hue = _gaussian(rows, REACH), _gaussian(columns, REACH), _gaussian(BINS, SOFT)
    near = (down @ counts.reshape(rows, -1)).reshape(rows, columns, -1)
    near = np.matmul(across, near)
    total = near.sum(axis=2).reshape(-1, 1)
    hue /= hue.sum(axis=0)
    near = near.reshape(-1, BINS**2) @ np.kron(hue, hue)
    near = hue.T @ near.reshape(-1, BINS, BINS**2)
    return near.reshape(rows * columns, -1) / np.maximum(total, ENOUGH)


def _gaussian(count: int, deviation: float) -> NDArray[np.float32]:
    """Weights of `count` places in each other's neighbourhoods."""
    apart = np.subtract.outer(np.arange(count), np.arange(count))
    weights = np.exp(-0.5 * (apart / deviation) ** 2).astype(np.float32)
    return np.where(weights < 1e-4, np.float32(0), weights)  # products of tails would be denormal, and slow
