"""Find places for the check ruler and for a line of text, beside the photos."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from idphoto.layout.sheet import TEXT_MM, Caption, Ruler

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idphoto.layout.sheet import Line, Placed

__all__ = ["place_caption", "place_ruler"]

PHOTO_CLEARANCE_MM = 1.0  # mm
MARK_CLEARANCE_MM = 1.0  # mm
RULER_CLEARANCE_MM = 1.5  # mm
MIN_EDGE_MM = 2.0  # mm at least, even without a margin: labs trim 1 to 2 mm
BLOCK_DISTANCE_MM = 4.0  # mm between photos and ruler or caption, if there is room
MIN_CAPTION_MM = 22.0  # mm, the length of "print at 100 %"
MAX_USEFUL_CAPTION_MM = 110.0  # mm; a longer strip is not preferred


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, by: float) -> _Box:
        return _Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def place_ruler(
    paper: tuple[float, float], margin: float, photos: Sequence[Placed], marks: Sequence[Line]
) -> Ruler | None:
    """Find the place for the ruler that is nearest to the middle of the photos' lower edge.

    Parameters
    ----------
    paper : (width, height)
        In mm.
    margin : float
        In mm; the ruler keeps off it, since many printers cannot print there.
    photos, marks : sequence of Placed, sequence of Line
        What is on the page already, in mm.

    Returns
    -------
    Ruler or None
        Lying if possible, else upright; None if there is no room.
    """
    printable = _printable(paper, margin)
    taken = _taken(photos, marks)
    block = _block(photos)
    for upright in (False, True):
        width, height = Ruler(0, 0, upright).width, Ruler(0, 0, upright).height
        # Below the photos, or beside them on the right.
        below = (block.centre[0] - width / 2, block.bottom + BLOCK_DISTANCE_MM)
        beside = (block.right + BLOCK_DISTANCE_MM, block.centre[1] - height / 2)
        wanted = beside if upright else below
        places = [
            Ruler(min(max(wanted[0], left), right - width), top, upright)
            for top in _tops(printable, height, taken, wanted[1])
            for left, right in _free(printable, top, height, taken)
            if right - left >= width
        ]
        if places:
            return min(places, key=lambda ruler: (math.dist(ruler[:2], wanted), ruler))
    return None


def place_caption(
    paper: tuple[float, float], margin: float, photos: Sequence[Placed], marks: Sequence[Line], ruler: Ruler | None
) -> Caption | None:
    """Find a strip for one line of text: a long one, near the photos' lower edge.

    Parameters are those of `place_ruler`; None if not even "print at 100 %" has room.
    """
    printable = _printable(paper, margin)
    taken = _taken(photos, marks)
    if ruler is not None:
        taken.append(_Box(ruler.x, ruler.y, ruler.x + ruler.width, ruler.y + ruler.height).grown(RULER_CLEARANCE_MM))
    block = _block(photos)
    strips = [
        Caption(left, top, right - left)
        for top in _tops(printable, TEXT_MM, taken, block.bottom + BLOCK_DISTANCE_MM)
        for left, right in _free(printable, top, TEXT_MM, taken)
        if right - left >= MIN_CAPTION_MM
    ]

    def merit(strip: Caption) -> tuple[float, ...]:
        off = abs(strip.x + strip.length / 2 - block.centre[0])
        return (
            min(strip.length, MAX_USEFUL_CAPTION_MM),
            -abs(strip.y - block.bottom - BLOCK_DISTANCE_MM),
            -off,
            strip.y,
            strip.x,
        )

    return max(strips, key=merit, default=None)


def _tops(printable: _Box, height: float, taken: Iterable[_Box], wanted: float) -> list[float]:
    """Return the possible upper edges of a strip of this height: the wanted one, and those next to other things."""
    tops = {wanted, printable.top, printable.bottom - height}
    for box in taken:
        tops |= {box.bottom, box.top - height}
    return sorted(top for top in tops if printable.top <= top <= printable.bottom - height)


def _free(printable: _Box, top: float, height: float, taken: Iterable[_Box]) -> list[tuple[float, float]]:
    """Return the free stretches of a band across the page, from left to right."""
    band = _Box(printable.left, top, printable.right, top + height)
    spans = sorted((box.left, box.right) for box in taken if box.meets(band))
    stretches = []
    reached = printable.left
    for left, right in [*spans, (printable.right, printable.right)]:
        if left > reached:
            stretches.append((reached, left))
        reached = max(reached, right)
    return stretches


def _printable(paper: tuple[float, float], margin: float) -> _Box:
    edge = max(margin, MIN_EDGE_MM)
    return _Box(edge, edge, paper[0] - edge, paper[1] - edge)


def _taken(photos: Sequence[Placed], marks: Sequence[Line]) -> list[_Box]:
    boxes = [_Box(p.x, p.y, p.x + p.width, p.y + p.height).grown(PHOTO_CLEARANCE_MM) for p in photos]
    return boxes + [_Box(*mark).grown(MARK_CLEARANCE_MM) for mark in marks]


def _block(photos: Sequence[Placed]) -> _Box:
    return _Box(
        min(p.x for p in photos),
        min(p.y for p in photos),
        max(p.x + p.width for p in photos),
        max(p.y + p.height for p in photos),
    )
