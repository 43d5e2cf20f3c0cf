"""Very large pictures, refined from small to large, and at each size only where the edge is.

The network has learnt on pictures of a few hundred to a thousand pixels. A larger one is first
matted at such a size; then, size after doubled size, the matte is enlarged and the windows that
its edge crosses are matted anew, each as a picture of its own with the matte so far as its coarse
mask. What is person was decided on the whole; a window, which may show half a cheek, only says
where the edge runs, and moves it by no more than a few pixels. Windows overlap and fade into what
is there, so that no seam shows. Time follows the length of the edge, and memory is that of one
window and the matte itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from idphoto.matting.foreground import foreground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["WHOLE", "refined"]

WHOLE = 1600  # pixels of the longer side up to which a picture is matted in one piece
WINDOW = (1120, 896)  # rows and columns of a window: the proportions that the network sees
FADE = 96  # pixels over which a window fades into its surroundings
REACH = 8  # pixels by which a window may move the edge


class Once(Protocol):
    """A matter in one pass; see :meth:`idphoto.matting.backends.hair.Hair.once`."""

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine `coarse`."""
        ...


def refined(once: Once, rgb: Rgb, coarse: Alpha, colours: Rgb | None = None) -> Alpha:
    """Alpha of a picture of any size; `colours`, if given, takes the person's own along the edge."""
    height, width = rgb.shape[:2]
    longer = max(height, width)
    if longer <= WHOLE:
        alpha = once(rgb, coarse)
        if colours is not None:
            colours[:] = foreground(rgb, alpha)
        return alpha
    steps = int(np.ceil(np.log2(longer / WHOLE)))
    alpha = np.asarray(coarse, dtype=np.float32)
    for step in range(steps, -1, -1):
        size = (max(1, round(width / 2**step)), max(1, round(height / 2**step)))
        picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if step else rgb
        alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA if step == steps else cv2.INTER_LINEAR)
        if step == steps:
            alpha = once(picture, alpha)
        else:
            alpha = np.ascontiguousarray(alpha)
            _refine_windows(once, picture, alpha, None if step else colours)
    return alpha


def _refine_windows(once: Once, rgb: Rgb, alpha: Alpha, colours: Rgb | None) -> None:
    """Matte every window that the edge crosses anew, in place."""
    for rows, columns in _windows(alpha.shape):
        before = alpha[rows, columns]
        if not ((before > 0) & (before < 1)).any():
            continue
        picture = np.ascontiguousarray(rgb[rows, columns])
        after = _near(once(picture, before), before)
        share = _fade(rows, alpha.shape[0])[:, None] * _fade(columns, alpha.shape[1])[None]
        alpha[rows, columns] = before + (after - before) * share
        if colours is not None:
            there = colours[rows, columns]
            mixed = there + (foreground(picture, after).astype(np.float32) - there) * share[..., None]
            there[:] = (mixed + 0.5).astype(np.uint8)


def _near(after: Alpha, before: Alpha) -> Alpha:
    """What was found anew, within what was there up to `REACH` pixels away."""
    square = np.ones((2 * REACH + 1, 2 * REACH + 1), dtype=np.uint8)
    return np.clip(after, cv2.erode(before, square), cv2.dilate(before, square))


def _windows(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Overlapping windows that cover everything, shifted inwards at the far sides."""

    def starts(extent: int, size: int) -> list[int]:
        if extent <= size:
            return [0]
        count = int(np.ceil((extent - FADE) / (size - FADE)))
        return [round(i * (extent - size) / (count - 1)) for i in range(count)]

    for top in starts(shape[0], WINDOW[0]):
        for left in starts(shape[1], WINDOW[1]):
            yield slice(top, min(top + WINDOW[0], shape[0])), slice(left, min(left + WINDOW[1], shape[1]))


def _fade(part: slice, extent: int) -> NDArray[np.float32]:
    """Weight of a window along one axis: it rises from its borders, but not at those of the picture."""
    place = np.arange(part.start, part.stop, dtype=np.float32) + 0.5
    weight = np.ones(len(place), dtype=np.float32)
    if part.start > 0:
        weight = np.minimum(weight, (place - part.start) / FADE)
    if part.stop < extent:
        weight = np.minimum(weight, (part.stop - place) / FADE)
    return weight
