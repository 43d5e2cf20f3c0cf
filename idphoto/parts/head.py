"""A head with its hair, cut off at the jaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from idphoto.parts.place import Place
    from idphoto.portrait import Alpha

__all__ = ["head_alpha"]

EARS = 0.55  # how far below the eyes the lobes end, in units of eyes to chin
SOFT = 0.015  # blur of the line along the jaw, in that unit


def head_alpha(alpha: Alpha, hair: Alpha, place: Place) -> Alpha:
    """Share of the head in each pixel: face, ears, hair, and what is worn on it.

    Parameters
    ----------
    alpha : ndarray of float32, shape (H, W)
        Share of the person, in a window around the head.
    hair : ndarray of float32, shape (H, W)
        Share of hair; see :func:`idphoto.parts.hair.hair_alpha`.
    place : Place
        The head in the window.

    Returns
    -------
    ndarray of float32, shape (H, W)
        In [0, 1], at most `alpha`.
    """
    across, down = place.frame(alpha.shape)
    solid = place.face(alpha.shape, 1.02) > 0
    # Down to the lobes, all that belongs to the person near the face is head.
    solid |= (down < EARS) & (np.abs(across) < 1.25)
    # Far up, a raised hand or a hat is as well; far beside, it is a neighbour's shoulder.
    line = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), max(0.7, SOFT * place.size))
    result: Alpha = np.maximum(line * alpha, np.minimum(hair, alpha))
    return result
