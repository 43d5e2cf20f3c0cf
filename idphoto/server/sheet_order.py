"""Limit and price the print sheets that one request orders, before a page is laid out or drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from idphoto.errors import InputError
from idphoto.job import Job, bounds_of, option_of
from idphoto.layout import impose
from idphoto.output.sheet import paper_mm
from idphoto.units import MM_PER_INCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.layout import Item

__all__ = ["MAX_ORDER_PIXELS", "SheetOrder", "check_page", "check_sheet_order", "count_priced_units"]

MAX_COPIES: int = bounds_of("copies")["le"]
MAX_ORDER_COPIES = MAX_COPIES
"""Photos on all sheets of one order. To lay them out takes time with the square of their number; 500 take 3 s."""

MAX_PAGE_PIXELS = 60_000_000
"""Pixels of one page drawn as a JPEG, and of all different photos at the size of their places."""

MAX_ORDER_PIXELS = 240_000_000
"""Pixels of all pages of an order that are drawn as JPEG."""

FREE_PIXELS = PIXELS_PER_CREDIT = 60_000_000
"""Pixels of JPEG pages that cost nothing, and those of each further credit."""


class SheetOrder(NamedTuple):
    """Number of the pages of an order, and the pixels of those that are drawn."""

    pages: int
    pixels: int


def check_page(job: Job, photos_mm2: float = 0.0) -> int:
    """Return the pixels of one page that is drawn; 0 if the sheet is a PDF alone.

    Parameters
    ----------
    job : Job
        Its paper and the format of its sheets.
    photos_mm2 : float
        Area of all different photos together.

    Raises
    ------
    InputError
        If the page, or the photos, have more than `MAX_PAGE_PIXELS`.
    """
    if not job.sheet or job.sheet_format not in ("jpeg", "both"):
        return 0
    dpi = int(job.sheet_dpi or option_of("sheet_dpi").default)
    page, photos = (area * (dpi / MM_PER_INCH) ** 2 for area in (math.prod(paper_mm(job.sheet)), photos_mm2))
    if max(page, photos) > MAX_PAGE_PIXELS:
        raise InputError(f"At {dpi} dpi that sheet has too many pixels.", "Ask for a PDF, or for fewer dpi.")
    return round(page)


def count_priced_units(order: SheetOrder) -> int:
    """Return how many times the price of sheets is due for an order."""
    return max(0, math.ceil((order.pixels - FREE_PIXELS) / PIXELS_PER_CREDIT))


def check_sheet_order(job: Job, items: Sequence[Item], *, turn: bool = False) -> SheetOrder:
    """Count the pages of an order, and refuse one that is too large.

    Parameters
    ----------
    job : Job
        Its paper and the format of its sheets.
    items : sequence of Item
        Sizes and copies of the photos.
    turn : bool
        Photos may be turned by 90 degrees.

    Raises
    ------
    InputError
        If there are too many photos, or the pages have too many pixels.
    DoesNotFit
        If a photo is larger than the paper.
    """
    assert job.sheet is not None
    paper = paper_mm(job.sheet)
    # As many as fit: no more than the paper has room for.
    fill = max((math.prod(paper) / (item.width_mm * item.height_mm) for item in items), default=0)
    copies = sum(item.copies or 1 for item in items)
    if max(copies, fill if any(item.copies is None for item in items) else 0) > MAX_ORDER_COPIES:
        raise InputError(
            f"One order of sheets may have {MAX_ORDER_COPIES} photos.", "Order fewer copies, or a smaller paper."
        )
    drawn = check_page(job, sum(item.width_mm * item.height_mm for item in items))
    pages = len(impose(items, paper, gap_mm=job.gap, margin_mm=job.margin, turn=turn).pages)
    if pages * drawn > MAX_ORDER_PIXELS:
        raise InputError(
            f"The order has {pages} pages of {drawn / 1e6:.0f} megapixels; together they may have "
            f"{MAX_ORDER_PIXELS / 1e6:.0f}.",
            "Ask for a PDF, for fewer dpi, or for fewer copies.",
        )
    return SheetOrder(pages, pages * drawn)
