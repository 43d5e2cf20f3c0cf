"""Choosing a JPEG quality by the length of the file that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LEAST_PADDING", "choose"]

LEAST_PADDING = 4
"""Bytes of an empty comment segment."""

# Lengths all but rise with quality. A step up may save some bytes where the tables of two
# qualities differ little (seen: 0.6 % on portraits), but never over more than two steps.
_NEIGHBOURS = 4


def choose(
    length: Callable[[int], int], qualities: range, floor: int, ceiling: float, top: int
) -> tuple[int, int] | None:
    """Best quality within limits on the length, and the padding it needs.

    Parameters
    ----------
    length : callable
        Length in bytes of the file at a quality; asked as rarely as can be.
    qualities : range
        To choose from, ascending.
    floor, ceiling : int, float
        Limits of the length in bytes, both allowed.
    top : int
        Quality up to which a floor is reached by quality rather than padding.

    Returns
    -------
    (quality, padding) : tuple of int, or None
        Padding is 0 or at least `LEAST_PADDING` bytes; None if no quality of the range will do.
    """
    best = _highest(length, qualities, ceiling)
    if best is None:
        return None
    while best < top and length(best) < floor and length(best + 1) <= ceiling:
        best += 1
    for quality in range(best, qualities[0] - 1, -1):
        missing = floor - length(quality)
        padding = max(missing, LEAST_PADDING) if missing > 0 else 0
        if length(quality) + padding <= ceiling:
            return quality, padding
    return None


def _highest(length: Callable[[int], int], qualities: range, ceiling: float) -> int | None:
    """Highest quality whose file is not longer than `ceiling`."""
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
