"""Foreground colours: what the person's edge would look like without the old background.

An edge pixel mixes hair and wall. Laid over a new background as it is, it carries the old wall
along as a fringe. The estimate below finds the share that is hair by blurring known colours
inwards and correcting the remainder, twice: wide, then narrow.

References
----------
.. [1] Forte: Approximate fast foreground colour estimation, ICIP 2021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import to_linear, to_srgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Alpha, Rgb

__all__ = ["foreground"]

WINDOWS = (0.17, 0.012)  # widths as shares of the picture's height; 91 and 7 pixels at 540


def foreground(rgb: Rgb, alpha: Alpha) -> Rgb:
    """Estimate the colours of the person alone, in linear light.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        sRGB; equal to `rgb` where alpha is 1, meaningless where it is 0.
    """
    edge = (alpha > 0.0) & (alpha < 1.0)
    if not edge.any():
        return rgb
    # Only the edge needs new colours, and only its surroundings can tell which.
    reach = max(3, round(WINDOWS[0] * rgb.shape[0] / 2))
    rows, columns = np.flatnonzero(edge.any(axis=1)), np.flatnonzero(edge.any(axis=0))
    top, bottom = max(rows[0] - reach, 0), min(rows[-1] + reach + 1, rgb.shape[0])
    left, right = max(columns[0] - reach, 0), min(columns[-1] + reach + 1, rgb.shape[1])
    window = (slice(top, bottom), slice(left, right))

    light = to_linear(rgb[window])
    share = alpha[window][..., None]
    colours = wall = light
    for width in WINDOWS:
        size = max(3, round(width * rgb.shape[0])) | 1
        colours, wall = _fuse(light, colours, wall, share, size)
    result = rgb.copy()
    patch = result[window]
    patch[edge[window]] = to_srgb(colours[edge[window]])
    return result


def _fuse(
    light: NDArray[np.float32],
    colours: NDArray[np.float32],
    wall: NDArray[np.float32],
    share: NDArray[np.float32],
    size: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One pass: blur both layers over a window, then put the unexplained rest into the person's."""
    near_share = cv2.blur(share, (size, size))[..., None]
    near_colours = cv2.blur(colours * share, (size, size)) / (near_share + 1e-5)
    near_wall = cv2.blur(wall * (1 - share), (size, size)) / (1 - near_share + 1e-5)
    rest = light - share * near_colours - (1 - share) * near_wall
    return np.clip(near_colours + share * rest, 0, 1), near_wall
