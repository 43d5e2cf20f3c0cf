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

    Light = NDArray[np.float32]

__all__ = ["foreground"]

COARSE = 13  # pixels of the wide window on the reduced picture
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
    share = alpha[window]
    height, width = share.shape
    # The wide means are smooth: they are taken on a reduced picture.
    step = max(1, round(WINDOWS[0] * rgb.shape[0] / COARSE))
    small = (max(1, width // step), max(1, height // step))
    few, mixed = (cv2.resize(layer, small, interpolation=cv2.INTER_AREA) for layer in (share, light))
    colours, wall = (cv2.resize(layer, (width, height)) for layer in _means(mixed, mixed, few, COARSE))
    colours = _corrected(light, colours, wall, share)
    size = max(3, round(WINDOWS[1] * rgb.shape[0])) | 1
    colours = _corrected(light, *_means(colours, wall, share, size), share)
    result = rgb.copy()
    patch = result[window]
    patch[edge[window]] = to_srgb(colours[edge[window]])
    return result


def _means(colours: Light, wall: Light, share: Alpha, size: int) -> tuple[Light, Light]:
    """Mean colours of the person and of the wall in a window around each pixel."""
    person = share[..., None]
    near = cv2.blur(share, (size, size))[..., None]
    return (
        cv2.blur(colours * person, (size, size)) / (near + 1e-5),
        cv2.blur(wall * (1 - person), (size, size)) / (1 - near + 1e-5),
    )


def _corrected(light: Light, colours: Light, wall: Light, share: Alpha) -> Light:
    """Put what the means do not explain of a pixel into the person's colour, by their share."""
    person = share[..., None]
    rest = light - person * colours - (1 - person) * wall
    return np.clip(colours + person * rest, 0, 1)
