"""Read a roster: the people of a batch, one in a row, from CSV or XLSX."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from idphoto.errors import InvalidRoster, printable

__all__ = ["COLUMNS", "Person", "read_roster"]

COLUMNS = ("id", "name", "file", "document", "copies")
"""Columns with a meaning; all others are further columns, which names of files may use."""

MAX_ROWS = 1_000_000
SAVE_AS_UTF8 = "Save it as 'CSV UTF-8' or XLSX, or name its encoding in the job file, such as encoding: windows-1252."


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a roster.

    Attributes
    ----------
    id : str
        Unique in the batch.
    name : str
        For people; may be empty.
    file : str
        Path or pattern of the photo, below the folder of the photos; empty if the id names it.
    documents : tuple of str
        Documents that the row names; empty for those of the job.
    copies : int, optional
        Prints of each document.
    columns : mapping
        The further columns, by heading.
    row : int
        Row in the roster, counted from 1; 0 without a roster.
    """

    id: str
    name: str = ""
    file: str = ""
    documents: tuple[str, ...] = ()
    copies: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    row: int = 0


def read_roster(path: Path, columns: Mapping[str, str] | None = None, encoding: str | None = None) -> list[Person]:
    """Read the people of a batch.

    The first row has the headings. Only ``id`` is needed; capitals do not matter.

    Parameters
    ----------
    path : Path
        A CSV file (commas, semicolons or tabs; UTF-8 or UTF-16) or an XLSX file (its first sheet).
    columns : mapping of str to str, optional
        For each of `COLUMNS`, the heading that it has in the file, where it differs.
    encoding : str, optional
        Of a CSV file in another encoding.

    Raises
    ------
    InvalidRoster
        In one sentence: what is wrong, and in which row.
    """
    if not path.is_file():
        raise InvalidRoster(f"There is no roster {printable(str(path))}.", "Give the path of a CSV or XLSX file.")
    shown = printable(path.name)
    rows = _read_xlsx(path, shown) if path.suffix.lower() in (".xlsx", ".xlsm") else _read_csv(path, shown, encoding)
    head = next(rows, None)
    if head is None:
        raise InvalidRoster(f"{shown} is empty.", "The first row has the headings, each further row a person.")
    places = _find_columns(head[1], columns or {}, shown)
    people = list(_read_people(rows, head[1], places, shown))
    if not people:
        raise InvalidRoster(f"{shown} names nobody.", "Give each person a row below the headings.")
    _refuse_equal_ids(people, shown)
    return people


class _Formula(str):
    """The text of a cell that holds a formula."""

    __slots__ = ()


Row = tuple[int, list[str]]


def _read_csv(path: Path, shown: str, encoding: str | None) -> Iterator[Row]:
    data = path.read_bytes()
    if data[:4] == b"PK\x03\x04":
        raise InvalidRoster(f"{shown} is a spreadsheet, not CSV.", "Give it the ending .xlsx.")
    text = _decode(data, shown, encoding)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [_Formula(cell) if cell.startswith("=") else cell.strip() for cell in cells]
    except csv.Error as cause:
        raise InvalidRoster(f"{shown} is not valid CSV: {cause}.", "Save it anew from the spreadsheet.") from cause


def _decode(data: bytes, shown: str, encoding: str | None) -> str:
    """Decode a CSV file: as its byte order mark says, as the job says, or as UTF-8."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = next((name for mark, name in marks.items() if data.startswith(mark)), None)
    used = marked or encoding or "utf-8"
    try:
        text = data.decode(used)
    except LookupError as cause:
        raise InvalidRoster(f"There is no encoding '{used}'.", "Name one such as windows-1252 or gb18030.") from cause
    except UnicodeError as cause:
        line = data[: getattr(cause, "start", 0)].count(b"\n") + 1
        raise InvalidRoster(f"Line {line} of {shown} is not {used.upper()}.", SAVE_AS_UTF8) from cause
    if "\0" in text:
        raise InvalidRoster(f"{shown} is not a text file.", SAVE_AS_UTF8)
    return text


def _read_xlsx(path: Path, shown: str) -> Iterator[Row]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True)
    except Exception as cause:  # the library has no common error for files that are not spreadsheets
        raise InvalidRoster(f"{shown} is not an XLSX file.", "Save it anew as XLSX or as 'CSV UTF-8'.") from cause
    try:
        if not book.worksheets:
            return
        for number, cells in enumerate(book.worksheets[0].iter_rows(), 1):
            texts = [_cell_text(cell) for cell in cells]
            if any(texts):
                yield number, texts
    finally:
        book.close()


def _cell_text(cell: Any) -> str:
    """Return the content of a cell as a person reads it there."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _Formula(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        text = str(int(value)) if value == int(value) else repr(value)
        # A number shown as 0007 is the id 0007.
        return text.zfill(len(cell.number_format)) if re.fullmatch("0+", cell.number_format or "") else text
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _find_columns(head: Sequence[str], columns: Mapping[str, str], shown: str) -> dict[str, int]:
    """Return the place of each of `COLUMNS` that the roster has."""
    known = {heading.casefold(): place for place, heading in reversed(list(enumerate(head)))}
    twice = next((text for place, text in enumerate(head) if text and known[text.casefold()] != place), None)
    if twice is not None:
        raise InvalidRoster(f"{shown} has two columns '{printable(twice)}'.", "Rename one of them.")
    listing = ", ".join(f"'{printable(heading)}'" for heading in head if heading)
    places = {}
    for name in COLUMNS:
        heading = columns.get(name, name)
        place = known.get(heading.casefold())
        if place is None and (name == "id" or name in columns):
            raise InvalidRoster(
                f"{shown} has no column '{printable(heading)}'; it has {listing or 'none'}.",
                f"Rename a heading, or name it in the job file, such as columns: {{{name}: {head[0] or 'Nr'}}}.",
            )
        if place is not None:
            places[name] = place
    return places


def _read_people(rows: Iterator[Row], head: Sequence[str], places: Mapping[str, int], shown: str) -> Iterator[Person]:
    further = {heading: place for place, heading in enumerate(head) if heading and place not in places.values()}
    for number, cells in rows:
        if number > MAX_ROWS:
            raise InvalidRoster(f"{shown} has more than {MAX_ROWS} rows.", "Split it into several batches.")
        cells += [""] * (len(head) - len(cells))
        formula = next((place for place, cell in enumerate(cells) if isinstance(cell, _Formula)), None)
        if formula is not None:
            heading = head[formula] if formula < len(head) else str(formula + 1)
            raise InvalidRoster(
                f"Row {number} of {shown} holds a formula in the column '{printable(heading)}'.",
                "Copy the column and paste it as values.",
            )
        value = {name: cells[place] for name, place in places.items()}
        if not value["id"]:
            raise InvalidRoster(f"Row {number} of {shown} has no id.", "Give each person an id, or empty the row.")
        copies = value.get("copies", "")
        if copies and not (copies.isdecimal() and int(copies) <= 500):
            raise InvalidRoster(
                f"Row {number} of {shown} asks for '{printable(copies)}' copies.", "Give a number from 0 to 500."
            )
        yield Person(
            id=value["id"],
            name=value.get("name", ""),
            file=value.get("file", ""),
            documents=tuple(part.strip() for part in value.get("document", "").split(",") if part.strip()),
            copies=int(copies) if copies else None,
            columns={heading: cells[place] for heading, place in further.items()},
            row=number,
        )


def _refuse_equal_ids(people: Sequence[Person], shown: str) -> None:
    rows: dict[str, int] = {}
    equal = [(person, rows[person.id]) for person in people if rows.setdefault(person.id, person.row) != person.row]
    if equal:
        (first, before), more = equal[0], len(equal) - 1
        others = f", and {more} more ids are given twice" if more else ""
        raise InvalidRoster(
            f"Rows {before} and {first.row} of {shown} have the same id '{printable(first.id)}'{others}.",
            "Give each person one row; several documents stand in one cell, with commas.",
        )
