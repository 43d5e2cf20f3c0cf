"""Run a batch: plan it, work through what is not finished, and write the manifest, the summary and the pages."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from idphoto.batch.engines import open_engine
from idphoto.batch.job import BatchJob, is_url
from idphoto.batch.lock import hold_results
from idphoto.batch.manifest import Journal, read_manifest, write_manifest
from idphoto.batch.place import Place, open_place, sha256_of
from idphoto.batch.plan import SHEETS, Plan, plan_batch
from idphoto.batch.record import QUARANTINED, Outcome, Record, Task
from idphoto.batch.series import SERIES, measure_series, write_series
from idphoto.batch.summary import SUMMARY, write_summary
from idphoto.batch.work import CORRECTED, QUARANTINE, WorkSettings, corrected_name

__all__ = ["BatchResult", "run_batch"]

Listener = Callable[[int, Outcome | None], None]
"""Is called with the number of results to come and None before the work begins, then with every outcome."""


@dataclass(frozen=True)
class BatchResult:
    """What came of a batch.

    Attributes
    ----------
    records : tuple of Record
        In the order of the plan; of a batch that was stopped, those that are there.
    reused : int
        How many of them were finished before this run.
    seconds : float
        Time of this run.
    stopped : bool
        True if `strict` ended it early.
    notes : tuple of str
        Sentences about what looks like a mistake.
    pages : tuple of str
        Paths of the sheets and of the contact sheet.
    """

    records: tuple[Record, ...]
    worked_on: int
    seconds: float
    stopped: bool = False
    notes: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """Number of records by status."""
        return Counter(record.status for record in self.records)

    @property
    def exit_code(self) -> int:
        """0: all are made and comply, 1: a check fails, 2: something could not be made."""
        counts = self.counts
        return 2 if counts[QUARANTINED] or self.stopped else 1 if counts["fail"] else 0


def run_batch(job: BatchJob, *, retry: bool = False, listener: Listener | None = None) -> BatchResult:
    """Make the photos of a batch; what an earlier run finished is not made again.

    A photo is made again if its file, the document, an option, its name or the version of idphoto changed, or if a
    result is missing or was changed.

    Parameters
    ----------
    job : BatchJob
        What is asked for.
    retry : bool
        Work only on photos in the quarantine. One that was corrected there stands for the original from then on.
    listener : callable, optional
        Is told how many results will come, and every outcome.

    Raises
    ------
    IdPhotoError
        If the batch cannot begin or results cannot be written; see :func:`idphoto.batch.plan.plan_batch`. A photo
        that cannot be made raises nothing.
    """
    start = time.perf_counter()
    plan = plan_batch(job)
    place = open_place(job.out)
    folder = None if is_url(job.out) else Path(job.out)
    with hold_results(job.out):
        remove_unfinished(folder)
        before = {record.stem: record for record in read_manifest(place)}
        known = group_records(before.values())
        tasks = [replace(task, known=tuple(records_of(task, known))) for task in plan.tasks]
        if retry:
            take_corrections(place, tasks)
            tasks = [task for task in tasks if any(record.fault for record in task.known)]
        write_manifest(place, before.values())  # drops a line that a killed run did not finish
        settings = work_settings(job, place)
        total = sum(len(task.orders) for task in tasks)
        if listener is not None:
            listener(total, None)
        records, worked_on, stopped = dict(before), 0, False
        engine = open_engine(job.engine, settings, workers=job.workers, address=job.address)
        with Journal(place, folder) as journal, engine:
            for outcome in engine.run(tasks):
                journal.add([record for record in outcome.records if before.get(record.stem) != record])
                task = plan.tasks[outcome.number]
                for old in records_of(task, known):
                    records.pop(old.stem, None)
                records |= {record.stem: record for record in outcome.records}
                worked_on += len(outcome.records) - outcome.reused
                total += len(outcome.records) - len(task.orders)
                if listener is not None:
                    listener(total, outcome)
                if job.strict and any(record.fault for record in outcome.records):
                    stopped = True
                    break
        ordered = order_records(plan, records.values())
        pages = () if stopped else write_results(job, plan, ordered, place)
        return BatchResult(ordered, worked_on, time.perf_counter() - start, stopped, plan.notes, pages)


def work_settings(job: BatchJob, place: Place) -> WorkSettings:
    """Return what workers need to know of a batch."""
    corrected = {PurePosixPath(path).stem: path for path in place.list(CORRECTED)}
    return WorkSettings(job.out, job.options, corrected)


def order_records(plan: Plan, records: Iterable[Record]) -> tuple[Record, ...]:
    """Return records in the order of the plan, without those of work that the plan does not have any more."""
    grouped = group_records(records)
    return tuple(record for task in plan.tasks for record in records_of(task, grouped))


def write_results(job: BatchJob, plan: Plan, records: tuple[Record, ...], place: Place) -> tuple[str, ...]:
    """Write the manifest, the summary, the sheets and the contact sheet; return the paths of the pages."""
    from idphoto.batch.sheets import make_contact_sheets, make_sheets

    write_manifest(place, records)
    place.write({SUMMARY: write_summary(records), SERIES: write_series(measure_series(records))})
    written = []
    old = place.list(SHEETS)
    for paper in job.sheets:
        for name, data in make_sheets(records, place, paper, plan.specs):
            written.append(f"{SHEETS}/{name}.pdf")
            place.write({written[-1]: data})
    if job.contact_sheet:
        for name, data in make_contact_sheets(records, place, job.contact_sheet):
            written.append(f"{SHEETS}/{name}.pdf")
            place.write({written[-1]: data})
    place.remove(set(old) - set(written))
    return tuple(written)


Groups = dict[tuple[str, str], list[Record]]


def group_records(records: Iterable[Record]) -> Groups:
    """Return records by id and document, those of a group picture from left to right."""
    groups: Groups = {}
    for record in sorted(records, key=lambda record: record.person):
        groups.setdefault((record.id, record.spec), []).append(record)
    return groups


def records_of(task: Task, groups: Groups) -> Iterator[Record]:
    """Yield the records of a task; of a name that the plan does not give any more, none."""
    for order in task.orders:
        for record in groups.get((task.person.id, order.spec), ()):
            if record.stem == order.stem_of(record.person):
                yield record


def remove_unfinished(folder: Path | None) -> None:
    """Remove files that a killed run had begun to write, under names of their own."""
    for path in folder.glob("**/.idphoto-*.tmp") if folder else ():
        path.unlink(missing_ok=True)


def take_corrections(place: Place, tasks: Iterable[Task]) -> int:
    """Let photos that were corrected in the quarantine stand for the originals; return how many."""
    files: dict[str, list[str]] = {}
    for path in place.list(QUARANTINE):
        pure = PurePosixPath(path)
        if pure.suffix != ".txt":
            files.setdefault(path.removesuffix(pure.suffix), []).append(path)
    count = 0
    for task in tasks:
        record = next((record for record in task.known if record.fault and record.input_sha256), None)
        for path in files.get(f"{QUARANTINE}/{task.entry}", ()) if record else ():
            data = place.read(path) or b""
            assert record is not None
            if sha256_of(data) != record.input_sha256:
                original = record.original_sha256 or record.input_sha256
                place.remove([old for old in place.list(CORRECTED) if PurePosixPath(old).stem == original])
                place.write({corrected_name(original, PurePosixPath(path).suffix): data})
                count += 1
                break
    return count
