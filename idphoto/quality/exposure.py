"""Light on the face: exposure, dynamic range, luminance, and how alike both cheeks are lit.

ISO/IEC 29794-5 components 0x43 to 0x48, as OFIQ defines them [1]_, on the face from the brows
to the chin in linear light.

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
    "cheek_levels",
    "dynamic_range",
    "histogram",
    "illumination_uniformity",
    "luminance_moments",
    "over_exposure",
    "under_exposure",
]

DARK, BRIGHT = 25, 247
"""Linear luminance up to which a pixel counts as under-, and from which as over-exposed."""


def histogram(face: AlignedFace) -> NDArray[np.float64]:
    """Shares of the 256 levels of linear luminance over the face; they sum to 1."""
    counts = np.bincount(face.light[face.face], minlength=256).astype(np.float64)
    return counts / max(counts.sum(), 1.0)


def under_exposure(shares: NDArray[np.float64]) -> float:
    """Share of the face that is too dark to show anything (component 0x46)."""
    return float(shares[: DARK + 1].sum())


def over_exposure(shares: NDArray[np.float64]) -> float:
    """Share of the face that is burnt out (component 0x47)."""
    return float(shares[BRIGHT:].sum())


def luminance_moments(shares: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and variance of linear luminance in [0, 1] (components 0x44 and 0x45)."""
    levels = np.arange(256) / 255
    mean = float(shares @ levels)
    return mean, float(shares @ (levels - mean) ** 2)


def dynamic_range(shares: NDArray[np.float64]) -> float:
    """Shannon entropy of the luminance levels, in bits (component 0x48)."""
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())


def illumination_uniformity(face: AlignedFace) -> float:
    """Overlap of the luminance histograms of both cheeks, 1 when they are alike (component 0x43)."""
    overlap = np.ones(256)
    for zone in face.cheeks:
        inside = face.face[zone]
        counts = np.bincount(face.light[zone][inside], minlength=256).astype(np.float64)
        overlap = np.minimum(overlap, counts / max(counts.sum(), 1.0))
    return float(overlap.sum())


def cheek_levels(face: AlignedFace) -> tuple[float, float]:
    """Mean linear luminance of the left and the right cheek, 0..255.

    Our own: their ratio says how uneven the light is in a unit that people know from lighting.
    """
    levels = []
    for zone in face.cheeks:
        inside = face.face[zone]
        levels.append(float(face.light[zone][inside].mean()) if inside.any() else float("nan"))
    return levels[0], levels[1]
