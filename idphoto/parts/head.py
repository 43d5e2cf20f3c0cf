"""Cut out a head with its hair, along the jaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from idphoto.parts.place import HeadPlace
    from idphoto.portrait import Alpha

__all__ = ["estimate_head_alpha"]

EAR_LOBES_BELOW_EYES = 0.55  # lower end of the ear lobes below the eyes, in units of `HeadPlace.size`
HEAD_HALF_BREADTH = 1.25  # distance from the axis of the face within which the person belongs to the head, likewise
JAW_BLUR = 0.015  # blur of the line along the jaw, likewise


def estimate_head_alpha(alpha: Alpha, hair: Alpha, place: HeadPlace) -> Alpha:
    """Estimate the share of the head in each pixel: face, ears, hair and headgear.

    Parameters
    ----------
    alpha : ndarray of float32, shape (H, W)
        Share of the person, in a window around the head.
    hair : ndarray of float32, shape (H, W)
        Share of hair; see :func:`idphoto.parts.hair.estimate_hair_alpha`.
    place : HeadPlace
        The head in the window.

    Returns
    -------
    ndarray of float32, shape (H, W)
        In [0, 1], at most `alpha`.
    """
    across, down = place.head_coordinates(alpha.shape)
    solid = place.draw_face(alpha.shape, 1.02) > 0
    # Down to the ear lobes, everything of the person near the face is head, also a hat or a raised hand.
    # Further to the side, it may be the shoulder of a neighbour.
    solid |= (down < EAR_LOBES_BELOW_EYES) & (np.abs(across) < HEAD_HALF_BREADTH)
    line = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), max(0.7, JAW_BLUR * place.size))
    result: Alpha = np.maximum(line * alpha, np.minimum(hair, alpha))
    return result
