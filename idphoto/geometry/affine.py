"""Affine maps of the plane as 3x3 matrices, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from idphoto.portrait import Matrix

__all__ = ["invert_affine"]


def invert_affine(matrix: Matrix) -> Matrix:
    """The map back.

    `numpy.linalg.inv` would do, but it wakes the threads of OpenBLAS for nine numbers, and each of them then waits
    for more work in a loop, for 50 ms. With four inverses a photo, that was half as much processor time again as all
    the rest.

    Parameters
    ----------
    matrix : ndarray of float64, shape (2, 3) or (3, 3)
        Of a (3, 3) one the last row is (0, 0, 1).

    Returns
    -------
    ndarray of float64, shape (3, 3)

    Raises
    ------
    ZeroDivisionError
        If the map has no inverse.
    """
    (a, b, x), (c, d, y) = matrix[:2].tolist()
    area = a * d - b * c
    a, b, c, d = d / area, -b / area, -c / area, a / area
    return np.array([[a, b, -a * x - b * y], [c, d, -c * x - d * y], [0.0, 0.0, 1.0]])
