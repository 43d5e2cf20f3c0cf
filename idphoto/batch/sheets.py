"""Lay the finished photos of a batch out: print sheets with names below the photos, and a contact sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

from idphoto.batch.place import Place
from idphoto.batch.record import QUARANTINED, Record
from idphoto.errors import DoesNotFit, printable
from idphoto.layout import Item, impose
from idphoto.output.sheet import find_size_on_paper, paper_mm
from idphoto.output.typesetting import can_set, cut_line, write_line

if TYPE_CHECKING:
    from idphoto.layout import Layout
    from idphoto.spec import Spec

__all__ = ["CONTACT_SHEET", "describe_person", "make_contact_sheets", "make_sheets"]

CONTACT_SHEET = "contact-sheet"
PHOTOS_PER_FILE = 2000
"""Photos of one PDF file; more begin a further file, so that neither memory nor files grow without end."""

SPACING_MM = (2.0, 3.0)
"""Gap and margin of pages for several people."""

FILE_DPI = 300.0

# The contact sheet, in points.
_MM = 72 / 25.4
_MARGIN, _GAP = 10 * _MM, 3 * _MM
_CELL = (29 * _MM, 45 * _MM)
_THUMBNAIL = (29 * _MM, 36 * _MM)
_THUMBNAIL_DPI = 200
_TEXT, _LEADING = 6.0, 7.6
_INK, _PALE = (0.12, 0.12, 0.12), (0.4, 0.4, 0.4)


def describe_person(record: Record) -> str:
    """Return the id and the name of a person; the id alone if the typefaces lack characters of the name."""
    text = f"{record.id}  {record.name}".strip()
    return printable(text if can_set(text) else record.id)


def make_sheets(
    records: Sequence[Record], place: Place, paper: str, specs: Mapping[str, Spec]
) -> Iterator[tuple[str, bytes]]:
    """Yield PDF files with the prints of everybody, in the order of the records.

    A person's prints are on one page wherever they fit. Below each print are id and name.

    Parameters
    ----------
    records : sequence of Record
        Those that are not made, or want no prints, are left out.
    place : Place
        Where the photos are.
    paper : str
        Name or size of a paper.
    specs : mapping of str to Spec
        The documents.

    Yields
    ------
    (str, bytes)
        Name without ending, such as ``10x15cm`` or ``10x15cm-2``, and the file.
    """
    from idphoto.output.pdf import join_pdf

    size = paper_mm(paper)
    printed = [record for record in records if record.is_made and record.copies > 0]
    people = [list(group) for _, group in groupby(printed, key=lambda record: record.id)]
    for number, part in enumerate(_split(people), 1):
        name = paper if number == 1 else f"{paper}-{number}"
        yield name, join_pdf(_lay_out(part, place, size, specs), title=f"Photos on {paper}")


def _split(people: Iterable[list[Record]]) -> Iterator[list[list[Record]]]:
    """Divide people among files."""
    part: list[list[Record]] = []
    count = 0
    for records in people:
        if part and count + len(records) > PHOTOS_PER_FILE:
            yield part
            part, count = [], 0
        part.append(records)
        count += len(records)
    if part:
        yield part


def _lay_out(
    people: Iterable[list[Record]], place: Place, paper: tuple[float, float], specs: Mapping[str, Spec]
) -> Iterator[tuple[Layout, list[bytes]]]:
    """Yield the layout of each page with its pictures: as many people on a page as fit with the usual gap and margin.

    Where the prints of one person need it, gap and margin are smaller.
    """
    page: list[tuple[Item, bytes]] = []
    spacing: tuple[float, float] | None = None
    for records in people:
        more = [_item(record, place, specs) for record in records]
        if page and not _fit([item for item, _ in page + more], paper):
            yield _imposed(page, paper, spacing)
            page = []
        spacing = SPACING_MM if page else None
        page += more
    if page:
        yield _imposed(page, paper, spacing)


def _item(record: Record, place: Place, specs: Mapping[str, Spec]) -> tuple[Item, bytes]:
    from idphoto.decode import Source

    data = place.read(record.files[0].path) or b""
    size = specs[record.spec].size
    source = Source.open(data, record.files[0].path)
    known = size.mm if size is not None else find_size_on_paper(source)
    width, height = known or (side / FILE_DPI * 25.4 for side in source.size)
    return Item(width, height, record.copies, record.spec, describe_person(record)), data


def _imposed(
    page: Sequence[tuple[Item, bytes]], paper: tuple[float, float], spacing: tuple[float, float] | None
) -> tuple[Layout, list[bytes]]:
    items = tuple(item for item, _ in page)
    return replace(_impose(_anonymous(items), paper, spacing), items=items), [data for _, data in page]


def _fit(items: Sequence[Item], paper: tuple[float, float]) -> bool:
    """Return True if all these prints fit on one page with the usual gap and margin."""
    try:
        return len(_impose(_anonymous(items), paper, SPACING_MM).pages) == 1
    except DoesNotFit:
        return False


def _anonymous(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items without what differs from person to person, so that equal pages are laid out once."""
    return tuple(replace(item, name="-") for item in items)


@lru_cache(maxsize=4096)
def _impose(items: tuple[Item, ...], paper: tuple[float, float], spacing: tuple[float, float] | None) -> Layout:
    gap, margin = spacing or (None, None)
    return impose(items, paper, gap_mm=gap, margin_mm=margin)


def make_contact_sheets(records: Sequence[Record], place: Place, paper: str) -> Iterator[tuple[str, bytes]]:
    """Yield PDF files with a small picture of every result, its person, document and status.

    Parameters
    ----------
    records : sequence of Record
        Those that are not made stand as empty places with the code of the reason.
    place : Place
        Where the photos are.
    paper : str
        Name or size of a paper.

    Yields
    ------
    (str, bytes)
        Name without ending, and the file.
    """
    from idphoto.output.pdf import open_canvas

    width, height = (side * _MM for side in paper_mm(paper))
    columns = max(1, int((width - 2 * _MARGIN + _GAP) // (_CELL[0] + _GAP)))
    rows = max(1, int((height - 2 * _MARGIN - 2 * _LEADING + _GAP) // (_CELL[1] + _GAP)))
    pages = math.ceil(len(records) / (columns * rows))
    starts = range(0, len(records), PHOTOS_PER_FILE // (columns * rows) * columns * rows or columns * rows)
    for number, start in enumerate(starts, 1):
        file = BytesIO()
        canvas = open_canvas(file, "Contact sheet")
        end = min(start + starts.step, len(records))
        for first in range(start, end, columns * rows):
            shown = records[first : min(first + columns * rows, end)]
            canvas.setPageSize((width, height))
            head = f"{printable(shown[0].id)} to {printable(shown[-1].id)}"
            _write(canvas, _MARGIN, height - _MARGIN, head, width / 2, _INK)
            _write(
                canvas, width - _MARGIN, height - _MARGIN, f"{first // (columns * rows) + 1} / {pages}", 99, _PALE, 1
            )
            for index, record in enumerate(shown):
                row, column = divmod(index, columns)
                left = _MARGIN + column * (_CELL[0] + _GAP)
                top = height - _MARGIN - 2 * _LEADING - row * (_CELL[1] + _GAP)
                _draw_cell(canvas, record, place, left, top)
            canvas.showPage()
        canvas.save()
        yield CONTACT_SHEET if number == 1 else f"{CONTACT_SHEET}-{number}", file.getvalue()


def _draw_cell(canvas: Any, record: Record, place: Place, left: float, top: float) -> None:
    """Draw one result: the picture, and three lines of text."""
    from idphoto.output.verdict import STATUS_COLOURS
    from idphoto.report import Status

    colour = STATUS_COLOURS[Status.FAIL if record.status == QUARANTINED else Status(record.status)]
    shade = tuple(part / 255 for part in colour)
    if record.is_made:
        _draw_thumbnail(canvas, place.read(record.files[0].path) or b"", left, top)
    else:
        canvas.setStrokeColorRGB(*shade)
        canvas.setLineWidth(0.6)
        canvas.rect(left, top - _THUMBNAIL[1], *_THUMBNAIL)
    status = "not made" if record.status == QUARANTINED else "not judged" if record.status == "skip" else record.status
    lines = (
        (describe_person(record), _INK),
        (record.spec, _PALE),
        (f"{status}: {record.codes[0]}" if record.status in ("fail", QUARANTINED) and record.codes else status, shade),
    )
    for number, (text, ink) in enumerate(lines, 1):
        _write(canvas, left, top - _THUMBNAIL[1] - number * _LEADING, text, _CELL[0], ink)


def _draw_thumbnail(canvas: Any, data: bytes, left: float, top: float) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    from idphoto.decode import Source

    with BytesIO() as small:
        source = Source.open(data)
        scale = min(_THUMBNAIL[0] / source.size.width, _THUMBNAIL[1] / source.size.height)
        width, height = source.size.width * scale, source.size.height * scale
        pixels = (round(width / 72 * _THUMBNAIL_DPI), round(height / 72 * _THUMBNAIL_DPI))
        picture = Image.fromarray(source.pixels(min(1.0, pixels[0] / source.size.width))[0])
        picture.resize(pixels, Image.Resampling.LANCZOS).save(small, "JPEG", quality=85)
        x = left + (_THUMBNAIL[0] - width) / 2
        canvas.drawImage(ImageReader(BytesIO(small.getvalue())), x, top - height, width, height)


def _write(
    canvas: Any, x: float, y: float, text: str, width: float, ink: tuple[float, ...], align: float = 0.0
) -> None:
    """Write one line, cut to a width; `align` is 0 for the left end at `x`, and 1 for the right end."""
    from idphoto.output.typefaces import UNITS_PER_EM

    line = cut_line(text, width, _TEXT)
    canvas.setFillColorRGB(*ink)
    write_line(canvas, (x - align * line.width * _TEXT / UNITS_PER_EM, y), line, _TEXT)
