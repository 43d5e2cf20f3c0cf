"""Measure the sharpness of a face and traces of compression, by measures of our own where OFIQ uses trained models.

Sharpness is given as an equivalent blur, in pixels of a face whose eyes lie 113 px apart: a Gaussian of that standard
deviation leaves a sharp studio portrait with the same ratio of fine to coarse detail. The scale was calibrated with
known blurs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.face_mesh import FACE_HULL
from idphoto.quality.aligned import locate_eye_centres

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["estimate_blur", "estimate_jpeg_quality", "measure_block_step", "measure_fineness"]

EYE_DISTANCE_PX = 113.0
"""Distance between the eyes at which sharpness is judged, as in OFIQ's aligned picture."""

MAX_STEP_LEVELS = 12  # larger steps of grey come from the content of the picture, not from blocks


def measure_fineness(rgb: NDArray[np.uint8], mesh: NDArray[np.float32]) -> float:
    """Measure the ratio of fine to coarse detail of a face, which blur lowers.

    Fine detail is the root mean square of sRGB grey between Gaussians of 0.6 and 1.2 px, coarse detail that between
    2.4 and 4.8 px. Both are taken on the half of the face that has most coarse detail (brows, lids, lips, nostrils).
    Light and skin colour cancel out. The face is reduced until its eyes lie 113 px apart. It is never enlarged, since
    missing pixels are a finding of their own.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    mesh : ndarray of float32, shape (478, 2 or 3)
        MediaPipe's landmarks in pixels of `rgb`.
    """
    points = mesh[:, :2].astype(np.float64)
    distance = float(np.linalg.norm(np.subtract(*locate_eye_centres(points))))
    hull = points[list(FACE_HULL)]
    margin = 0.2 * distance
    low = np.maximum(np.floor(hull.min(axis=0) - margin), 0).astype(int)
    high = np.ceil(hull.max(axis=0) + margin).astype(int) + 1
    window = rgb[low[1] : high[1], low[0] : high[0]]
    hull = hull - low
    factor = min(1.0, EYE_DISTANCE_PX / max(distance, 1.0))
    if factor < 1:
        window = cv2.resize(window, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        hull = hull * factor
    grey = cv2.cvtColor(window, cv2.COLOR_RGB2GRAY).astype(np.float32)
    inside = np.zeros(grey.shape, dtype=np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(hull).astype(np.int32)), 1)
    within = cv2.erode(inside, np.ones((7, 7), np.uint8), borderValue=0) > 0
    if not within.any():
        return 0.0
    fine = cv2.GaussianBlur(grey, (0, 0), 0.6) - cv2.GaussianBlur(grey, (0, 0), 1.2)
    coarse = cv2.GaussianBlur(grey, (0, 0), 2.4) - cv2.GaussianBlur(grey, (0, 0), 4.8)
    energy = cv2.GaussianBlur(coarse**2, (0, 0), 3.0)
    busy = within & (energy >= np.median(energy[within]))
    return float(np.sqrt((fine[busy] ** 2).mean() / max(float((coarse[busy] ** 2).mean()), 1e-6)))


_CALIBRATION = ((0.53, 0.0), (0.46, 0.5), (0.36, 0.8), (0.27, 1.2), (0.21, 1.6), (0.18, 2.0), (0.13, 3.0), (0.106, 4.0))
"""Pairs of the median fineness of 127 studio portraits and the standard deviation, in pixels, of their blur."""


def estimate_blur(fine: float) -> float:
    """Estimate the blur, in pixels at an eye distance of 113, from a fineness.

    Returns
    -------
    float
        Standard deviation of the Gaussian that lowers a studio portrait's fineness to `fine`, 0..4.
    """
    values, blurs = zip(*reversed(_CALIBRATION), strict=True)
    return float(np.interp(fine, values, blurs))


def estimate_jpeg_quality(tables: tuple[tuple[int, ...], ...]) -> int | None:
    """Estimate the JPEG quality, 1..100 on libjpeg's scale, from the quantisation tables; None without a table.

    libjpeg scales the luminance table of ISO/IEC 10918-1, annex K.1, to ``5000 / quality`` per cent below quality 50
    and to ``200 - 2 * quality`` per cent above. This function compares the sums of both tables and inverts that.

    Parameters
    ----------
    tables : tuple of tuple of int
        Quantisation tables as the file has them; the first is that of luminance.
    """
    if not tables:
        return None
    table = np.sort(np.asarray(tables[0], dtype=np.float64))
    scale = 100 * float(table.sum()) / _STANDARD_TABLE.sum()
    quality = 5000 / scale if scale >= 100 else (200 - scale) / 2
    return int(np.clip(round(quality), 1, 100))


_STANDARD_TABLE = np.array(
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    dtype=np.float64,
)  # fmt: skip


def measure_block_step(rgb: NDArray[np.uint8]) -> float:
    """Measure the steps of grey at multiples of 8 pixels over the steps elsewhere; 1 means no trace of blocks.

    Blocks show only in a file whose pixels still lie on the grid on which they were compressed.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB, as decoded, neither scaled nor cropped.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.int16)
    ratios = []
    for steps in (np.abs(np.diff(grey, axis=1)), np.abs(np.diff(grey, axis=0)).T):
        # Strong edges of the content would hide the small steps at blocks, so that steps are limited.
        flat = np.minimum(steps, MAX_STEP_LEVELS).astype(np.float64)
        columns = flat.mean(axis=0)
        on = columns[7::8]
        off = np.concatenate([columns[phase::8] for phase in range(7)])
        if len(on) > 4:
            ratios.append((float(on.mean()) + 0.05) / (float(off.mean()) + 0.05))
    return max(ratios, default=1.0)
