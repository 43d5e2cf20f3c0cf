"""The data of a print sheet: the items that are ordered, and their places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from idphoto.errors import InputError

__all__ = ["NAME_STRIP_MM", "TEXT_MM", "Caption", "Item", "Label", "Layout", "Line", "Page", "Placed", "Ruler"]

TEXT_MM = 6 / 72 * 25.4
"""Size of all lettering: 6 pt, the smallest that inkjet printers keep legible."""

NAME_STRIP_MM = 3.2
"""Height of the strip below a photo that has a name: one line of text, and room for the knife above it."""

MIN_SIDE_MM = 10.0
"""Shortest side of an item. The smallest ID photos have 20 mm; a unit mixed up shows here."""


@dataclass(frozen=True, slots=True)
class Item:
    """One photo to print.

    Parameters
    ----------
    width_mm, height_mm : float
        Size when trimmed, in millimetres, upright.
    copies : int, optional
        How many; None prints as many as fit.
    key : str
        Its name in the caption of the sheet, such as the id of a document.
    name : str
        Text below each copy, such as the name of the person; it is cut off with the paper around the photo.

    Raises
    ------
    InputError
        If a side is below 10 mm or the copies are below one.
    """

    width_mm: float
    height_mm: float
    copies: int | None = None
    key: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        sides = (self.width_mm, self.height_mm)
        if not all(math.isfinite(side) and side >= MIN_SIDE_MM for side in sides):
            raise InputError(
                f"{sides[0]:g} x {sides[1]:g} mm is not the size of a photo.",
                f"Give both sides in millimetres; the shorter has {MIN_SIDE_MM:g} mm or more.",
            )
        if self.copies is not None and self.copies < 1:
            raise InputError(
                f"{self.copies} copies cannot be printed.", "Ask for one or more, or for as many as fit the sheet."
            )

    @property
    def strip_mm(self) -> float:
        """Height of the strip for the name below the photo; 0 without a name."""
        return NAME_STRIP_MM if self.name else 0.0

    @property
    def size(self) -> str:
        """The size for people, such as ``35 x 45 mm``."""
        return f"{_short(self.width_mm)} x {_short(self.height_mm)} mm"


def _short(mm: float) -> str:
    return f"{mm:.1f}".removesuffix(".0")


class Line(NamedTuple):
    """A straight stroke between two points, in mm."""

    x0: float
    y0: float
    x1: float
    y1: float


class Placed(NamedTuple):
    """One copy of an item on a page: its trimmed rectangle, in mm.

    `width` and `height` are those on the page; a photo that is `turned` lies a quarter turn
    clockwise from upright.
    """

    item: int
    x: float
    y: float
    width: float
    height: float
    turned: bool = False


class Label(NamedTuple):
    """Lettering of height `TEXT_MM` centred on a point, in mm; upright text reads from below to above."""

    x: float
    y: float
    text: str
    upright: bool = False


class Ruler(NamedTuple):
    """The check ruler: 50 mm between its outermost ticks, printed so that scaling can be seen.

    `x` and `y` are the top-left corner of its box in mm; `upright` is a ruler that runs up the page.
    """

    x: float
    y: float
    upright: bool = False

    @property
    def width(self) -> float:
        """Width of the box, in mm."""
        return RULER_DEPTH_MM if self.upright else RULER_LENGTH_MM

    @property
    def height(self) -> float:
        """Height of the box, in mm."""
        return RULER_LENGTH_MM if self.upright else RULER_DEPTH_MM

    @property
    def lines(self) -> tuple[Line, ...]:
        """Baseline and ticks: every millimetre, longer every 5 mm, longest every 10 mm."""
        strokes = [self._stroke(0, RULER_DEPTH_MM, RULER_LENGTH_MM, RULER_DEPTH_MM)]
        for mm in range(int(RULER_LENGTH_MM) + 1):
            tick = 2.0 if mm % 10 == 0 else 1.5 if mm % 5 == 0 else 0.9
            strokes.append(self._stroke(mm, RULER_DEPTH_MM - tick, mm, RULER_DEPTH_MM))
        return tuple(strokes)

    @property
    def label(self) -> Label:
        """The text of the ruler, along the side away from its baseline."""
        x, y = self._at(RULER_LENGTH_MM / 2, TEXT_MM / 2)
        return Label(x, y, "50 mm, print at 100 %", self.upright)

    def _at(self, along: float, down: float) -> tuple[float, float]:
        if self.upright:
            return self.x + down, self.y + RULER_LENGTH_MM - along
        return self.x + along, self.y + down

    def _stroke(self, along0: float, down0: float, along1: float, down1: float) -> Line:
        return Line(*self._at(along0, down0), *self._at(along1, down1))


RULER_LENGTH_MM = 50.0
RULER_DEPTH_MM = 4.5


class Caption(NamedTuple):
    """A strip that is free for one line of text; top-left corner and length in mm."""

    x: float
    y: float
    length: float

    def label(self, text: str) -> Label:
        """The text, centred in the strip."""
        return Label(self.x + self.length / 2, self.y + TEXT_MM / 2, text)


@dataclass(frozen=True, slots=True)
class Page:
    """One side of paper.

    Attributes
    ----------
    photos : tuple of Placed
        Row by row.
    marks : tuple of Line
        Crop marks; none of them touches a photo.
    ruler : Ruler, optional
        None if there is no room for it, or it was not asked for.
    caption : Caption, optional
        None likewise.
    """

    photos: tuple[Placed, ...]
    marks: tuple[Line, ...] = ()
    ruler: Ruler | None = None
    caption: Caption | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A finished imposition.

    Attributes
    ----------
    width_mm, height_mm : float
        The paper as it is used; it may have been turned.
    items : tuple of Item
        What was asked for; `Placed.item` counts in it.
    pages : tuple of Page
        At least one.
    gap_mm, margin_mm : float
        Gap between photos, and the margin along the edges.
    """

    width_mm: float
    height_mm: float
    items: tuple[Item, ...]
    pages: tuple[Page, ...]
    gap_mm: float
    margin_mm: float

    @property
    def counts(self) -> tuple[int, ...]:
        """Copies of each item on all pages together."""
        return tuple(sum(_copies(page, item) for page in self.pages) for item in range(len(self.items)))

    def names(self, page: int) -> tuple[tuple[Placed, Label], ...]:
        """Return the photos of a page (counted from 0) that have a name, each with the place of its name."""
        found = []
        for photo in self.pages[page].photos:
            item = self.items[photo.item]
            if item.name and photo.turned:
                # The lower edge of a photo that was turned clockwise is on its left.
                label = Label(photo.x - item.strip_mm / 2, photo.y + photo.height / 2, item.name, upright=True)
                found.append((photo, label))
            elif item.name:
                label = Label(photo.x + photo.width / 2, photo.y + photo.height + item.strip_mm / 2, item.name)
                found.append((photo, label))
        return tuple(found)

    @property
    def edge_mm(self) -> float:
        """Space between the photos and the nearest edge of the paper."""
        return min(
            min(photo.x, photo.y, self.width_mm - photo.x - photo.width, self.height_mm - photo.y - photo.height)
            for page in self.pages
            for photo in page.photos
        )

    def captions(self, page: int) -> tuple[str, ...]:
        """Return possible captions of a page (counted from 0), the longest first."""
        scale = "print at 100 %, no scaling"
        items = [(item, _copies(self.pages[page], index)) for index, item in enumerate(self.items)]
        shown: dict[str, int] = {}
        for item, copies in items:
            if copies:
                kind = f"{item.key} {item.size}".strip()
                shown[kind] = shown.get(kind, 0) + copies
        sizes = ", ".join(dict.fromkeys(item.size for item, copies in items if copies))
        named = ", ".join(f"{copies} x {kind}" for kind, copies in shown.items())
        number = f"page {page + 1} of {len(self.pages)} - " if len(self.pages) > 1 else ""
        texts = (f"{number}{named} - {scale}", f"{number}{sizes} - {scale}", f"{sizes} - print at 100 %", scale)
        return tuple(dict.fromkeys((*texts, "print at 100 %")))


def _copies(page: Page, item: int) -> int:
    return sum(photo.item == item for photo in page.photos)
