"""What was found on a reduced picture, for the pixels of the whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["at"]

ACROSS = 1024


def at(
    layer: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """A reduced picture's values at pixels of the whole one, interpolated.

    Parameters
    ----------
    layer : ndarray of float32, shape (h, w, N)
        The reduced picture.
    rows, columns : ndarray of int
        Places in the whole one.
    shape : tuple of int
        Its height and width.

    Returns
    -------
    ndarray of float32, shape (places, N)
        The values.
    """
    count = len(rows)
    # OpenCV wants the places as a picture of less than 32,768 rows.
    grid = np.zeros((2, -(-count // ACROSS), ACROSS), dtype=np.float32)
    grid[0].ravel()[:count] = (columns + 0.5) * (layer.shape[1] / shape[1]) - 0.5
    grid[1].ravel()[:count] = (rows + 0.5) * (layer.shape[0] / shape[0]) - 0.5
    values = cv2.remap(layer, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(-1, layer.shape[2] if layer.ndim > 2 else 1)[:count]
