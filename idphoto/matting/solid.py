"""No holes inside a person: what is let through deep within a body is a mistake, whatever its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from idphoto.photo import Alpha

__all__ = ["solid"]

DEPTH = 0.03  # share of the height; the loops of hair and of earrings, which are real holes, lie nearer to the edge
SURE = 0.98


def solid(alpha: Alpha) -> Alpha:
    """Fill islands of alpha below 1 that lie deep inside the person.

    Parameters
    ----------
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].

    Returns
    -------
    ndarray of float32, shape (H, W)
        The same, but 1 on islands that are `DEPTH` away from everything that reaches the upper or a lateral border.
        The person stands on the lower one.
    """
    low = (alpha < SURE).astype(np.uint8)
    count, labels = cv2.connectedComponents(low, connectivity=8)
    outside = np.zeros(count, dtype=bool)
    for border in (labels[0], labels[:, 0], labels[:, -1]):
        outside[border] = True
    outside[0] = False
    if count - 1 == outside.sum() or not outside.any():
        return alpha
    reached = outside[labels]
    near = cv2.distanceTransform((~reached).astype(np.uint8), cv2.DIST_L2, 3) <= DEPTH * alpha.shape[0]
    island = ~outside
    island[labels[near]] = False
    island[0] = False
    return np.where(island[labels], np.float32(1), alpha) if island.any() else alpha
