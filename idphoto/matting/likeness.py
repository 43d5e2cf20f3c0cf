"""Compare the colour of each pixel with the colours of the person and of the background near it.

The semantic graph of the network tells which pixels are certainly person and which certainly
background. The picture is divided into cells, and each cell gets two tables: how often each colour
occurs in the certain person, and in the certain background, of its neighbourhood. A pixel of the
uncertain edge that has the red of a flag, and not the brown of the hair, belongs to the flag.

Convolutions cannot compare a pixel with distant ones; these tables can. The idea is that of
GrabCut's colour models (Rother et al., "GrabCut", SIGGRAPH 2004), made local. The result is an
input of the detail graph and decides nothing by itself.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np
from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["PLANES", "measure_likeness"]

PLANES = 2  # likeness to the person, and to the background
CHANNEL_BINS = 10  # bins into which the 256 levels of each channel are sorted
BIN_BLUR_SD = 0.7  # standard deviation, in bins, within which colours count as alike
CELL_PX = 16  # side of a cell; all its pixels have the same neighbourhood
NEIGHBOURHOOD_SD = 1.4  # standard deviation of a neighbourhood, in cells
CERTAIN_PROBABILITY, CERTAIN_MARGIN_PX = 0.95, 6  # probability of certain pixels, and their distance from its border
MIN_CERTAIN_PIXELS = 50.0  # with fewer certain pixels in a neighbourhood, likeness is reduced
BIN_OF_LEVEL = (np.arange(256) * CHANNEL_BINS // 256).astype(np.uint8)
HALF_LIKENESS_SHARE = 0.003  # share of a neighbourhood's pixels that have a colour, at which likeness is 0.5
_BLAS_LOCK = Lock()


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    """Return the controller of the BLAS library that numpy uses.

    Its threads would wait in a loop for 30 ms after each product, on the cores that the detail graph needs.
    """
    return ThreadpoolController().select(user_api="blas")


def measure_likeness(rgb: Rgb, person: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the likeness of each pixel's colour to the person's colours and to the background's nearby.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB, about 320x256 pixels, as the semantic graph sees it.
    person : ndarray of float32, shape (H / 2, W / 2)
        Probability of the person, in [0, 1].

    Returns
    -------
    ndarray of float32, shape (2, H / 2, W / 2)
        In [0, 1]: 0 for a colour that does not occur, near 1 for the colour of all pixels.
    """
    height, width = rgb.shape[:2]
    whole = cv2.resize(person, (width, height), interpolation=cv2.INTER_LINEAR)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * CERTAIN_MARGIN_PX + 1, 2 * CERTAIN_MARGIN_PX + 1))
    red, green, blue = cv2.split(cv2.LUT(rgb, BIN_OF_LEVEL))
    colour = (red.astype(np.int32) * CHANNEL_BINS + green) * CHANNEL_BINS + blue
    # A picture has about a fifth of the possible colours: tables for those alone are faster.
    kinds = np.flatnonzero(np.bincount(colour.ravel(), minlength=CHANNEL_BINS**3))
    place = np.zeros(CHANNEL_BINS**3, dtype=np.int32)
    place[kinds] = np.arange(len(kinds), dtype=np.int32)
    alike = _alike(kinds)
    rows, columns = np.arange(height, dtype=np.int32) // CELL_PX, np.arange(width, dtype=np.int32) // CELL_PX
    cells = int(rows[-1]) + 1, int(columns[-1]) + 1
    entry = (rows[:, None] * cells[1] + columns) * np.int32(len(kinds)) + place[
        colour
    ]  # index in the tables of all cells
    planes = np.empty((PLANES, height // 2, width // 2), dtype=np.float32)
    for plane, certain in zip(planes, (whole > CERTAIN_PROBABILITY, whole < 1 - CERTAIN_PROBABILITY), strict=True):
        inner = cv2.erode(certain.astype(np.uint8), disc, borderValue=1) > 0
        with _BLAS_LOCK, _blas().limit(limits=1):
            share = _shares(entry[inner], *cells, alike)
        share = share.take(entry)
        cv2.resize(share / (share + HALF_LIKENESS_SHARE), plane.shape[::-1], dst=plane, interpolation=cv2.INTER_AREA)
    return planes


def _alike(kinds: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the weight with which each colour that occurs counts as each other one, (colours, colours)."""
    hue = _gaussian(CHANNEL_BINS, BIN_BLUR_SD)
    hue /= hue.sum(axis=0)
    red, green, blue = kinds // CHANNEL_BINS**2, kinds // CHANNEL_BINS % CHANNEL_BINS, kinds % CHANNEL_BINS
    return hue[np.ix_(red, red)] * hue[np.ix_(green, green)] * hue[np.ix_(blue, blue)]


def _shares(seen: NDArray[np.int32], rows: int, columns: int, alike: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the share of each colour in each cell's neighbourhood, (cells, colours)."""
    counts = np.bincount(seen, minlength=rows * columns * len(alike)).astype(np.float32)
    down, across = _gaussian(rows, NEIGHBOURHOOD_SD), _gaussian(columns, NEIGHBOURHOOD_SD)
    near = (down @ counts.reshape(rows, -1)).reshape(rows, columns, -1)
    near = np.matmul(across, near).reshape(rows * columns, -1)
    return near @ alike / np.maximum(near.sum(axis=1, keepdims=True), MIN_CERTAIN_PIXELS)


def _gaussian(count: int, deviation: float) -> NDArray[np.float32]:
    """Return the weights of `count` places in each other's neighbourhoods, (count, count)."""
    apart = np.subtract.outer(np.arange(count), np.arange(count))
    weights = np.exp(-0.5 * (apart / deviation) ** 2).astype(np.float32)
    return np.where(
        weights < 1e-4, np.float32(0), weights
    )  # products of smaller weights would be denormal numbers, which are slow
