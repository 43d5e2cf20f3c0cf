"""Pixels of a whole picture, and what was found for them on a reduced one."""

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

ACROSS = 1024
LOOK = 500  # pixels of the longer side up to which pieces of a matte are looked for


def shrunk(*layers: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Layers of one size, reduced by a whole number to `LOOK` pixels or less."""
    height, width = layers[0].shape[:2]
    step = int(np.ceil(max(height, width) / LOOK))
    size = (max(1, width // step), max(1, height // step))
    return tuple(cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in layers)


def at_least(alpha: Alpha, least: NDArray[np.float32]) -> Alpha:
    """Alpha that is nowhere less than a reduced layer says."""
    whole = cv2.resize(least, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.maximum(alpha, whole, out=whole)


def between(alpha: Alpha, low: float, high: float) -> Places:
    """Places of the pixels whose alpha is above `low` and below `high`, counted along the rows from the first."""
    return np.flatnonzero((alpha > np.float32(low)) & (alpha < np.float32(high)))


def light_at(rgb: Rgb, where: Places) -> NDArray[np.float32]:
    """Linear light of pixels of a picture, of shape (places, 3)."""
    return to_linear(rgb.reshape(-1, 3).take(where, axis=0))


def stacked(*layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Layers of one or three channels as channels of one; several times faster than numpy's."""
    return cv2.merge([plane for layer in layers for plane in cv2.split(layer)])


def at(layer: NDArray[np.float32], where: Places, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A reduced picture's values at pixels of the whole one, interpolated.

    Parameters
    ----------
    layer : ndarray of float32, shape (h, w, N)
        The reduced picture.
    where : ndarray of int
        Places in the whole one.
    shape : tuple of int
        Its height and width.

    Returns
    -------
    ndarray of float32, shape (places, N)
        The values.
    """
    count = len(where)
    rows = where // shape[1]
    # OpenCV wants the places as a picture of less than 32,768 rows.
    grid = np.zeros((2, -(-count // ACROSS), ACROSS), dtype=np.float32)
    grid[0].ravel()[:count] = (where - rows * shape[1] + 0.5) * (layer.shape[1] / shape[1]) - 0.5
    grid[1].ravel()[:count] = (rows + 0.5) * (layer.shape[0] / shape[0]) - 0.5
    values = cv2.remap(layer, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(-1, layer.shape[2] if layer.ndim > 2 else 1)[:count]


def disc(radius: float) -> NDArray[np.uint8]:
    """A disc for the morphology of pieces, of a pixel's radius at least."""
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
