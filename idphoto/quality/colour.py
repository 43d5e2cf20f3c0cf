"""Measure the colour of the skin, and red eyes.

`measure_skin_unnaturalness` is component 0x4B of ISO/IEC 29794-5 (NaturalColour) as OFIQ defines it; the other
measures are our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import rgb_to_lab, to_linear
from idphoto.face_mesh import LEFT_IRIS_CENTRE, LEFT_IRIS_RING, RIGHT_IRIS_CENTRE, RIGHT_IRIS_RING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = [
    "measure_colour_variety",
    "measure_red_eyes",
    "measure_skin_colour",
    "measure_skin_unnaturalness",
    "measure_typology_angle",
]

VARIETY_SIDE_PX = 160  # longer side of the picture that the variety of colours is measured on
LIGHTNESS_BINS = 16
MIN_BIN_PIXELS = 8

# Matrix from linear sRGB to XYZ under D50, and the white D50: OFIQ adapts to the white of print, sRGB itself has D65.
_TO_XYZ = np.array([(0.43605, 0.38508, 0.14309), (0.22249, 0.71689, 0.06062), (0.01393, 0.09710, 0.71419)])
_D50_WHITE = np.array([0.964221, 1.0, 0.825211])


def measure_colour_variety(rgb: NDArray[np.uint8]) -> float:
    """Measure how much colours of the same lightness differ from each other.

    In a black and white photo, also in a toned one such as sepia, the lightness of a pixel determines its colour. The
    number of channels of a file says nothing about that.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    float
        Root mean square distance of a* and b* from their median at the same lightness, in CIELAB units.
    """
    zoom = min(1.0, VARIETY_SIDE_PX / max(rgb.shape[:2]))
    small = cv2.resize(rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA) if zoom < 1 else rgb
    lab = rgb_to_lab(small).reshape(-1, 3)
    bins = np.clip((lab[:, 0] * (LIGHTNESS_BINS / 100)).astype(int), 0, LIGHTNESS_BINS - 1)
    total = 0.0
    for level in range(LIGHTNESS_BINS):
        colours = lab[bins == level, 1:]
        if len(colours) >= MIN_BIN_PIXELS:
            total += float(np.square(colours - np.median(colours, axis=0)).sum())
    return float(np.sqrt(total / len(lab)))


def measure_skin_colour(face: AlignedFace) -> NDArray[np.float64] | None:
    """Return the mean sRGB levels of both cheeks, 0..255, shape (3,); None if no cheek lies inside the picture."""
    pixels = [face.rgb[zone][face.face_mask[zone]] for zone in face.cheek_zones]
    both = np.concatenate(pixels)
    return both.mean(axis=0) if len(both) else None


def measure_skin_unnaturalness(face: AlignedFace) -> float | None:
    """Measure how far the skin's a* and b* lie outside the range of natural skin (component 0x4B).

    Returns
    -------
    float or None
        Distance in CIELAB units: 0 inside the range (2.1 scores 90, 11.1 scores 50); 100 for greenish or bluish skin;
        0 for a grey picture; None if no cheek lies inside the picture.
    """
    mean = measure_skin_colour(face)
    if mean is None:
        return None
    if (face.rgb[..., 0] == face.rgb[..., 1]).all() and (face.rgb[..., 1] == face.rgb[..., 2]).all():
        return 0.0
    level = mean / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    xyz = _TO_XYZ @ linear / _D50_WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    a, b = 500 * (f[0] - f[1]), 200 * (f[1] - f[2])
    if a < 0 or b < 0:
        return 100.0
    return float(np.hypot(max(0.0, 5 - a, a - 25), max(0.0, 5 - b, b - 35)))


def measure_typology_angle(face: AlignedFace) -> float | None:
    """Measure the individual typology angle (ITA) of the cheeks, in degrees: above 55 very light, below -30 dark.

    It depends on the exposure of the photo as well as on the skin. Returns None if no cheek lies inside the picture.

    References
    ----------
    Chardon, Cretois, Hourseau: Skin colour typology, Int. J. Cosmet. Sci. 13 (1991).
    """
    mean = measure_skin_colour(face)
    if mean is None:
        return None
    lightness, _, b = rgb_to_lab(np.rint(mean).astype(np.uint8))
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def measure_red_eyes(face: AlignedFace) -> float:
    """Measure the share of the redder iris that glows red, in [0, 1]: bright red with little green and blue."""
    shares = []
    for middle, ring in ((LEFT_IRIS_CENTRE, LEFT_IRIS_RING), (RIGHT_IRIS_CENTRE, RIGHT_IRIS_RING)):
        centre = face.points[middle]
        radius = float(np.linalg.norm(face.points[list(ring)] - centre, axis=1).mean())
        mask = np.zeros(face.rgb.shape[:2], dtype=np.uint8)
        cv2.circle(mask, (round(centre[0]), round(centre[1])), max(1, round(0.8 * radius)), 1, -1)
        pixels = to_linear(face.rgb[mask > 0])
        if len(pixels) == 0:
            continue
        red, rest = pixels[:, 0], np.maximum(pixels[:, 1], pixels[:, 2])
        shares.append(float(((red > 0.12) & (red > 3.0 * rest)).mean()))
    return max(shares, default=0.0)
