"""Invert affine maps of the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from idphoto.portrait import Matrix

__all__ = ["invert_affine"]


def invert_affine(matrix: Matrix) -> Matrix:
    """Invert an affine map.

    Use this function and not `numpy.linalg.inv`. That one starts the threads of OpenBLAS, and each thread then
    waits for more work in a loop for 50 ms. With four inverses per photo, this increased the processor time by half.

    Parameters
    ----------
    matrix : ndarray of float64, shape (2, 3) or (3, 3)
        The last row of a (3, 3) matrix is (0, 0, 1).

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
