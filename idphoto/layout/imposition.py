"""Impose photos on a paper; the layout is in millimetres."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from idphoto.errors import DoesNotFit, InputError
from idphoto.layout.crop_marks import place_crop_marks
from idphoto.layout.free_space import place_caption, place_ruler
from idphoto.layout.packing import MAX_PHOTOS, pack
from idphoto.layout.sheet import Layout, Line, Page, Placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.layout.packing import Packing, Slot
    from idphoto.layout.sheet import Item

__all__ = ["find_fuller_layout", "impose"]

# Whole nanometres: exact for every length in mm and for inches down to 1/64.
_NM = 1_000_000


def impose(
    items: Sequence[Item],
    paper_mm: tuple[float, float],
    *,
    gap_mm: float | None = None,
    margin_mm: float | None = None,
    turn: bool = False,
    marks: bool = True,
    ruler: bool = True,
    caption: bool = True,
) -> Layout:
    """Lay photos out on as few sheets as possible.

    Parameters
    ----------
    items : sequence of Item
        One or more. Those without a number of copies fill the sheets that the others need (or
        one sheet), each at least once, in equal numbers give or take one.
    paper_mm : (width, height)
        Either way round; the layout uses the better one.
    gap_mm, margin_mm : float, optional
        Space between photos (with 0 neighbours share a cut), and space kept free of photos along each edge
        of the paper. Crop marks may run into it. None takes the most comfortable of `SPACINGS_MM` with which nearly as
        many photos fit as with the closest one.
    turn : bool
        Let rows of photos be turned by 90 degrees where that makes more of them fit.
    marks, ruler, caption : bool
        Whether to add crop marks, the check ruler and a place for a line of text. The latter
        two are left out of pages without room for them.

    Raises
    ------
    DoesNotFit
        If a photo is larger than the printable part of the paper.
    InputError
        If there is nothing to print, a length is negative, or there are too many copies.

    Examples
    --------
    >>> from idphoto.layout import Item
    >>> layout = impose([Item(35, 45)], (101.6, 152.4))
    >>> layout.counts, layout.width_mm, layout.pages[0].photos[0].x
    ((8,), 152.4, 3.2)
    """
    gaps = [gap for gap, _ in SPACINGS_MM] if gap_mm is None else [gap_mm] * len(SPACINGS_MM)
    margins = [margin for _, margin in SPACINGS_MM] if margin_mm is None else [margin_mm] * len(SPACINGS_MM)
    spacings = list(dict.fromkeys(zip(gaps, margins, strict=True)))
    extras = (marks, ruler, caption)
    closest = _impose(items, paper_mm, spacings[-1], turn, extras)
    for spacing in spacings[:-1]:
        with suppress(DoesNotFit):
            layout = _impose(items, paper_mm, spacing, turn, extras)
            nearly_as_many = sum(layout.counts) >= NEARLY_AS_MANY * sum(closest.counts)
            if NEARLY_AS_MANY * len(layout.pages) <= len(closest.pages) and nearly_as_many:
                return layout
    return closest


def find_fuller_layout(layout: Layout, *, turn: bool = False) -> Layout | None:
    """Return a layout of the same photos with more of them on the paper, or on fewer sheets.

    Parameters
    ----------
    layout : Layout
        From :func:`impose`.
    turn : bool
        Whether rows of photos may be turned by 90 degrees for it.

    Returns
    -------
    Layout or None
        The most comfortable one of the fullest, with a smaller gap or margin, or with turned photos; without marks,
        ruler and caption. None if there is none, and for more than `MAX_COMPARED_PHOTOS`.
    """
    if sum(layout.counts) > MAX_COMPARED_PHOTOS:
        return None
    tried = [(layout.gap_mm, layout.margin_mm)] + [
        (gap, margin) for gap, margin in SPACINGS_MM if gap <= layout.gap_mm and margin <= layout.margin_mm
    ]
    best, best_cost = None, _cost(layout)
    for spacing in dict.fromkeys(tried):
        found = _impose(layout.items, (layout.width_mm, layout.height_mm), spacing, turn, (False, False, False))
        if _cost(found) < best_cost:
            best, best_cost = found, _cost(found)
    return best


def _cost(layout: Layout) -> tuple[int, int]:
    return len(layout.pages), -sum(layout.counts)


MAX_COMPARED_PHOTOS = 100
"""Photos up to which a layout is compared with closer ones. To pack takes time with the square of their number."""


SPACINGS_MM = ((2.0, 3.0), (2.0, 2.0), (1.0, 2.0), (1.0, 1.0), (0.0, 0.0))
"""Gaps and margins, from comfortable to edge to edge. Printers and labs cut off 1 to 2 mm at the edges of the paper."""

NEARLY_AS_MANY = 0.8
"""Share of the photos that fit edge to edge that is worth their own cuts and a margin."""


def _impose(
    items: Sequence[Item],
    paper_mm: tuple[float, float],
    spacing_mm: tuple[float, float],
    turn: bool,
    extras: tuple[bool, bool, bool],
) -> Layout:
    """Lay photos out with this gap and margin."""
    gap_mm, margin_mm = spacing_mm
    _check(items, paper_mm, gap_mm, margin_mm)
    packings = pack(
        [(_nm(item.width_mm), _nm(item.height_mm + item.strip_mm)) for item in items],
        [item.copies for item in items],
        (_nm(paper_mm[0]), _nm(paper_mm[1])),
        gap=_nm(gap_mm),
        margin=_nm(margin_mm),
        turn=turn,
    )
    if not packings:
        raise _does_not_fit(items, paper_mm, margin_mm)
    layouts = [_layout(packing, items, (gap_mm, margin_mm), extras) for packing in packings]
    # Of equally good packings, one with room for the ruler is preferred.
    return next((layout for layout in layouts if layout.pages[0].ruler), layouts[0])


def _nm(mm: float) -> int:
    return round(mm * _NM)


def _check(items: Sequence[Item], paper_mm: tuple[float, float], gap_mm: float, margin_mm: float) -> None:
    if not items:
        raise InputError("There is nothing to print.", "Give at least one photo.")
    lengths = (*paper_mm, gap_mm, margin_mm)
    if not all(math.isfinite(length) and length >= 0 for length in lengths):
        raise InputError("Paper, gap and margin must be lengths of 0 mm or more.", "Give them in millimetres.")
    if sum(item.copies or 1 for item in items) > MAX_PHOTOS:
        raise InputError(f"More than {MAX_PHOTOS} photos are too many for one sheet file.", "Print them in parts.")


def _does_not_fit(items: Sequence[Item], paper_mm: tuple[float, float], margin_mm: float) -> DoesNotFit:
    short, long = (side - 2 * margin_mm for side in sorted(paper_mm))
    sides = [sorted((item.width_mm, item.height_mm + item.strip_mm)) for item in items]
    fits = [lesser <= short and greater <= long for lesser, greater in sides]
    misfit = next((item for item, fit in zip(items, fits, strict=True) if not fit), items[0])
    paper = " x ".join(f"{side:g}" for side in paper_mm)
    return DoesNotFit(
        f"A photo of {misfit.size} does not fit paper of {paper} mm with a margin of {margin_mm:g} mm.",
        "Choose a larger paper or a smaller margin." if margin_mm else "Choose a larger paper.",
    )


def _layout(
    packing: Packing, items: Sequence[Item], free: tuple[float, float], extras: tuple[bool, bool, bool]
) -> Layout:
    paper = (packing.width, packing.height)
    # Further sheets of one item are equal; marks, ruler and caption are computed once.
    strips = [_nm(item.strip_mm) for item in items]
    furnished = lru_cache(maxsize=None)(lambda slots: _page(slots, strips, paper, free[1], extras))
    pages = tuple(furnished(slots) for slots in packing.pages)
    return Layout(packing.width / _NM, packing.height / _NM, tuple(items), pages, *free)


def _page(
    slots: tuple[Slot, ...],
    strips: Sequence[int],
    paper: tuple[int, int],
    margin: float,
    extras: tuple[bool, bool, bool],
) -> Page:
    """Return a page; each slot has the strip for the name of its item below or, if turned, left of the photo."""
    with_marks, with_ruler, with_caption = extras
    size = (paper[0] / _NM, paper[1] / _NM)
    trimmed = [_without_strip(slot, strips[slot.item]) for slot in slots]
    photos, taken = _placed(trimmed), _placed(slots)
    strokes = place_crop_marks(trimmed, paper, slots) if with_marks else ()
    marks = tuple(Line(*(end / _NM for end in stroke)) for stroke in strokes)
    ruler = place_ruler(size, margin, taken, marks) if with_ruler else None
    caption = place_caption(size, margin, taken, marks, ruler) if with_caption else None
    return Page(photos, marks, ruler, caption)


def _without_strip(slot: Slot, strip: int) -> Slot:
    if slot.turned:
        return slot._replace(x=slot.x + strip, width=slot.width - strip)
    return slot._replace(height=slot.height - strip)


def _placed(slots: Sequence[Slot]) -> tuple[Placed, ...]:
    return tuple(Placed(s.item, s.x / _NM, s.y / _NM, s.width / _NM, s.height / _NM, s.turned) for s in slots)
