"""Find a frame that runs round a picture, such as the white border of a print. These measures are our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto.colour import rgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["measure_border"]

MAX_BORDER_SHARE = 0.12  # of the shorter side; wider bands are background
MAX_LINE_SPREAD = 3.0  # 95th percentile of the distance from the colour of the frame, in CIELAB units
MIN_STEP = 8.0  # between the frame and the picture inside it, in CIELAB units; gradients of a wall make smaller steps
BLEND_LINES = 2  # lines that scaling mixes of frame and picture


def measure_border(rgb: Rgb) -> int:
    """Measure the width of a frame of one colour at the top, at the left and at the right.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    int
        Width of the narrowest of the three sides in pixels; 0 if there is no frame. The lower side does not count,
        because clothes reach it.
    """
    reach = int(MAX_BORDER_SHARE * min(rgb.shape[:2])) + BLEND_LINES + 1
    sides = (rgb[:reach], rgb[:, :reach].swapaxes(0, 1), rgb[:, ::-1][:, :reach].swapaxes(0, 1))
    widths = []
    colours = []
    for lines in sides:
        lab = rgb_to_lab(np.ascontiguousarray(lines))
        widths.append(_measure_side(lab))
        colours.append(np.median(lab[0], axis=0))
    apart = max(float(np.linalg.norm(colour - colours[0])) for colour in colours)
    return min(widths) if apart <= MAX_LINE_SPREAD else 0


def _measure_side(lab: NDArray[np.float32]) -> int:
    """Return how many lines from the edge on are of one colour, if the picture then begins with a step."""
    colour = np.median(lab[0], axis=0)
    distance = np.linalg.norm(lab - colour, axis=-1)
    even = np.percentile(distance, 95, axis=1) <= MAX_LINE_SPREAD
    width = len(even) if even.all() else int(np.argmin(even))
    inside = width + BLEND_LINES
    if width == 0 or inside >= len(lab):
        return 0
    return width if float(np.median(distance[inside])) >= MIN_STEP else 0
