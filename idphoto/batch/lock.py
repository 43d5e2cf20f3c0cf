"""Let one run at a time write into a folder for results."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from idphoto.errors import FolderInUse, InputError, printable

__all__ = ["hold_folder"]

LOCK_FILE = ".idphoto-batch.lock"

WAIT_S = 2.0
"""Workers of a run that was killed end within this time."""


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a folder for results for as long as the context lasts; it is made if it does not exist.

    The system releases the lock when the process ends, in whatever way it ends.

    Raises
    ------
    FolderInUse
        If another run holds it.
    InputError
        If the folder cannot be made.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_FILE, timeout=WAIT_S)
        lock.acquire()
    except Timeout as cause:
        raise FolderInUse(
            f"{printable(str(folder))} is in use by another run{_describe_holder(folder)}.",
            "Wait until it has ended, or choose another folder with --out.",
        ) from cause
    except OSError as cause:
        raise InputError(
            f"{printable(str(folder))} cannot be written to: {cause.strerror or cause}.", "Choose another folder."
        ) from cause
    try:
        holder = {"process": os.getpid(), "machine": platform.node(), "since": f"{datetime.now():%Y-%m-%d %H:%M:%S}"}
        (folder / f"{LOCK_FILE}.json").write_text(json.dumps(holder), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            (folder / f"{LOCK_FILE}.json").unlink()
        lock.release()


def _describe_holder(folder: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        holder = json.loads((folder / f"{LOCK_FILE}.json").read_text(encoding="utf-8"))
        return f" (process {holder['process']} on {holder['machine']} since {holder['since']})"
    return ""
