"""Measure on a reduced picture, and interpolate the results at single pixels of the full one.

`Places` are indices of pixels of the full picture, counted row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from idphoto.colour import to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

    Places = NDArray[np.intp]

__all__ = ["Places", "at", "at_least", "between", "disc", "light_at", "shrunk", "stacked"]

REMAP_COLUMNS = 1024  # columns of the picture into which places are arranged for OpenCV
PIECES_SIDE_PX = 500  # longer side of the reduced picture on which pieces of a matte are found


def shrunk(*layers: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Reduce layers of one size by a whole number, to a longer side of at most `PIECES_SIDE_PX`."""
    height, width = layers[0].shape[:2]
    step = int(np.ceil(max(height, width) / PIECES_SIDE_PX))
    size = (max(1, width // step), max(1, height // step))
    return tuple(cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in layers)


def at_least(alpha: Alpha, least: NDArray[np.float32]) -> Alpha:
    """Return alpha, raised to at least the values of a reduced layer."""
    whole = cv2.resize(least, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.maximum(alpha, whole, out=whole)


def between(alpha: Alpha, low: float, high: float) -> Places:
    """Return the places of the pixels whose alpha is above `low` and below `high`."""
    return np.flatnonzero((alpha > np.float32(low)) & (alpha < np.float32(high)))


def light_at(rgb: Rgb, where: Places) -> NDArray[np.float32]:
    """Return the linear light of the picture at places, shape (places, 3)."""
    return to_linear(rgb.reshape(-1, 3).take(where, axis=0))


def stacked(*layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stack layers of one or three channels into one; several times faster than numpy's functions."""
    return cv2.merge([plane for layer in layers for plane in cv2.split(layer)])


def at(layer: NDArray[np.float32], where: Places, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Interpolate a reduced picture at places of the full one.

    Parameters
    ----------
    layer : ndarray of float32, shape (h, w, N)
        Layers of the reduced picture.
    where : ndarray of int
        Places in the full picture.
    shape : tuple of int
        Height and width of the full picture.

    Returns
    -------
    ndarray of float32, shape (places, N)
        The values.
    """
    count = len(where)
    rows = where // shape[1]
    # OpenCV takes the places as a picture, which may have at most 32,767 rows.
    grid = np.zeros((2, -(-count // REMAP_COLUMNS), REMAP_COLUMNS), dtype=np.float32)
    grid[0].ravel()[:count] = (where - rows * shape[1] + 0.5) * (layer.shape[1] / shape[1]) - 0.5
    grid[1].ravel()[:count] = (rows + 0.5) * (layer.shape[0] / shape[0]) - 0.5
    values = cv2.remap(layer, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(-1, layer.shape[2] if layer.ndim > 2 else 1)[:count]


def disc(radius: float) -> NDArray[np.uint8]:
    """Return a disc as structuring element, with a radius of at least one pixel."""
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
