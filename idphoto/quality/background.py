"""Measure the background: its colour, how even it is, and whether a shadow lies on it. These measures are our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from idphoto.colour import Colour, rgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["MAX_CLEAR_ALPHA", "BackgroundMeasures", "measure_background"]

MIN_MEASURED_ROWS = 200  # the picture is reduced by a whole number, as long as so many rows remain; more change nothing
MIN_MEASURABLE_SHARE = 0.01  # of the picture; with less background the measures mean nothing
MAX_CLEAR_ALPHA = 0.02  # a pixel with more alpha belongs to the person
PERSON_MARGIN = 0.015  # around the person, in heights of the picture: hair that the matte may have missed
FINE_DETAIL_SIGMA = 0.05  # of the Gaussian that separates texture from slow gradients, in heights of the picture
MIN_ZONE_SHARE = 0.05  # of a zone that must be background, so that its lightness counts


class BackgroundMeasures(NamedTuple):
    """Measures of the background of a picture.

    Attributes
    ----------
    colour : Colour
        Median colour, in sRGB.
    lab : ndarray of float64, shape (3,)
        Median colour, in CIELAB.
    spread : float
        90th percentile of the distance from the median colour, in CIELAB units.
    texture : float
        Root mean square of lightness detail finer than a twentieth of the height, in L*.
    shadow : float
        Difference between the lightest and the darkest of the zones left, top and right, in L*.
    share : float
        Share of the picture that is background, in [0, 1].
    """

    colour: Colour
    lab: NDArray[np.float64]
    spread: float
    texture: float
    shadow: float
    share: float


def measure_background(rgb: Rgb, alpha: Alpha) -> BackgroundMeasures | None:
    """Measure the background of a picture.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        Alpha matte of the person.

    Returns
    -------
    BackgroundMeasures or None
        None if there is too little background.
    """
    step = max(1, rgb.shape[0] // MIN_MEASURED_ROWS)
    small = cv2.resize(rgb, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA) if step > 1 else rgb
    background = _find_background(alpha, small.shape[:2])
    share = float(background.mean())
    if share < MIN_MEASURABLE_SHARE:
        return None
    lab = rgb_to_lab(small)
    pixels = lab[background].astype(np.float64)
    median = np.median(pixels, axis=0)
    distance = np.sqrt(((pixels - median) ** 2).sum(axis=1))
    return BackgroundMeasures(
        colour=Colour(*(int(value) for value in np.median(small[background], axis=0))),
        lab=median,
        spread=float(np.percentile(distance, 90)),
        texture=_measure_texture(lab[..., 0], background),
        shadow=_measure_shadow(lab[..., 0], background),
        share=share,
    )


def _find_background(alpha: Alpha, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the mask of the background at the size of the reduced picture, with a margin around the person."""
    height, width = shape
    mask = (cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) < MAX_CLEAR_ALPHA).astype(np.uint8)
    margin = max(1, round(PERSON_MARGIN * height))
    return cv2.erode(mask, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8), borderValue=1) > 0


def _measure_texture(lightness: NDArray[np.float32], background: NDArray[np.bool_]) -> float:
    """Return the root mean square of L* less its local mean over the background."""
    inside = np.where(background, lightness, 0).astype(np.float32)
    sigma = FINE_DETAIL_SIGMA * background.shape[0]
    weight = cv2.GaussianBlur(background.astype(np.float32), (0, 0), sigma)
    local_mean = cv2.GaussianBlur(inside, (0, 0), sigma) / np.maximum(weight, 1e-3)
    return float(np.sqrt(((inside - local_mean)[background] ** 2).mean()))


def _measure_shadow(lightness: NDArray[np.float32], background: NDArray[np.bool_]) -> float:
    """Return the difference of median L* between the lightest and the darkest of the zones left, top and right."""
    height, width = background.shape
    zones = (
        (slice(None), slice(0, width // 4)),
        (slice(0, height // 5), slice(None)),
        (slice(None), slice(width - width // 4, None)),
    )
    levels = [
        float(np.median(lightness[zone][background[zone]]))
        for zone in zones
        if background[zone].mean() > MIN_ZONE_SHARE
    ]
    return max(levels) - min(levels) if len(levels) > 1 else 0.0
