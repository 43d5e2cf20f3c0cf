"""Do the work of a task: make the documents of one photo, write their files, and set aside what cannot be made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from idphoto.batch.place import open_place, read_photo, sha256_of
from idphoto.batch.record import QUARANTINED, Fault, Order, Outcome, Record, RecordedFile, Task, summarise_report
from idphoto.errors import BackendError, IdPhotoError, StageFailed, printable
from idphoto.version import __version__

if TYPE_CHECKING:
    from idphoto.api import PreparedDocument
    from idphoto.job import Job
    from idphoto.photo import Photo

__all__ = ["CORRECTED", "QUARANTINE", "PhotoWorker", "WorkSettings", "corrected_name"]

QUARANTINE = "quarantine"
CORRECTED = "corrected"


@dataclass(frozen=True)
class WorkSettings:
    """What is the same for all tasks of a batch.

    Attributes
    ----------
    out : str
        Folder for results, or its URL.
    options : Job
        Options of the photos.
    corrected : dict of str to str
        Hashes of photos that were corrected, and the paths of the corrected ones below `out`.
    """

    out: str
    options: Job
    corrected: Mapping[str, str]


class PhotoWorker:
    """Works on the tasks of a batch, one after the other. Models are loaded with the first photo that is made.

    Parameters
    ----------
    settings : WorkSettings
        Of the batch.
    """

    def __init__(self, settings: WorkSettings) -> None:
        self.settings = settings
        self.place = open_place(settings.out)
        self._prepared: dict[tuple[str, str | None], PreparedDocument | IdPhotoError] = {}

    def __call__(self, task: Task) -> Outcome:
        """Make what is not finished yet of a photo.

        Raises
        ------
        InputError
            If results cannot be written: no photo is to blame for that.
        BackendError
            If a model is missing.
        """
        start = time.perf_counter()
        data, name, original = b"", task.shown, ""
        fault = task.fault
        if fault is None:
            try:
                data = read_photo(task.input)
            except IdPhotoError as error:
                fault = Fault.of(error, passing=True)
        digest = sha256_of(data) if data else ""
        corrected = self.settings.corrected.get(digest)
        if corrected is not None:
            data, name, original = self.place.read(corrected) or data, corrected, digest
            digest = sha256_of(data)
        finished = {order: self._find_finished(task, order, digest) for order in task.orders}
        missing = [order for order in task.orders if not finished[order]]
        made: dict[Order, list[Record]] = {order: [] for order in missing}
        for order, record in self._make(task, missing, data, name, digest, original, fault):
            made[order].append(record)
        records = tuple(record for order in task.orders for record in finished[order] or made[order])
        if missing:
            self._set_aside(task, records, data)
        reused = len(records) - sum(len(group) for group in made.values())
        return Outcome(task.number, records, reused, time.perf_counter() - start)

    def _find_finished(self, task: Task, order: Order, digest: str) -> list[Record]:
        """Return the records of a document that was made before, of every person; none if anything is to be done."""
        found = sorted((record for record in task.known if record.spec == order.spec), key=lambda record: record.person)
        complete = found and len(found) == max(found[0].people, 1)
        return found if complete and all(self._is_finished(record, order, digest) for record in found) else []

    def _is_finished(self, record: Record, order: Order, digest: str) -> bool:
        """Return True if the work was done before, and its files are still there as they were written."""
        if not digest or not record.fits(order, sha256=digest, version=__version__):
            return False
        if record.fault is not None:
            return not record.fault.passing
        return all(sha256_of(self.place.read(file.path) or b"") == file.sha256 for file in record.files)

    def _make(
        self, task: Task, orders: list[Order], data: bytes, name: str, digest: str, original: str, fault: Fault | None
    ) -> Iterator[tuple[Order, Record]]:
        """Make the documents, and yield the record of each, of every person."""
        from idphoto.api import name_files

        for order, person, people, result in self._results(orders, data, name, fault):
            record = Record(
                id=task.person.id,
                name=task.person.name,
                person=person,
                people=people,
                row=task.person.row,
                columns=dict(task.person.columns),
                spec=order.spec,
                copies=order.copies,
                stem=order.stem_of(person),
                input=task.shown,
                input_sha256=digest,
                original_sha256=original,
                settings=order.settings,
                idphoto=__version__,
                status=QUARANTINED,
                fault=result if isinstance(result, Fault) else None,
            )
            if not isinstance(result, Fault):
                folder, _, stem = record.stem.rpartition("/")
                files = name_files(result, stem, timings=False)
                contents = {f"{folder}/{path}".lstrip("/"): content for path, content in files.items()}
                self.place.write(contents)
                written = tuple(
                    RecordedFile(path=path, bytes=len(content), sha256=sha256_of(content))
                    for path, content in contents.items()
                )
                record = record.model_copy(update={**summarise_report(result.report), "files": written})
            yield order, record

    def _results(
        self, orders: list[Order], data: bytes, name: str, fault: Fault | None
    ) -> Iterator[tuple[Order, int, int, Photo | Fault]]:
        """Yield each document with the number of the person, that of people, and the photo or why there is none."""
        from idphoto.api import each_person, make_prepared
        from idphoto.decode import Source

        waiting, person, count = list(orders), 0, 1
        if fault is None and orders:
            try:
                source = Source.open(data, PurePosixPath(name).name)
                people = each_person(source, self.settings.options)
                count = len(people)
                for person, job in people:
                    waiting = list(orders)
                    documents = [self._prepare(order.spec, job) for order in orders]
                    for result in make_prepared(source, documents, person=person):
                        if isinstance(result, BackendError):
                            raise result
                        made = Fault.of(result) if isinstance(result, IdPhotoError) else result
                        yield waiting.pop(0), person, count, made
                return
            except BackendError:
                raise
            except IdPhotoError as error:
                fault = Fault.of(error)
            except Exception as error:  # one photo never stops the rest
                text = f"{type(error).__name__}: {error}"
                fault = Fault(
                    code=StageFailed.code,
                    message=f"{printable(name)} cannot be made: {printable(text)}.",
                    passing=isinstance(error, MemoryError),
                )
        for order in waiting:
            assert fault is not None
            yield order, person, count, fault

    def _prepare(self, spec: str, job: Job) -> PreparedDocument | IdPhotoError:
        """Return a document, ready to be made with the face that a job chooses; it is prepared once."""
        from idphoto.api import prepare_documents

        if (spec, job.face) not in self._prepared:
            # The plan has refused options without effect; for one of several documents they may have none.
            (self._prepared[spec, job.face],) = prepare_documents([spec], job, refuse_idle=False)
        return self._prepared[spec, job.face]

    def _set_aside(self, task: Task, records: tuple[Record, ...], data: bytes) -> None:
        """Put a photo that cannot be made into the quarantine with the reasons, or take it out."""
        photo = f"{QUARANTINE}/{task.entry}{PurePosixPath(task.shown).suffix}"
        note = f"{QUARANTINE}/{task.entry}.txt"
        reasons = describe_faults(records)
        if reasons:
            self.place.write({**({photo: data} if data else {}), note: reasons.encode()})
        elif any(record.fault for record in task.known):
            self.place.remove([photo, note])


def describe_faults(records: tuple[Record, ...]) -> str:
    """Return why documents of a photo could not be made, for people; empty if all were."""
    lines: dict[str, list[str]] = {}
    for record in records:
        if record.fault is not None:
            text = f"[{record.fault.code}] {record.fault.message} {record.fault.advice}".strip()
            lines.setdefault(text, []).append(record.spec)
    if not lines:
        return ""
    first = records[0]
    who = f"{first.id} {first.name}".strip()
    head = [who if first.row == 0 else f"{who} (row {first.row} of the roster)", f"photo: {first.input or 'none'}"]
    return "\n".join([*head, *(f"{', '.join(specs)}: {text}" for text, specs in lines.items())]) + "\n"


def corrected_name(digest: str, suffix: str) -> str:
    """Return the path of a corrected photo, below the folder for results, by the hash of the one it stands for."""
    return f"{CORRECTED}/{digest}{suffix}"
