"""Choose a JPEG quality by the length of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MIN_PADDING_BYTES", "choose_quality"]

MIN_PADDING_BYTES = 4
"""Bytes of an empty comment segment."""

# A higher quality nearly always gives a longer file. Where the tables of two qualities differ little, it may give a
# shorter one (0.6 % on portraits were seen), but never over more than two steps. Four steps are therefore tried.
_NEIGHBOURS = 4


def choose_quality(
    length: Callable[[int], int], qualities: range, floor: int, ceiling: float, top: int
) -> tuple[int, int] | None:
    """Return the best quality within limits on the length, and the padding that it needs.

    Parameters
    ----------
    length : callable
        From a quality to the length of the file in bytes; it is called as rarely as possible.
    qualities : range
        The qualities to choose from, ascending.
    floor, ceiling : int, float
        Smallest and largest allowed length in bytes.
    top : int
        Up to this quality, a file that is too short is written with a higher quality. Beyond it, padding is added.

    Returns
    -------
    (quality, padding) : tuple of int, or None
        Padding is 0 or at least `MIN_PADDING_BYTES` bytes; None if no quality of the range will do.
    """
    best = _highest(length, qualities, ceiling)
    if best is None:
        return None
    while best < top and length(best) < floor and length(best + 1) <= ceiling:
        best += 1
    for quality in range(best, qualities[0] - 1, -1):
        missing = floor - length(quality)
        padding = max(missing, MIN_PADDING_BYTES) if missing > 0 else 0
        if length(quality) + padding <= ceiling:
            return quality, padding
    return None


def _highest(length: Callable[[int], int], qualities: range, ceiling: float) -> int | None:
    """Return the highest quality whose file is not longer than `ceiling`, or None."""
    if length(qualities[-1]) <= ceiling:
        return qualities[-1]
    fits, over = qualities[0] - 1, qualities[-1]
    while over - fits > 1:
        middle = (fits + over) // 2
        if length(middle) <= ceiling:
            fits = middle
        else:
            over = middle
    for quality in range(min(fits + _NEIGHBOURS, qualities[-1]), fits, -1):
        if length(quality) <= ceiling:
            return quality
    return fits if fits in qualities else None
