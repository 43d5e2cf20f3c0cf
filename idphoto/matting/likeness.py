"""How much each pixel's colour is like that of the person, and like that of what is behind, near it.

What is certainly person and certainly background, by a first look, has colours; a pixel of the
uncertain edge between them that has the flag's red and none of the hair's brown is the flag's.
Convolutions cannot compare a pixel with what lies an inch away; a table of colours can. The idea
is that of GrabCut's colour models (Rother et al., "GrabCut", SIGGRAPH 2004), made local; here they
decide nothing, and are one more thing that the network is told.
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

__all__ = ["PLANES", "likeness"]

PLANES = 2
BINS = 10  # of each channel's codes
SOFT = 0.7  # bins: neighbouring colours are alike
CELL = 16  # pixels of a cell, in which all pixels have the same neighbourhood
REACH = 1.4  # cells: standard deviation of the neighbourhood
SURE, MARGIN = 0.95, 6  # probability of what is certain, and pixels that it lies within its border
ENOUGH = 50.0  # certain pixels in a neighbourhood, below which it says little
BIN = (np.arange(256) * BINS // 256).astype(np.uint8)  # of each code
USUAL = 0.003  # share of a neighbourhood's pixels at which a colour is half as usual as can be
_ALONE = Lock()


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    """What multiplies matrices. Its threads go on waiting in a loop for 30 ms, on the cores of the detail graph."""
    return ThreadpoolController().select(user_api="blas")


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
    red, green, blue = cv2.split(cv2.LUT(rgb, BIN))
    colour = (red.astype(np.int32) * BINS + green) * BINS + blue
    # Of the colours that there could be, a picture has a fifth.
    kinds = np.flatnonzero(np.bincount(colour.ravel(), minlength=BINS**3))
    place = np.zeros(BINS**3, dtype=np.int32)
    place[kinds] = np.arange(len(kinds), dtype=np.int32)
    alike = _alike(kinds)
    rows, columns = np.arange(height, dtype=np.int32) // CELL, np.arange(width, dtype=np.int32) // CELL
    cells = int(rows[-1]) + 1, int(columns[-1]) + 1
    entry = (rows[:, None] * cells[1] + columns) * np.int32(len(kinds)) + place[colour]  # in the tables of all cells
    planes = np.empty((PLANES, height // 2, width // 2), dtype=np.float32)
    for plane, certain in zip(planes, (whole > SURE, whole < 1 - SURE), strict=True):
        inner = cv2.erode(certain.astype(np.uint8), disc, borderValue=1) > 0
        with _ALONE, _blas().limit(limits=1):
            share = _shares(entry[inner], *cells, alike)
        share = share.take(entry)
        cv2.resize(share / (share + USUAL), plane.shape[::-1], dst=plane, interpolation=cv2.INTER_AREA)
    return planes


def _alike(kinds: NDArray[np.intp]) -> NDArray[np.float32]:
    """How much of each colour counts as each other one, of those that occur: (colours, colours)."""
    hue = _gaussian(BINS, SOFT)
    hue /= hue.sum(axis=0)
    red, green, blue = kinds // BINS**2, kinds // BINS % BINS, kinds % BINS
    return hue[np.ix_(red, red)] * hue[np.ix_(green, green)] * hue[np.ix_(blue, blue)]


def _shares(seen: NDArray[np.int32], rows: int, columns: int, alike: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each cell's neighbourhood, the share of each colour: (cells, colours)."""
    counts = np.bincount(seen, minlength=rows * columns * len(alike)).astype(np.float32)
    down, across = _gaussian(rows, REACH), _gaussian(columns, REACH)
    near = (down @ counts.reshape(rows, -1)).reshape(rows, columns, -1)
    near = np.matmul(across, near).reshape(rows * columns, -1)
    return near @ alike / np.maximum(near.sum(axis=1, keepdims=True), ENOUGH)


def _gaussian(count: int, deviation: float) -> NDArray[np.float32]:
    """Weights of `count` places in each other's neighbourhoods."""
    apart = np.subtract.outer(np.arange(count), np.arange(count))
    weights = np.exp(-0.5 * (apart / deviation) ** 2).astype(np.float32)
    return np.where(weights < 1e-4, np.float32(0), weights)  # products of tails would be denormal, and slow
