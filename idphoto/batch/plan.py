"""Plan a batch: find the photo of every person, and settle every name, before any work."""

from __future__ import annotations

import fnmatch
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from idphoto.batch.job import BatchJob, is_url
from idphoto.batch.names import NameTemplate, as_file_name
from idphoto.batch.place import open_url, sha256_of
from idphoto.batch.record import Fault, Order, Task
from idphoto.batch.roster import Person, read_roster
from idphoto.errors import IdPhotoError, InputError, InvalidJob, InvalidRoster, UnreadableImage, printable
from idphoto.output.sheet import paper_mm

if TYPE_CHECKING:
    from idphoto.job import Job
    from idphoto.spec import Spec

__all__ = ["Plan", "plan_batch"]

NAMES_WITH_ROSTER = "{id}_{spec}"
NAMES_WITHOUT_ROSTER = "{folder}/{file}.{spec}"
SHEETS = "sheets"
OWN_FOLDERS = ("quarantine", "corrected", SHEETS)
"""Folders inside the folder for results that hold no finished photos."""

OWN_FIELDS = ("id", "name", "spec", "file", "folder", "row")
"""Names that may stand in the braces of a template, beside the further columns of the roster."""


@dataclass(frozen=True)
class Plan:
    """A batch that can be worked through.

    Attributes
    ----------
    tasks : tuple of Task
        One for each photo, in the order of the roster or of the names of the files.
    specs : dict of str to Spec
        The documents, by the id that the job uses.
    notes : tuple of str
        Sentences about what looks like a mistake and is none for certain.
    """

    tasks: tuple[Task, ...]
    specs: dict[str, Spec]
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of photos times documents."""
        return sum(len(task.orders) for task in self.tasks)


def plan_batch(job: BatchJob) -> Plan:
    """Read the roster, find the photos, look up the documents and settle the names of all results.

    Raises
    ------
    InvalidRoster
        If the roster cannot be used.
    InputError
        If no photo is found, or two results would have the same name.
    SpecError
        If a document or a paper is unknown, or a document takes no photo.
    """
    job.require_documents()
    for paper in (*job.sheets, *([job.contact_sheet] if job.contact_sheet else ())):
        paper_mm(paper)
    index = _PhotoIndex(job)
    people = _people_of(job, index)
    specs, settings = _look_up_documents(job, people)
    further = dict.fromkeys(name for person in people[:1] for name in person.columns)
    taken = {name.casefold() for name in OWN_FIELDS}
    fields = (*OWN_FIELDS, *(name for name in further if name.casefold() not in taken))
    template = NameTemplate(job.names or (NAMES_WITH_ROSTER if job.roster else NAMES_WITHOUT_ROSTER), fields)
    _check_suffix(template, job, specs)
    tasks = tuple(
        _plan_task(number, person, index, job, template, specs, settings) for number, person in enumerate(people)
    )
    _refuse_clashes(tasks, everybody=job.options.face == "all")
    _refuse_if_all_missing(tasks, job)
    return Plan(tasks, specs, tuple(_notes(tasks, index, job)))


class _PhotoIndex:
    """The photos of the folder, found by path, by path without ending, by name, and by pattern."""

    def __init__(self, job: BatchJob) -> None:
        self.root = job.photos
        self.paths = _list_photos(job)
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            pure = PurePosixPath(path)
            whole = (path, path.removesuffix(pure.suffix), pure.name, pure.stem)
            for name in dict.fromkeys(text.casefold() for text in whole):
                self._by_name[name].append(path)

    def find(self, wanted: str) -> list[str]:
        """Return the photos that a cell of the roster names; an exact path wins over all else."""
        if wanted in self.paths:
            return [wanted]
        name = wanted.replace("\\", "/").casefold()
        if "*" in name or "?" in name:
            return [
                path
                for path in self.paths
                if fnmatch.fnmatchcase(path.casefold(), name)
                or ("/" not in name and fnmatch.fnmatchcase(PurePosixPath(path).name.casefold(), name))
            ]
        return self._by_name.get(name, [])

    def locate(self, path: str) -> str:
        """Return the path or URL of a photo."""
        return f"{self.root.rstrip('/')}/{path}" if is_url(self.root) else str(Path(self.root) / path)


def _list_photos(job: BatchJob) -> dict[str, None]:
    """Return the photos of the folder, sorted, without those of an earlier run in a folder for results inside it."""
    from idphoto.decode.folder import PICTURE_SUFFIXES, list_pictures

    if is_url(job.photos):
        files, root = open_url(job.photos)
        found = sorted(path.removeprefix(root).lstrip("/") for path in files.find(root))
        found = [path for path in found if PurePosixPath(path).suffix.lower() in PICTURE_SUFFIXES]
    else:
        folder = Path(job.photos)
        if not folder.is_dir():
            raise InputError(f"There is no folder {printable(job.photos)}.", "Name the folder with the photos.")
        out = Path(job.out).resolve()
        # A folder for results inside the folder of the photos holds no photos to be taken.
        nested = None if is_url(job.out) or out == folder.resolve() else out
        found = [
            path.relative_to(folder).as_posix()
            for path in list_pictures(folder, recursive=True)
            if nested is None or nested not in path.resolve().parents
        ]
    if not found:
        raise InputError(
            f"There is no picture in the folder {printable(job.photos)}.", "Name the folder with the photos."
        )
    return dict.fromkeys(found)


def _people_of(job: BatchJob, index: _PhotoIndex) -> list[Person]:
    if job.roster is not None:
        return read_roster(job.roster, {str(name): text for name, text in job.columns.items()}, job.encoding)
    return [Person(id=path.removesuffix(PurePosixPath(path).suffix), file=path) for path in index.paths]


def _look_up_documents(job: BatchJob, people: Sequence[Person]) -> tuple[dict[str, Spec], dict[str, str]]:
    """Load each document once; return the documents and the digests of their settings."""
    from idphoto.api import prepare_documents

    wanted: dict[str, Person | None] = {order.spec: None for order in job.documents}
    for person in people:
        for name in person.documents:
            wanted.setdefault(name, person)
    specs, settings = {}, {}
    for (name, asker), prepared in zip(wanted.items(), prepare_documents(list(wanted), job.options), strict=True):
        if isinstance(prepared, IdPhotoError):
            if asker is not None:
                prepared.message = f"Row {asker.row} of {job.roster}: {prepared.message}"
            raise prepared
        assert prepared.spec is not None
        specs[name] = prepared.spec
        settings[name] = _digest(job.options, prepared.spec)
    return specs, settings


def _digest(options: Job, spec: Spec) -> str:
    """Return a digest of all that decides about a result, beside the photo and the version."""
    files = {}
    if options.background and Path(options.background).is_file():
        files[options.background] = sha256_of(Path(options.background).read_bytes())
    rules = spec.model_dump(mode="json")
    content = {"options": options.model_dump(mode="json", exclude_none=True), "spec": rules, **files}
    return sha256_of(json.dumps(content, sort_keys=True).encode())


def _check_suffix(template: NameTemplate, job: BatchJob, specs: dict[str, Spec]) -> None:
    """Refuse a template that ends in .jpg where a document gets another format."""
    from idphoto.output import FILE_SUFFIXES, WRITERS
    from idphoto.spec import Submission

    if not template.suffix:
        return
    for spec in specs.values():
        if spec.submit is Submission.ORIGINAL:
            continue  # the ending is that of the file, which is passed on as it is
        accepted = [name for name in spec.formats if name in WRITERS]
        name = job.options.format if job.options.format not in (None, "auto") else accepted[0] if accepted else "jpeg"
        suffix = FILE_SUFFIXES[str(name)]
        if template.suffix.replace(".jpeg", ".jpg") != suffix:
            raise InvalidJob(
                f"names: the template ends in {template.suffix}, but photos for {spec.id} are {suffix} files.",
                "Leave the ending out; each file gets that of its format.",
            )


def _plan_task(
    number: int,
    person: Person,
    index: _PhotoIndex,
    job: BatchJob,
    template: NameTemplate,
    specs: dict[str, Spec],
    settings: dict[str, str],
) -> Task:
    """Find the photo of a person, and name the results."""
    found = index.find(person.file or person.id)
    fault = None if len(found) == 1 else Fault.of(_explain_search(person, found), passing=True)
    path = "" if fault else found[0]
    pure = PurePosixPath(path or person.file or person.id)
    values = {
        **person.columns,
        "id": person.id if person.row else pure.stem,
        "name": person.name,
        "file": pure.stem,
        "folder": str(pure.parent) if path else ".",
        "row": str(person.row),
    }
    wanted = [(name, person.copies) for name in person.documents]
    wanted = wanted or [
        (order.spec, order.copies if person.copies is None else person.copies) for order in job.documents
    ]
    if not wanted:
        raise InvalidRoster(
            f"Row {person.row} of {job.roster} names no document, and neither does the job.",
            "Fill the column 'document', or name documents in the job file.",
        )
    orders = []
    for name, copies in dict(wanted).items():
        try:
            stem, tail = template.fill({**values, "spec": specs[name].slug})
        except InputError as error:
            where = f"Row {person.row} of {job.roster}" if person.row else printable(path)
            raise type(error)(f"{where} cannot be named: {error.message}.", error.advice) from error
        if stem.partition("/")[0].casefold() in OWN_FOLDERS and "/" in stem:
            raise InputError(f"'{stem}' would be written among files of the batch itself.", "Change the template.")
        orders.append(Order(name, stem, 1 if copies is None else copies, settings[name], tail))
    parts = [person.id] if person.row else person.id.split("/")
    entry = "/".join(as_file_name(part) for part in parts)
    return Task(number, person, index.locate(path) if path else "", path, entry, tuple(orders), fault=fault)


def _explain_search(person: Person, found: Sequence[str]) -> InputError:
    """Return why the photo of a person is not settled."""
    wanted = printable(person.file or person.id)
    if not found:
        return UnreadableImage(
            f"There is no photo '{wanted}' for '{printable(person.id)}'.", "Add the photo, or correct the roster."
        )
    listing = ", ".join(printable(path) for path in found[:3]) + (" and more" if len(found) > 3 else "")
    return InputError(
        f"'{wanted}' stands for {len(found)} photos of '{printable(person.id)}': {listing}.",
        "Name one of them in the roster.",
    )


def _refuse_clashes(tasks: Sequence[Task], *, everybody: bool) -> None:
    from idphoto.output.files import refuse_equal_names, refuse_numbered_names

    def describe(task: Task, order: Order) -> str:
        where = f"row {task.person.row}" if task.person.row else task.shown
        return f"{where} for {order.spec}"

    refuse_equal_names(
        ((Path(order.stem), describe(task, order)) for task in tasks for order in task.orders),
        "Put {id}, {file} or {folder}, and {spec}, into the template of the names.",
    )
    if everybody:
        orders = (order for task in tasks for order in task.orders)
        refuse_numbered_names(Path(order.stem[: len(order.stem) - order.tail]) for order in orders)


def _refuse_if_all_missing(tasks: Sequence[Task], job: BatchJob) -> None:
    if all(task.fault for task in tasks):
        fault = tasks[0].fault
        assert fault is not None
        raise InputError(
            f"None of the {len(tasks)} photos of the roster is in {printable(job.photos)}; the first: {fault.message}",
            "Name the folder with the photos, and the column with their names.",
        )


def _notes(tasks: Sequence[Task], index: _PhotoIndex, job: BatchJob) -> Iterator[str]:
    """Yield sentences about photos that nobody or several people have."""
    used: dict[str, Any] = {}
    for task in tasks:
        if task.shown and used.setdefault(task.shown, task) is not task:
            both = f"Rows {used[task.shown].person.row} and {task.person.row}"
            yield f"{both} of {job.roster} have the same photo, {printable(task.shown)}."
    unused = [path for path in index.paths if path not in used]
    if unused:
        count = "1 photo is" if len(unused) == 1 else f"{len(unused)} photos are"
        yield f"{count} in no row of {job.roster}, such as {printable(unused[0])}."
