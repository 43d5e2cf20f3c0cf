"""Keep the record of a batch on disk: one line of JSON for each photo and document.

While a batch runs, a line is added as soon as the files of a photo are in their places; so a process that is killed
loses nothing that was finished. At the end the lines are written anew in the order of the plan. In an object store,
which cannot add to a file, the lines of a run are kept in parts until then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from idphoto.batch.place import Place
from idphoto.batch.record import Record
from idphoto.errors import InputError, printable

__all__ = ["MANIFEST", "Journal", "read_manifest", "write_manifest"]

MANIFEST = "manifest.jsonl"
PARTS = "manifest-parts"

SYNC_PERIOD_S = 1.0
"""A power cut, unlike the end of a process, may lose the lines of this time; their photos are then made again."""

PART_LINES, PART_PERIOD_S = 1000, 5.0
"""In an object store, a part is written after so many lines or seconds."""


def read_manifest(place: Place) -> list[Record]:
    """Return the records of earlier runs; of several records of one name, the last.

    A line that a killed process did not finish is left out.

    Raises
    ------
    InputError
        If another line cannot be read.
    """
    records: dict[str, Record] = {}
    for path in (MANIFEST, *place.list(PARTS)):
        lines = (place.read(path) or b"").split(b"\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = Record.model_validate_json(line)
            except ValidationError as cause:
                if number == len(lines):
                    continue
                raise InputError(
                    f"Line {number} of {printable(path)} in the folder for results cannot be read.",
                    "Delete this line; its photo is then made again.",
                ) from cause
            records[record.stem] = record
    return list(records.values())


def write_manifest(place: Place, records: Iterable[Record]) -> None:
    """Write the manifest anew, in one step."""
    place.write({MANIFEST: b"".join(_line(record) for record in records)})
    place.remove(place.list(PARTS))


def _line(record: Record) -> bytes:
    return record.model_dump_json(exclude_defaults=True).encode() + b"\n"


class Journal:
    """Add records to the manifest while a batch runs. Use it as a context.

    Parameters
    ----------
    place : Place
        The folder for results.
    folder : Path, optional
        The same, if it is a folder of this machine, whose manifest can be added to.
    """

    def __init__(self, place: Place, folder: Path | None) -> None:
        self._place = place
        self._file: IO[bytes] | None = None if folder is None else (folder / MANIFEST).open("ab")
        self._waiting: list[bytes] = []
        self._part = len(place.list(PARTS))
        self._saved_at = time.monotonic()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._save(time.monotonic())
        if self._file is not None:
            self._file.close()

    def add(self, records: Sequence[Record]) -> None:
        """Add records whose files are in their places."""
        lines = b"".join(_line(record) for record in records)
        now = time.monotonic()
        if self._file is not None:
            self._file.write(lines)
            self._file.flush()
            due = now - self._saved_at >= SYNC_PERIOD_S
        else:
            self._waiting.append(lines)
            due = len(self._waiting) >= PART_LINES or now - self._saved_at >= PART_PERIOD_S
        if due:
            self._save(now)

    def _save(self, now: float) -> None:
        self._saved_at = now
        if self._file is not None:
            os.fsync(self._file.fileno())
        elif self._waiting:
            self._part += 1
            self._place.write({f"{PARTS}/{self._part:06d}.jsonl": b"".join(self._waiting)})
            self._waiting.clear()
