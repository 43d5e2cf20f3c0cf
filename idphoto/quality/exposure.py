"""Measure the light on a face: exposure, dynamic range, luminance, and the difference between both cheeks.

These are components 0x43 to 0x48 of ISO/IEC 29794-5 as OFIQ defines them [1]_, measured in linear light on the face
from the brows to the chin.

References
----------
.. [1] BSI-OFIQ/OFIQ-Project, release 1.0.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = [
    "compute_luminance_histogram",
    "compute_luminance_moments",
    "measure_cheek_luminance",
    "measure_dynamic_range",
    "measure_illumination_uniformity",
    "measure_over_exposure",
    "measure_under_exposure",
]

MAX_UNDEREXPOSED_LEVEL, MIN_OVEREXPOSED_LEVEL = 25, 247
"""Linear luminance, 0..255, up to which a pixel is under-exposed, and from which it is over-exposed."""


def compute_luminance_histogram(face: AlignedFace) -> NDArray[np.float64]:
    """Return the share of each of the 256 levels of linear luminance over the face, shape (256,); they sum to 1."""
    counts = np.bincount(face.luminance[face.face_mask], minlength=256).astype(np.float64)
    return counts / max(counts.sum(), 1.0)


def measure_under_exposure(histogram: NDArray[np.float64]) -> float:
    """Return the share of the face that is too dark to show anything, in [0, 1] (component 0x46)."""
    return float(histogram[: MAX_UNDEREXPOSED_LEVEL + 1].sum())


def measure_over_exposure(histogram: NDArray[np.float64]) -> float:
    """Return the share of the face that is burnt out, in [0, 1] (component 0x47)."""
    return float(histogram[MIN_OVEREXPOSED_LEVEL:].sum())


def compute_luminance_moments(histogram: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and variance of linear luminance in [0, 1] (components 0x44 and 0x45)."""
    levels = np.arange(256) / 255
    mean = float(histogram @ levels)
    return mean, float(histogram @ (levels - mean) ** 2)


def measure_dynamic_range(histogram: NDArray[np.float64]) -> float:
    """Return the Shannon entropy of the luminance levels, in bits (component 0x48)."""
    some = histogram[histogram > 0]
    return float(-(some * np.log2(some)).sum())


def measure_illumination_uniformity(face: AlignedFace) -> float:
    """Return the overlap of the luminance histograms of both cheeks; 1 if they are the same (component 0x43)."""
    overlap = np.ones(256)
    for zone in face.cheek_zones:
        inside = face.face_mask[zone]
        counts = np.bincount(face.luminance[zone][inside], minlength=256).astype(np.float64)
        overlap = np.minimum(overlap, counts / max(counts.sum(), 1.0))
    return float(overlap.sum())


def measure_cheek_luminance(face: AlignedFace) -> tuple[float, float]:
    """Return the mean linear luminance of the left and of the right cheek, 0..255; NaN for a cheek out of the picture.

    This measure is our own. The ratio of the two values is the lighting ratio that photographers use.
    """
    levels = []
    for zone in face.cheek_zones:
        inside = face.face_mask[zone]
        levels.append(float(face.luminance[zone][inside].mean()) if inside.any() else float("nan"))
    return levels[0], levels[1]
