"""Remove small pieces from an alpha matte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from idphoto.portrait import Alpha

__all__ = ["drop_scraps"]


def drop_scraps(alpha: Alpha) -> Alpha:
    """Drop connected pieces that are smaller than a twentieth of the largest one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.02).astype(np.uint8))
    if count <= 2:
        return alpha
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= areas.max() / 20
    return np.where(keep[labels], alpha, np.float32(0.0))
