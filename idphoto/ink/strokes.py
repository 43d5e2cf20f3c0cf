"""Find the ink on an evened page, apart from ruled lines, creases and dirt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_strokes", "measure_darkness", "measure_slant"]

MIN_DARKNESS = 0.18
"""Darkness against the paper below which nothing is ink: creases, shadows of folds, pale rulings."""
SURE_SHARE, SOFT_SHARE = 0.55, 0.28
"""Darkness of sure ink, and of ink that belongs to it, as shares of the darkest ink on the page."""
MIN_SPECK_SHARE = 0.004
"""Area of the smallest piece, as a share of all ink."""
MAX_SLANT_DEG = 20.0
RULING_SHARE, DIRECTION_SHARE = 0.6, 0.3
"""Length from which a thin straight run is a ruled line, and from which it tells the direction of the page, as shares
of its width."""
MAX_PIECE_SHARE = 0.9
TOGETHER_SHARE, MIN_GROUP_SHARE = 0.03, 0.1
"""Half the gap within a signature, as a share of the longer side, and the share of the ink that a group has."""


def measure_darkness(ratio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how dark each pixel is against the paper, 0 to 1, in its darkest channel."""
    return 1.0 - ratio.min(axis=2)


def find_strokes(ratio: NDArray[np.float32], *, together: bool) -> NDArray[np.bool_] | None:
    """Find the ink on an evened page.

    Parameters
    ----------
    ratio : ndarray of float32, shape (H, W, 3)
        From :func:`idphoto.ink.page.even_paper`.
    together : bool
        True if all ink stands together, as in a signature; what lies far from most of it is then left out.

    Returns
    -------
    ndarray of bool, shape (H, W), or None
        None if there is no ink.
    """
    dark = cv2.GaussianBlur(measure_darkness(ratio), (0, 0), 0.8)
    strong = dark[dark > MIN_DARKNESS]
    if len(strong) < 30:
        return None
    darkest = float(np.percentile(strong, 90))
    ruling = _find_ruling(dark)
    sure = (dark > max(MIN_DARKNESS * 1.3, SURE_SHARE * darkest)) & ~ruling
    soft = (dark > max(MIN_DARKNESS, SOFT_SHARE * darkest)) & (~ruling | (dark > SURE_SHARE * darkest))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(soft.astype(np.uint8), connectivity=8)
    sizes = stats[:, cv2.CC_STAT_AREA]
    hits = np.bincount(labels[sure].ravel(), minlength=count)
    keep = (hits > 3) & (hits > 0.08 * sizes)
    keep[0] = False
    # What touches the border of the picture, or goes across all of it, is the edge of the page.
    rim = np.concatenate([labels[:3].ravel(), labels[-3:].ravel(), labels[:, :3].ravel(), labels[:, -3:].ravel()])
    keep[np.unique(rim)] = False
    keep &= (stats[:, cv2.CC_STAT_WIDTH] < MAX_PIECE_SHARE * dark.shape[1]) & (
        stats[:, cv2.CC_STAT_HEIGHT] < MAX_PIECE_SHARE * dark.shape[0]
    )
    total = sizes[keep].sum()
    keep &= sizes > max(12, MIN_SPECK_SHARE * total)
    strokes: NDArray[np.bool_] = keep[labels]
    if together and strokes.any():
        strokes = _keep_together(strokes)
    return strokes if strokes.any() else None


def _keep_together(strokes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the ink that stands together with most of it."""
    reach = 2 * round(TOGETHER_SHARE * max(strokes.shape)) + 1
    groups = cv2.connectedComponents(cv2.dilate(strokes.astype(np.uint8), np.ones((reach, reach), np.uint8)))[1]
    weights = np.bincount(groups[strokes], minlength=groups.max() + 1)
    kept: NDArray[np.bool_] = strokes & (weights >= MIN_GROUP_SHARE * weights.sum())[groups]
    return kept


def _find_ruling(dark: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the mask of ruled lines: thin, long and straight, in the direction of the page's lines."""
    height, width = dark.shape
    ruling = np.zeros((height, width), np.uint8)
    for x1, y1, x2, y2 in _find_lines(dark, RULING_SHARE):
        if abs(y2 - y1) > 0.4 * abs(x2 - x1) and abs(x2 - x1) > 0.4 * abs(y2 - y1):
            continue  # neither along nor across the page
        cv2.line(ruling, (int(x1), int(y1)), (int(x2), int(y2)), 1, max(3, round(width / 350)))
    return ruling > 0


def _find_lines(dark: NDArray[np.float32], share: float) -> NDArray[np.int32]:
    """Return thin straight runs as rows of x1, y1, x2, y2; `share` is their length in widths of the page."""
    mask = (dark > MIN_DARKNESS / 2).astype(np.uint8) * 255
    longest, gap = round(share * dark.shape[1]), max(8, dark.shape[1] // 60)
    lines = cv2.HoughLinesP(mask, 1, np.pi / 720, longest // 2, minLineLength=longest, maxLineGap=gap)
    return np.zeros((0, 4), np.int32) if lines is None else lines.reshape(-1, 4)


def measure_slant(dark: NDArray[np.float32], strokes: NDArray[np.bool_]) -> float:
    """Return the degrees by which the page is turned, positive clockwise: by its ruled lines, else by the writing."""
    lines = _find_lines(dark, DIRECTION_SHARE)
    angles = np.degrees(np.arctan2(lines[:, 3] - lines[:, 1], lines[:, 2] - lines[:, 0]).astype(float))
    angles = angles[np.abs(angles) < MAX_SLANT_DEG]
    if len(angles) >= 3:
        return float(np.median(angles))
    rows, columns = np.nonzero(strokes)
    centred = np.stack([columns - columns.mean(), rows - rows.mean()])
    values, vectors = np.linalg.eigh(centred @ centred.T)
    if values[1] < 6 * values[0]:
        return 0.0  # no clear direction
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    angle = (angle + 90) % 180 - 90
    return angle if 1.0 < abs(angle) < MAX_SLANT_DEG else 0.0
