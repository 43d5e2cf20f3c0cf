"""What is behind the person: its colour, how even it is, and whether a shadow lies on it. Our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from idphoto.colour import Colour, rgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["Backing", "describe"]

SAMPLES = 200  # rows that the judgement looks at; more would cost time and tell nothing
LEAST = 0.01  # share of the picture below which the background cannot be judged


class Backing(NamedTuple):
    """What was measured on a background.

    Attributes
    ----------
    colour : Colour
        Median, in sRGB.
    lab : ndarray of float, shape (3,)
        The same in CIELAB.
    spread, texture, shadow : float
        Units of CIELAB: 90th percentile of the distance from the median; root mean square of lightness
        detail finer than a twentieth of the height; lightness between left, top and right.
    share : float
        Of the picture that is background.
    """

    colour: Colour
    lab: NDArray[np.float64]
    spread: float
    texture: float
    shadow: float
    share: float


def describe(rgb: Rgb, alpha: Alpha) -> Backing | None:
    """Measure the background of a picture.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        Share of the person.

    Returns
    -------
    Backing or None
        None if there is too little background to judge.
    """
    step = max(1, rgb.shape[0] // SAMPLES)
    small = cv2.resize(rgb, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA) if step > 1 else rgb
    height, width = small.shape[:2]
    mask = (cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) < 0.02).astype(np.uint8)
    # Keep clear of hair that the matte may have missed.
    reach = max(1, round(0.015 * height))
    mask = cv2.erode(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8), borderValue=1) > 0
    share = float(mask.mean())
    if share < LEAST:
        return None
    values = rgb_to_lab(small)
    inside = values[mask].astype(np.float64)
    median = np.median(inside, axis=0)
    distance = np.sqrt(((inside - median) ** 2).sum(axis=1))
    lightness = np.where(mask, values[..., 0], 0).astype(np.float32)
    sigma = 0.05 * height
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)
    smooth = cv2.GaussianBlur(lightness, (0, 0), sigma) / np.maximum(weight, 1e-3)
    texture = float(np.sqrt(((lightness - smooth)[mask] ** 2).mean()))
    return Backing(
        colour=Colour(*(int(value) for value in np.median(small[mask], axis=0))),
        lab=median,
        spread=float(np.percentile(distance, 90)),
        texture=texture,
        shadow=_shadow(values[..., 0], mask),
        share=share,
    )


def _shadow(lightness: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Difference in lightness between the lightest and the darkest of left, top and right."""
    height, width = mask.shape
    zones = (
        (slice(None), slice(0, width // 4)),
        (slice(0, height // 5), slice(None)),
        (slice(None), slice(width - width // 4, None)),
    )
    levels = [float(np.median(lightness[zone][mask[zone]])) for zone in zones if mask[zone].mean() > 0.05]
    return max(levels) - min(levels) if len(levels) > 1 else 0.0
