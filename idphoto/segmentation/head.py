"""Segment the head and shoulders around a face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.backends.table import AUTO
from idphoto.geometry import compute_head_frame
from idphoto.portrait import PersonMask
from idphoto.resample import to_source_matrix
from idphoto.segmentation import run_segmenter

if TYPE_CHECKING:
    from idphoto.portrait import Face, Matrix, Preview, Rgb
    from idphoto.units import Size

__all__ = ["find_sides_without_person", "segment_head"]

# The region that is segmented for the crowns, in face heights around the middle of the eyes. The network is best on
# a frame like that of an ID photo: its SAD on composites was 1.3 there, and 1.9 in a square 2.4 face heights wide.
ABOVE_EYES, BELOW_EYES, BESIDE_EYES = 1.35, 1.35, 1.1
HEAD_WINDOW_PX = 320  # height of that region in pixels; the network itself sees 256


def segment_head(preview: Preview, face: Face, segmenter: str = AUTO) -> PersonMask:
    """Segment the head and shoulders around a face, upright, from the preview."""
    size = np.hypot(face.chin.x - face.hairline.x, face.chin.y - face.hairline.y)
    zoom = HEAD_WINDOW_PX / ((ABOVE_EYES + BELOW_EYES) * size)
    place = np.array([[zoom, 0, BESIDE_EYES * size * zoom], [0, zoom, ABOVE_EYES * size * zoom], [0, 0, 1.0]])
    matrix = place @ compute_head_frame(face, face.roll)
    wide = round(2 * BESIDE_EYES * size * zoom)
    from_preview = matrix @ to_source_matrix(preview.scale)
    # The window ends where the source ends, since the network makes mistakes at borders that are made up.
    left, top, right, bottom = _inside(from_preview, preview.rgb, wide, HEAD_WINDOW_PX)
    window = cv2.warpAffine(
        preview.rgb, from_preview[:2], (wide, HEAD_WINDOW_PX), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )[top:bottom, left:right]
    probability = run_segmenter(window, segmenter)
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    return PersonMask(probability, shift @ matrix)


def _inside(matrix: Matrix, rgb: Rgb, width: int, height: int) -> tuple[int, int, int, int]:
    """Return the bounds of the picture within a window of the given size, as (left, top, right, bottom)."""
    rows, columns = rgb.shape[:2]
    corners = matrix[:2] @ np.array([[0, columns - 1, 0, columns - 1], [0, 0, rows - 1, rows - 1], [1, 1, 1, 1]])
    x, y = corners
    left, right = max(0, int(np.floor(x.min()))), min(width, int(np.ceil(x.max())) + 1)
    top, bottom = max(0, int(np.floor(y.min()))), min(height, int(np.ceil(y.max())) + 1)
    return left, top, right, bottom


def find_sides_without_person(person_mask: PersonMask, source: Size) -> frozenset[str]:
    """Return the sides of the source (``left``, ``top``, ``right``) that the person does not reach."""
    height, width = person_mask.probability.shape
    along = np.linspace(0, 1, 200)
    zero, one = np.zeros(200), np.ones(200)
    sides = {
        "left": (zero, along * (source.height - 1)),
        "top": (along * (source.width - 1), zero),
        "right": (one * (source.width - 1), along * (source.height - 1)),
    }
    free = set()
    for side, (x, y) in sides.items():
        column, row, _ = np.rint(person_mask.matrix @ np.stack([x, y, one])).astype(int)
        # The mask ends where the source ends, within a pixel of the mask.
        seen = (column >= -2) & (column <= width + 1) & (row >= -2) & (row <= height + 1)
        values = person_mask.probability[np.clip(row[seen], 0, height - 1), np.clip(column[seen], 0, width - 1)]
        if not (values > 0.3).any():
            free.add(side)
    return frozenset(free)
