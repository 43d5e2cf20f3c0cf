"""Hold the data of a batch: a task is one photo of the plan; a record is one document of it, made or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from idphoto.report import Status

if TYPE_CHECKING:
    from idphoto.batch.roster import Person
    from idphoto.errors import IdPhotoError
    from idphoto.report import Report

__all__ = ["QUARANTINED", "Fault", "Order", "Outcome", "Record", "RecordedFile", "Task", "Verdict"]

QUARANTINED = "quarantined"
COMPONENTS = {"LuminanceMean": "brightness"}
"""Components of ISO/IEC 29794-5 that a record has as measures, without a unit."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(_Model):
    """Why a photo could not be made.

    Attributes
    ----------
    passing : bool
        True if the photo is not to blame (a worker was lost, a file was missing), so that the next run tries again.
    """

    code: str
    message: str
    advice: str = ""
    passing: bool = False

    @classmethod
    def of(cls, error: IdPhotoError, *, passing: bool = False) -> Fault:
        """Return the fault that an error describes."""
        return cls(code=error.code, message=error.message, advice=error.advice, passing=passing)


class RecordedFile(_Model):
    """A file that was written; its path is below the folder for results."""

    path: str
    bytes: int
    sha256: str


class Verdict(_Model):
    """A finding that does not pass."""

    check: str
    status: Status
    code: str


class Record(_Model):
    """One line of the manifest: one document of one person."""

    id: str = Field(description="Of the person, unique in the batch.")
    name: str = ""
    person: int = Field(default=0, description="Number of the person in a group picture, from the left; else 0.")
    people: int = Field(default=1, description="Number of people of whom photos are made from this picture.")
    row: int = Field(default=0, description="Row of the roster; 0 without one.")
    columns: dict[str, str] = Field(default_factory=dict, description="The further columns of the roster.")
    spec: str
    copies: int = 1
    stem: str = Field(description="Beginning of the names of the files, below the folder for results.")
    input: str = Field(description="Photo, below the folder of the photos; empty if there is none.")
    input_sha256: str = ""
    original_sha256: str = Field(default="", description="Of the photo that a corrected one stands for.")
    settings: str = Field(description="Digest of the options and the rules of the document.")
    idphoto: str = Field(description="Version of the package idphoto.")
    status: str = Field(description="pass, skip, ask, warn or fail, as in the report; or quarantined.")
    verdicts: tuple[Verdict, ...] = Field(default=(), description="Findings that do not pass, the worst first.")
    measures: dict[str, tuple[float, str]] = Field(default_factory=dict, description="Value and unit by name.")
    files: tuple[RecordedFile, ...] = ()
    fault: Fault | None = None
    timings: dict[str, float] = Field(default_factory=dict, description="Milliseconds by stage.")

    @property
    def is_made(self) -> bool:
        """True if there are finished files."""
        return self.fault is None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of what speaks against the photo."""
        return (self.fault.code,) if self.fault else tuple(dict.fromkeys(verdict.code for verdict in self.verdicts))

    def fits(self, order: Order, *, sha256: str, version: str) -> bool:
        """Return True if this is the record of the same work: input, document, options, version and name."""
        mine = (self.stem, self.spec, self.copies, self.input_sha256, self.settings, self.idphoto)
        return mine == (order.stem_of(self.person), order.spec, order.copies, sha256, order.settings, version)


class Order(NamedTuple):
    """One document that is wanted of a photo.

    Attributes
    ----------
    spec : str
        Id of the document.
    stem : str
        Beginning of the names of its files, below the folder for results.
    copies : int
        Prints on the sheets.
    settings : str
        Digest of the options and the rules of the document.
    tail : int
        How many characters of `stem` follow the name of the person.
    """

    spec: str
    stem: str
    copies: int
    settings: str = ""
    tail: int = 0

    def stem_of(self, person: int) -> str:
        """Return the beginning of the names of the files of a person in a group picture; 0 for a picture of one."""
        end = len(self.stem) - self.tail
        return f"{self.stem[:end]}-{person}{self.stem[end:]}" if person else self.stem


@dataclass(frozen=True, slots=True)
class Task:
    """The work on one photo.

    Attributes
    ----------
    number : int
        Place in the plan, from 0.
    person : Person
        Who is in the photo.
    input : str
        Path or URL of the photo; empty if `fault` says that there is none.
    shown : str
        Path of the photo below the folder of the photos.
    entry : str
        Name in the quarantine, without ending.
    orders : tuple of Order
        The documents.
    known : tuple of Record
        What earlier runs recorded of this photo.
    fault : Fault, optional
        Why there is nothing to work on.
    """

    number: int
    person: Person
    input: str
    shown: str
    entry: str
    orders: tuple[Order, ...]
    known: tuple[Record, ...] = ()
    fault: Fault | None = None


class Outcome(NamedTuple):
    """What came of a task.

    Attributes
    ----------
    number : int
        Of the task.
    records : tuple of Record
        One for each document, in the order of the task; of a group picture, one for each person.
    reused : int
        How many of them were finished before.
    seconds : float
        Time of the worker.
    """

    number: int
    records: tuple[Record, ...]
    reused: int
    seconds: float


def summarise_report(report: Report) -> Mapping[str, object]:
    """Return the fields of a record that come from a report."""
    raws = {component.name: component.raw for component in report.components}
    return {
        "status": report.status.value,
        "verdicts": tuple(
            Verdict(check=finding.check, status=finding.status, code=finding.code)
            for finding in sorted(report.findings, key=lambda finding: -finding.status.rank)
            if finding.status not in (Status.PASS, Status.SKIP)
        ),
        "measures": {
            **{measure.name: (measure.value, measure.unit) for measure in report.measures},
            **{name: (round(raw, 3), "") for component, name in COMPONENTS.items() if (raw := raws.get(component))},
        },
        "timings": {name: round(value, 1) for name, value in report.timings.items()},
    }
