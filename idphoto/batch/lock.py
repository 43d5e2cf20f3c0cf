"""Let one run at a time write into a folder for results."""

from __future__ import annotations

import json
import os
import platform
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from idphoto.batch.job import is_url
from idphoto.batch.place import Place, open_place
from idphoto.errors import FolderInUse, InputError, printable

__all__ = ["hold_results"]

LOCK_FILE = ".idphoto-batch.lock"

WAIT_S = 2.0
"""Workers of a run that was killed end within this time."""

RENEWAL_PERIOD_S, EXPIRY_S = 20.0, 120.0
"""In an object store, a run says so often that it is alive; after the longer time without it, it counts as dead."""

SETTLE_S = 1.0
"""Two runs that begin within this time see each other's lock in an object store."""


@contextmanager
def hold_results(out: str) -> Iterator[None]:
    """Hold the folder for results, or its equal in an object store, for as long as the context lasts.

    The lock of a folder is released by the system when the process ends, in whatever way it ends. The lock in an
    object store of a process that was killed expires after two minutes.

    Parameters
    ----------
    out : str
        Path, which is made if it does not exist, or URL.

    Raises
    ------
    FolderInUse
        If another run holds it.
    InputError
        If the folder cannot be made.
    """
    with _hold_store(out) if is_url(out) else _hold_folder(Path(out)):
        yield


@contextmanager
def _hold_folder(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_FILE, timeout=WAIT_S)
        lock.acquire()
    except Timeout as cause:
        raise _in_use(str(folder), _read_holder(folder)) from cause
    except OSError as cause:
        raise InputError(
            f"{printable(str(folder))} cannot be written to: {cause.strerror or cause}.", "Choose another folder."
        ) from cause
    try:
        (folder / f"{LOCK_FILE}.json").write_bytes(_describe_this_run())
        yield
    finally:
        with suppress(OSError):
            (folder / f"{LOCK_FILE}.json").unlink()
        lock.release()


@contextmanager
def _hold_store(url: str) -> Iterator[None]:
    place = open_place(url)
    other = place.read(LOCK_FILE)
    if other is not None and time.time() - float(json.loads(other).get("renewed", 0)) < EXPIRY_S:
        raise _in_use(url, other)
    token = secrets.token_hex(8)
    _renew(place, token)
    time.sleep(SETTLE_S)
    other = place.read(LOCK_FILE)
    if other is None or json.loads(other).get("token") != token:
        raise _in_use(url, other)
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(RENEWAL_PERIOD_S):
            with suppress(InputError):  # the next writing of a result tells that the store is gone
                _renew(place, token)

    threading.Thread(target=renew, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        place.remove([LOCK_FILE])


def _renew(place: Place, token: str) -> None:
    place.write({LOCK_FILE: _describe_this_run(token=token, renewed=time.time())})


def _describe_this_run(**more: str | float) -> bytes:
    since = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    return json.dumps({"process": os.getpid(), "machine": platform.node(), "since": since, **more}).encode()


def _read_holder(folder: Path) -> bytes | None:
    with suppress(OSError):
        return (folder / f"{LOCK_FILE}.json").read_bytes()
    return None


def _in_use(out: str, holder: bytes | None) -> FolderInUse:
    who = ""
    with suppress(ValueError, KeyError):
        facts = json.loads(holder or b"")
        who = f" (process {facts['process']} on {facts['machine']} since {facts['since']})"
    return FolderInUse(
        f"{printable(out)} is in use by another run{who}.",
        "Wait until it has ended, or choose another folder with --out.",
    )
