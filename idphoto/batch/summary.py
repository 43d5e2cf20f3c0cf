"""Write the records of a batch as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from idphoto.batch.record import Record
from idphoto.output.spreadsheet import escape_formula

__all__ = ["SUMMARY", "write_summary"]

SUMMARY = "summary.csv"

_OWN = ("id", "name", "document", "copies", "status", "codes", "head_mm", "eyes_mm", "kb", "files", "photo", "reason")


def write_summary(records: Sequence[Record]) -> bytes:
    """Return the table: one row for each photo and document, in UTF-8 with a mark that spreadsheets look for.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    further = list(dict.fromkeys(name for record in records for name in record.columns if name not in _OWN))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*_OWN, *further])
    for record in records:
        row = [
            record.id,
            record.name,
            record.spec,
            record.copies,
            record.status,
            " ".join(record.codes),
            _in_mm(record, "head-height"),
            _in_mm(record, "eye-line"),
            f"{record.files[0].bytes / 1000:.1f}" if record.files else "",
            " ".join(file.path for file in record.files),
            record.input,
            f"{record.fault.message} {record.fault.advice}".strip() if record.fault else "",
            *(record.columns.get(name, "") for name in further),
        ]
        writer.writerow([escape_formula(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _in_mm(record: Record, name: str) -> str:
    value, unit = record.measures.get(name, (0.0, ""))
    return f"{value:.2f}" if unit == "mm" else ""
