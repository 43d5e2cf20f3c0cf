"""Pack photos into rows that a trimmer can cut, on as few pages as possible.

A page is cut into *shelves* from edge to edge, a shelf into photos, and a photo that is lower
than its shelf once more: every cut goes straight through its piece, as on a guillotine.

For photos in a fixed order (the tallest first) and shelves filled in that order, dynamic
programming finds the fewest pages, so a larger paper can never take more of them. This is
the level-oriented packing of [1]_, with the next-fit choice of the shelf's end replaced by
the best one. For photos of a single size it is the plain grid.

All lengths in this file are integers (the caller uses nanometres): an edge-to-edge sheet fits
exactly or not at all, and no rounding decides.

References
----------
.. [1] Coffman, Garey, Johnson, Tarjan: Performance bounds for level-oriented two-dimensional
   packing algorithms, SIAM J. Comput. 9 (1980).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MAX_PHOTOS", "Packing", "Slot", "pack"]

MAX_PHOTOS = 2000
"""Largest number of photos of one sheet file; with more, the search would take long."""


class Slot(NamedTuple):
    """One photo on a page: its item, its place from the top-left corner, its size there."""

    item: int
    x: int
    y: int
    width: int
    height: int
    turned: bool


class Packing(NamedTuple):
    """Pages of slots on a paper of this width and height."""

    width: int
    height: int
    pages: tuple[tuple[Slot, ...], ...]


class Shelf(NamedTuple):
    """Photos side by side, all turned or none."""

    items: tuple[int, ...]
    turned: bool


Shelves = list[list[Shelf]]  # per page
Group = Callable[[int], Hashable]  # what must be equal for items to share a shelf


def _anything(_: int) -> Hashable:
    return None


@dataclass(frozen=True)
class _Way:
    """A way to use the paper: upright or not, cut first into rows or into columns, photos turned or not."""

    sizes: tuple[tuple[int, int], ...]
    paper: tuple[int, int]
    gap: int
    margin: int
    columns: bool = False
    turn: bool = False

    @property
    def area(self) -> tuple[int, int]:
        """Printable lengths of the paper: along a shelf, and across the shelves."""
        width, height = (side - 2 * self.margin for side in self.paper)
        return (height, width) if self.columns else (width, height)

    def size(self, item: int, turned: bool) -> tuple[int, int]:
        """Size of a photo along its shelf and across it."""
        width, height = self.sizes[item]
        return (height, width) if turned != self.columns else (width, height)

    def order(self) -> list[int]:
        """Items in the order in which they are packed."""

        def rank(item: int) -> tuple[int, int, int]:
            along, across = self.size(item, False)
            return -across, -along, item

        return sorted(range(len(self.sizes)), key=rank)

    def shelve(self, counts: Sequence[int], same: Group = _anything) -> Shelves | None:
        """Fill shelves and pages with so many of each item; None if one fits no page.

        `same` tells items apart that must not share a shelf.
        """
        run = [item for item in self.order() for _ in range(counts[item])]
        length, depth = self.area
        # Per number of photos packed: pages, what the last one uses, mixed shelves, widest shelf.
        best: list[tuple[int, int, int, int] | None] = [(1, -self.gap, 0, 0)] + [None] * len(run)
        back = [(0, False)] * (len(run) + 1)
        for end in range(1, len(run) + 1):
            for turned in (False, True) if self.turn else (False,):
                width, height = -self.gap, 0
                for start in range(end - 1, -1, -1):
                    along, across = self.size(run[start], turned)
                    width, height = width + along + self.gap, max(height, across)
                    if width > length or height > depth or same(run[start]) != same(run[end - 1]):
                        break
                    before = best[start]
                    if before is None:
                        continue
                    pages, used, mixed, widest = before
                    used += self.gap + height
                    if used > depth:
                        pages, used = pages + 1, height
                    state = (pages, used, mixed + (run[start] != run[end - 1]), max(widest, width))
                    now = best[end]
                    if now is None or state < now:
                        best[end], back[end] = state, (start, turned)
        return None if best[-1] is None else self._pages(run, back)

    def _pages(self, run: list[int], back: list[tuple[int, bool]]) -> Shelves:
        shelves: list[Shelf] = []
        end = len(run)
        while end:
            start, turned = back[end]
            shelves.insert(0, Shelf(tuple(run[start:end]), turned))
            end = start
        pages: Shelves = [[]]
        used = -self.gap
        for shelf in shelves:
            height = self._across(shelf)
            used += self.gap + height
            if used > self.area[1]:
                pages.append([])
                used = height
            pages[-1].append(shelf)
        return pages

    def pages(self, counts: Sequence[int]) -> float:
        """Return the number of pages for these counts of the items; infinite if an item fits no page."""
        shelves = self.shelve(counts)
        return math.inf if shelves is None else len(shelves)

    def shelve_together(self, counts: Sequence[int], same: Group) -> Shelves | None:
        """Fill shelves like `shelve`, but start a new page before an item that would be spread over two."""
        pages: Shelves = []
        group: list[int] = []
        for item in self.order():
            wider = self.shelve(_only(counts, [*group, item]), same)
            if wider is None:
                return None
            known = self.shelve(_only(counts, group), same)
            if group and known is not None and len(wider) > len(known):
                pages += known
                group = []
            group.append(item)
        return pages + (self.shelve(_only(counts, group), same) or [])

    def _across(self, shelf: Shelf) -> int:
        return max(self.size(item, shelf.turned)[1] for item in shelf.items)

    def place(self, shelves: Shelves) -> Packing:
        """Lay shelves out, with the block of all photos in the middle of each page."""
        return Packing(*self.paper, tuple(tuple(self._centred(page)) for page in shelves))

    def _centred(self, page: list[Shelf]) -> Iterator[Slot]:
        slots = []
        down = 0
        for shelf in page:
            along = 0
            for item in shelf.items:
                length, depth = self.size(item, shelf.turned)
                slots.append(Slot(item, along, down, length, depth, shelf.turned))
                along += length + self.gap
            down += self._across(shelf) + self.gap
        if self.columns:
            slots = [Slot(item, y, x, height, width, turned) for item, x, y, width, height, turned in slots]
        left = (self.paper[0] - max(slot.x + slot.width for slot in slots)) // 2
        top = (self.paper[1] - max(slot.y + slot.height for slot in slots)) // 2
        return (slot._replace(x=slot.x + left, y=slot.y + top) for slot in slots)


def _only(counts: Sequence[int], items: Sequence[int]) -> list[int]:
    return [number if item in items else 0 for item, number in enumerate(counts)]


class _Yield(NamedTuple):
    """The result of one way to use the paper: its pages, and the copies of each item."""

    way: _Way
    pages: float
    counts: tuple[int, ...]


def pack(
    sizes: Sequence[tuple[int, int]],
    copies: Sequence[int | None],
    paper: tuple[int, int],
    *,
    gap: int,
    margin: int,
    turn: bool = False,
) -> list[Packing]:
    """Pack photos on as few pages as possible.

    Parameters
    ----------
    sizes : sequence of (width, height)
        Of each item, upright.
    copies : sequence of int or None
        Of each item; None fills the pages that the others need (or one page), at least once,
        and in equal numbers, give or take one, if there are several such items.
    paper : (width, height)
        Either way round; both are tried.
    gap, margin : int
        Between photos, and along each edge of the paper.
    turn : bool
        Whether shelves of photos may be turned by 90 degrees where that makes more fit. Where
        nothing else lets all of them on the paper, they are turned in any case.

    Returns
    -------
    list of Packing
        All equally good, the preferred one first; empty if something does not fit the paper.
        They have the fewest pages, then the most copies to fill them, then the fewest items
        spread over several pages, then the fewest shelves in which items mix.
    """
    portrait = (min(paper), max(paper))
    ways = [
        _Way(tuple(sizes), way_round, gap, margin, columns)
        for way_round, columns in product(dict.fromkeys((portrait, portrait[::-1])), (False, True))
    ]
    yields = _best([_yield(way, copies) for way in ways], copies)
    if turn or not yields:
        # Upright comes first, so turning wins only if it is strictly better.
        yields = _best([*yields, *(_yield(replace(way, turn=True), copies) for way in ways)], copies)
    arranged = []
    groups: tuple[Group, ...] = (lambda item: item, lambda item: sizes[item], _anything)
    for (way, pages, counts), same, together in product(yields, groups, (True, False)):
        shelves = way.shelve_together(counts, same) if together else way.shelve(counts, same)
        if shelves is not None and len(shelves) == pages:
            arranged.append((_untidiness(shelves), way.place(shelves)))
    tidiest = min((key for key, _ in arranged), default=None)
    return list(dict.fromkeys(packing for key, packing in arranged if key == tidiest))


def _best(yields: list[_Yield | None], copies: Sequence[int | None]) -> list[_Yield]:
    """Return the results with the fewest pages and the most copies, all turned or all upright."""

    def cost(result: _Yield) -> tuple[float, ...]:
        filled = [number for number, wanted in zip(result.counts, copies, strict=True) if wanted is None]
        return result.pages, -min(filled, default=0), -sum(filled)

    found = [result for result in yields if result is not None]
    if not found:
        return []
    winner = min(found, key=cost)
    return [result for result in found if result.way.turn == winner.way.turn and cost(result) == cost(winner)]


def _yield(way: _Way, copies: Sequence[int | None]) -> _Yield | None:
    """Return the copies of each item, as asked or as many as fit; None if an item fits no page."""

    def with_fill(number: int) -> list[int]:
        return [number if wanted is None else wanted for wanted in copies]

    pages = way.pages(with_fill(1))
    if math.isinf(pages):
        return None
    counts = with_fill(1)
    fill = [item for item, wanted in enumerate(copies) if wanted is None]
    if fill:
        # A photo and the page, each grown by one gap: their areas bound the number.
        length, depth = (side + way.gap for side in way.area)
        area = sum((way.sizes[item][0] + way.gap) * (way.sizes[item][1] + way.gap) for item in fill)
        most = min(int(pages) * length * depth // area, (MAX_PHOTOS - sum(counts)) // len(fill) + 1)
        # Fewer photos never take more pages, so the number can be bisected.
        number = bisect_right(range(most + 1), pages, lo=1, key=lambda each: way.pages(with_fill(each))) - 1
        counts = with_fill(number)
        for item in fill:
            more = [number + (index == item) for index, number in enumerate(counts)]
            if way.pages(more) <= pages and sum(more) <= MAX_PHOTOS:
                counts = more
    return _Yield(way, pages, tuple(counts))


def _untidiness(shelves: Shelves) -> tuple[int, int]:
    """Count the items that continue on a further page, and the shelves that hold several items."""
    spread = sum(len({item for shelf in page for item in shelf.items}) for page in shelves)
    kinds = len({item for page in shelves for shelf in page for item in shelf.items})
    mixed = sum(len(set(shelf.items)) > 1 for page in shelves for shelf in page)
    return spread - kinds, mixed
