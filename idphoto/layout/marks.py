"""Crop marks: short strokes on the extensions of the photos' edges, where no photo is.

No authority sets a form for them; offset and length follow the trade's habit of marks that
stop short of the picture, since passport offices refuse photos with a line or border on them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idphoto.layout.packing import Slot

__all__ = ["Stroke", "crop_marks"]

CLEAR = 500_000  # nm between any mark and any photo
LONG = 4_000_000  # nm of a mark that has all the room it wants
SHORT = 500_000  # nm below which a mark is a speck


class Stroke(NamedTuple):
    """A mark from (x0, y0) right or down to (x1, y1), in nanometres."""

    x0: int
    y0: int
    x1: int
    y1: int


class _Span(NamedTuple):
    low: int
    high: int


def crop_marks(slots: Sequence[Slot], paper: tuple[int, int]) -> list[Stroke]:
    """Marks for all photos of one page.

    Parameters
    ----------
    slots : sequence of Slot
        In nanometres from the top-left corner.
    paper : (width, height)
        In nanometres; marks run at most to its edge.

    Returns
    -------
    list of Stroke
        Each at least 0.5 mm away from every photo. In a gap of less than 1.5 mm there is no
        room for one, so photos that share a cut have marks only around the block.
    """
    width, height = paper
    upright = [(_Span(s.x, s.x + s.width), _Span(s.y, s.y + s.height)) for s in slots]
    flat = [(down, across) for across, down in upright]
    # Marks on vertical cuts run up and down; those on horizontal cuts are the same, mirrored.
    vertical = [Stroke(at, span.low, at, span.high) for at, span in _marks(upright, height)]
    horizontal = [Stroke(span.low, at, span.high, at) for at, span in _marks(flat, width)]
    return vertical + horizontal


def _marks(boxes: list[tuple[_Span, _Span]], end: int) -> Iterator[tuple[int, _Span]]:
    """Marks that run along the second axis: their place on the first one, and what they cover."""
    edges: dict[int, list[_Span]] = defaultdict(list)
    for across, along in boxes:
        for at in across:
            edges[at].append(along)
    for at in sorted(edges):
        near = [along for across, along in boxes if across.low - CLEAR < at < across.high + CLEAR]
        found = []
        for along in edges[at]:
            # Away from the box: the next box that way, or the edge of the paper, ends the mark.
            start = along.high + CLEAR
            stops = [other.low - CLEAR for other in near if other.high + CLEAR > start]
            found.append(_Span(start, min([start + LONG, end, *stops])))
            start = along.low - CLEAR
            stops = [other.high + CLEAR for other in near if other.low - CLEAR < start]
            found.append(_Span(max([start - LONG, 0, *stops]), start))
        for span in _union(span for span in found if span.high - span.low >= SHORT):
            yield at, span


def _union(spans: Iterator[_Span]) -> list[_Span]:
    """Join what overlaps: neighbours across a gap draw the same mark."""
    joined: list[_Span] = []
    for span in sorted(spans):
        if joined and span.low <= joined[-1].high:
            joined[-1] = _Span(joined[-1].low, max(joined[-1].high, span.high))
        else:
            joined.append(span)
    return joined
