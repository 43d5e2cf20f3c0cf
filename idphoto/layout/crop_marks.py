"""Place crop marks: short strokes on the extensions of the edges of photos, where no photo is.

No authority prescribes their form. Offset and length follow the practice of printers, whose marks end before the
picture; passport offices refuse photos with a line or border on them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idphoto.layout.packing import Slot

__all__ = ["Stroke", "place_crop_marks"]

CLEARANCE_NM = 500_000  # nm between any mark and any photo
MAX_LENGTH_NM = 4_000_000  # nm of a mark with enough room
MIN_LENGTH_NM = 500_000  # nm; a shorter mark would look like a speck


class Stroke(NamedTuple):
    """A mark from (x0, y0) right or down to (x1, y1), in nanometres."""

    x0: int
    y0: int
    x1: int
    y1: int


class _Span(NamedTuple):
    low: int
    high: int


def place_crop_marks(
    slots: Sequence[Slot], paper: tuple[int, int], with_names: Sequence[Slot] | None = None
) -> list[Stroke]:
    """Return the marks for all photos of one page.

    Parameters
    ----------
    slots : sequence of Slot
        In nanometres from the top-left corner.
    paper : (width, height)
        In nanometres; marks run at most to its edge.
    with_names : sequence of Slot, optional
        The same photos, each with the strip for its name; a mark for another photo does not run into the strip.

    Returns
    -------
    list of Stroke
        Each at least 0.5 mm away from every photo. In a gap of less than 1.5 mm there is no
        room for one, so photos that share a cut have marks only around the block.
    """
    width, height = paper
    upright, named = _boxes(slots), _boxes(with_names or slots)
    flat, flat_named = _mirrored(upright), _mirrored(named)
    # Marks on vertical cuts run up and down; those on horizontal cuts are the same, mirrored.
    vertical = [Stroke(at, span.low, at, span.high) for at, span in _marks(upright, named, height)]
    horizontal = [Stroke(span.low, at, span.high, at) for at, span in _marks(flat, flat_named, width)]
    return vertical + horizontal


_Boxes = list[tuple[_Span, _Span]]


def _boxes(slots: Sequence[Slot]) -> _Boxes:
    return [(_Span(s.x, s.x + s.width), _Span(s.y, s.y + s.height)) for s in slots]


def _mirrored(boxes: _Boxes) -> _Boxes:
    return [(along, across) for across, along in boxes]


def _marks(boxes: _Boxes, named: _Boxes, end: int) -> Iterator[tuple[int, _Span]]:
    """Yield marks along the second axis: their place on the first axis, and their span on the second."""
    edges: dict[int, list[_Span]] = defaultdict(list)
    for across, along in boxes:
        for at in across:
            edges[at].append(along)
    for at in sorted(edges):
        # A name is no wider than its photo, so that marks on the edges of the photo itself pass it.
        near = [
            wide[1] if wide[0].low < at < wide[0].high and at not in across else along
            for (across, along), wide in zip(boxes, named, strict=True)
            if wide[0].low - CLEARANCE_NM < at < wide[0].high + CLEARANCE_NM
        ]
        found = []
        for along in edges[at]:
            # Away from the box: the next box that way, or the edge of the paper, ends the mark.
            start = along.high + CLEARANCE_NM
            stops = [other.low - CLEARANCE_NM for other in near if other.high + CLEARANCE_NM > start]
            found.append(_Span(start, min([start + MAX_LENGTH_NM, end, *stops])))
            start = along.low - CLEARANCE_NM
            stops = [other.high + CLEARANCE_NM for other in near if other.low - CLEARANCE_NM < start]
            found.append(_Span(max([start - MAX_LENGTH_NM, 0, *stops]), start))
        for span in _union(span for span in found if span.high - span.low >= MIN_LENGTH_NM):
            yield at, span


def _union(spans: Iterator[_Span]) -> list[_Span]:
    """Join overlapping spans; two neighbours at a gap give the same mark."""
    joined: list[_Span] = []
    for span in sorted(spans):
        if joined and span.low <= joined[-1].high:
            joined[-1] = _Span(joined[-1].low, max(joined[-1].high, span.high))
        else:
            joined.append(span)
    return joined
