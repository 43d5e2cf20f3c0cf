"""Refine the matte of a large picture in windows along its edge.

The network was trained on pictures of a few hundred to a thousand pixels. The matte of a larger
picture is first estimated at such a size. Then the size is doubled until it is that of the picture.
At each size the matte is enlarged, and every window that its edge crosses is matted as a picture of
its own, with the enlarged matte as person mask.

A window may show no more than half a cheek, so it must not decide what is person: it moves the edge
by at most `MAX_EDGE_SHIFT_PX`. Windows overlap and are blended, so that no border is visible. The time
is proportional to the length of the edge; the memory is that of one window and of the matte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from idphoto.resample import shrink_to_side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["MAX_SINGLE_PASS_PX", "refine_edge", "refine_in_windows"]

MAX_SINGLE_PASS_PX = 1600  # longer side up to which a picture is matted in one piece
MAX_STEP = 2.6  # enlargement from one size to the next, at most
WINDOW_SHAPE_PX = (640, 512)  # rows and columns of a window, in the proportions that the network sees
BLEND_PX = 64  # width over which a window is blended into its surroundings
MAX_EDGE_SHIFT_PX = 8  # distance by which a window may move the edge


class Once(Protocol):
    """Interface of a matting backend that works in one pass; see :meth:`idphoto.matting.backends.hair.Hair.once`."""

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine the person mask `coarse`."""
        ...


def refine_in_windows(once: Once, again: Once, rgb: Rgb, coarse: Alpha) -> Alpha:
    """Estimate the alpha of a picture of any size.

    Parameters
    ----------
    once : Once
        Estimates the alpha of the whole picture, reduced to `MAX_SINGLE_PASS_PX` if it is larger.
    again : Once
        Estimates the alpha of a window at a larger size, from the enlarged alpha.
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    coarse : ndarray of float32, shape (H, W)
        Person mask in [0, 1].

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha in [0, 1].
    """
    small, zoom = shrink_to_side(rgb, MAX_SINGLE_PASS_PX)
    if zoom == 1:
        return once(rgb, coarse)
    mask = cv2.resize(np.asarray(coarse, dtype=np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    return refine_edge(again, rgb, once(small, mask))


def refine_edge(again: Once, rgb: Rgb, alpha: Alpha) -> Alpha:
    """Enlarge the alpha of a reduced picture to the picture's size, and estimate it again along the edge.

    Parameters
    ----------
    again : Once
        Estimates the alpha of one window.
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (h, w)
        Alpha of the reduced picture.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha in [0, 1].
    """
    height, width = rgb.shape[:2]
    steps = int(np.ceil(np.log(height / len(alpha)) / np.log(MAX_STEP)))
    factor = (height / len(alpha)) ** (1 / max(1, steps))
    for step in range(steps - 1, -1, -1):
        size = (max(1, round(width / factor**step)), max(1, round(height / factor**step)))
        picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if step else rgb
        alpha = np.ascontiguousarray(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR))
        _refine_windows(again, picture, alpha)
    return alpha


def _refine_windows(again: Once, rgb: Rgb, alpha: Alpha) -> None:
    """Estimate alpha again in every window that the edge crosses, in place."""
    for rows, columns in _windows(alpha.shape):
        before = alpha[rows, columns]
        if not ((before > 0) & (before < 1)).any():
            continue
        after = _near(again(np.ascontiguousarray(rgb[rows, columns]), before), before)
        share = _fade(rows, alpha.shape[0])[:, None] * _fade(columns, alpha.shape[1])[None]
        alpha[rows, columns] = before + (after - before) * share


def _near(after: Alpha, before: Alpha) -> Alpha:
    """Limit the new alpha to the range of the old one within `MAX_EDGE_SHIFT_PX` pixels of each pixel."""
    square = np.ones((2 * MAX_EDGE_SHIFT_PX + 1, 2 * MAX_EDGE_SHIFT_PX + 1), dtype=np.uint8)
    return np.clip(after, cv2.erode(before, square), cv2.dilate(before, square))


def _windows(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Yield overlapping windows that cover the picture; the last ones are shifted inwards."""

    def starts(extent: int, size: int) -> list[int]:
        if extent <= size:
            return [0]
        count = int(np.ceil((extent - BLEND_PX) / (size - BLEND_PX)))
        return [round(i * (extent - size) / (count - 1)) for i in range(count)]

    for top in starts(shape[0], WINDOW_SHAPE_PX[0]):
        for left in starts(shape[1], WINDOW_SHAPE_PX[1]):
            yield (
                slice(top, min(top + WINDOW_SHAPE_PX[0], shape[0])),
                slice(left, min(left + WINDOW_SHAPE_PX[1], shape[1])),
            )


def _fade(part: slice, extent: int) -> NDArray[np.float32]:
    """Return the weight of a window along one axis: it rises from the window's borders, except at the picture's."""
    place = np.arange(part.start, part.stop, dtype=np.float32) + 0.5
    weight = np.ones(len(place), dtype=np.float32)
    if part.start > 0:
        weight = np.minimum(weight, (place - part.start) / BLEND_PX)
    if part.stop < extent:
        weight = np.minimum(weight, (part.stop - place) / BLEND_PX)
    return weight
