"""Watch a folder, and make the photos that arrive in it.

The system tells what changes (watchdog); a look at the whole folder now and then finds what it does not tell, such as
changes on a network share. A file is taken when it has not changed for a while. One that grows after a longer pause is
made again when it is complete. Every file that is there at the start is looked at, so that a restart goes on where
the last run ended.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from idphoto.batch.engines import open_engine
from idphoto.batch.job import BatchJob, is_url
from idphoto.batch.lock import hold_results
from idphoto.batch.manifest import Journal, read_manifest, write_manifest
from idphoto.batch.place import open_place
from idphoto.batch.plan import plan_batch
from idphoto.batch.record import Outcome, Record, Task
from idphoto.batch.run import (
    Groups,
    group_records,
    order_records,
    records_of,
    remove_unfinished,
    work_settings,
    write_results,
)
from idphoto.errors import IdPhotoError, InputError

__all__ = ["watch_folder"]

LOOK_PERIOD_S = 0.2
"""Time between two looks at files that may still change."""

RESCAN_PERIOD_S = 15.0
"""Time between two looks at the whole folder."""

Signature = tuple[int, int]
"""Length and time of change of a file, in bytes and nanoseconds."""


@dataclass
class _Seen:
    """A file that may still change: its signature, and since when it has it."""

    signature: Signature
    since: float


def watch_folder(
    job: BatchJob,
    stop: threading.Event,
    *,
    settle_s: float = 2.0,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
    on_problem: Callable[[IdPhotoError], None] = lambda _: None,
) -> None:
    """Make the photos of a folder as they arrive, until `stop` is set.

    Parameters
    ----------
    job : BatchJob
        What is made of each photo. Its roster, if there is one, is read again whenever photos arrive.
    stop : threading.Event
        Ends the watch; photos that are being made are finished first.
    settle_s : float
        A file is taken when it has not changed for so many seconds.
    on_outcome : callable
        Is told what came of each photo.
    on_problem : callable
        Is told why photos that arrived cannot be planned, such as two of one name. They are tried again when
        something changes.

    Raises
    ------
    IdPhotoError
        If the folder cannot be watched, or results cannot be written.
    """
    from watchdog.observers import Observer

    folder = Path(job.photos)
    if is_url(job.photos) or is_url(job.out):
        raise InputError("Only folders of this machine can be watched.", "Run idphoto batch again from time to time.")
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", "Name the folder that photos arrive in.")
    if job.engine != "local":
        raise InputError("Only the engine local watches a folder.", "Leave out the engine.")
    job.require_documents()
    place, out = open_place(job.out), Path(job.out)
    with hold_results(job.out):
        remove_unfinished(out)
        records = {record.stem: record for record in read_manifest(place)}
        write_manifest(place, records.values())
        arrivals = _Arrivals(job, stop, settle_s, records, on_problem)
        observer = Observer()
        observer.schedule(arrivals.handler, str(folder), recursive=True)
        observer.start()
        try:
            settings = work_settings(job, place)
            engine = open_engine(job.engine, settings, workers=job.workers, address=job.address)
            with Journal(place, out) as journal, engine:
                for outcome in engine.run(arrivals):
                    task = arrivals.tasks.pop(outcome.number)
                    journal.add([record for record in outcome.records if records.get(record.stem) != record])
                    for old in task.known:
                        records.pop(old.stem, None)
                    records.update({record.stem: record for record in outcome.records})
                    on_outcome(outcome)
        finally:
            observer.stop()
            observer.join()
            _write_results(job, records)


def _write_results(job: BatchJob, records: Mapping[str, Record]) -> None:
    """Write manifest, summary and pages of everything that is there."""
    try:
        plan = plan_batch(job)
    except IdPhotoError:
        return  # the folder is empty, or names clash; the manifest has every record already
    write_results(job, plan, order_records(plan, records.values()), open_place(job.out))


class _Arrivals:
    """The tasks for photos that have arrived: an iterator that waits for the next one, and ends with the watch."""

    def __init__(
        self,
        job: BatchJob,
        stop: threading.Event,
        settle_s: float,
        records: Mapping[str, Record],
        on_problem: Callable[[IdPhotoError], None],
    ) -> None:
        from watchdog.events import FileSystemEventHandler

        self.job, self.stop, self.settle_s, self.on_problem = job, stop, settle_s, on_problem
        self.records = records
        self.tasks: dict[int, Task] = {}
        self._changed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._waiting: dict[Path, _Seen] = {}
        self._taken: dict[Path, Signature] = {}
        self._ready: list[Task] = []
        self._number = 0
        self._scanned_at = float("-inf")
        arrivals = self

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: Any) -> None:
                for path in (event.src_path, getattr(event, "dest_path", "")):
                    if path:
                        arrivals._changed.put(str(path))

        self.handler = Handler()

    def __iter__(self) -> Iterator[Task]:
        return self

    def __next__(self) -> Task:
        while not self._ready:
            if self.stop.is_set():
                raise StopIteration
            self._look()
            if not self._ready:
                self.stop.wait(LOOK_PERIOD_S)
        return self._ready.pop(0)

    def _look(self) -> None:
        """Notice changes, and turn files that have settled into tasks."""
        now = time.monotonic()
        paths = set(self._waiting)
        while not self._changed.empty():
            paths.add(Path(self._changed.get()))
        if now - self._scanned_at >= RESCAN_PERIOD_S:
            self._scanned_at = now
            paths |= set(self._list())
        settled = set()
        for path in paths:
            signature = _sign(path)
            if signature is None or self._taken.get(path) == signature:
                self._waiting.pop(path, None)
                continue
            seen = self._waiting.get(path)
            if seen is None or seen.signature != signature:
                self._waiting[path] = _Seen(signature, now)
            elif now - seen.since >= self.settle_s:
                settled.add(path)
        if settled:
            self._plan(settled)

    def _list(self) -> list[Path]:
        from idphoto.decode.folder import list_pictures

        try:
            return list_pictures(Path(self.job.photos), recursive=True)
        except InputError:
            return []

    def _plan(self, settled: set[Path]) -> None:
        """Add the tasks of files; files that the batch does not take, such as results, are let go."""
        for path in settled:
            self._taken[path] = self._waiting.pop(path).signature
        try:
            plan = plan_batch(self.job)
        except IdPhotoError as problem:
            self.on_problem(problem)
            return
        known: Groups = group_records(list(self.records.values()))
        for task in plan.tasks:
            if task.input and Path(task.input) in settled:
                numbered = replace(task, number=self._number, known=tuple(records_of(task, known)))
                self.tasks[self._number] = numbered
                self._number += 1
                self._ready.append(numbered)


def _sign(path: Path) -> Signature | None:
    """Return the signature of a picture that is no temporary file; None if there is none."""
    from idphoto.decode.folder import PICTURE_SUFFIXES

    if path.suffix.lower() not in PICTURE_SUFFIXES or path.name.startswith("."):
        return None
    try:
        facts = path.stat()
    except OSError:
        return None
    return (facts.st_size, facts.st_mtime_ns) if facts.st_size and path.is_file() else None
