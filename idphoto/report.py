"""Models of the report: findings, measures, operations, files and quality components.

A report is plain data. Its JSON has a schema (``docs/report.schema.json``) and a version.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

__all__ = [
    "SCHEMA_VERSION",
    "Component",
    "File",
    "Finding",
    "Measure",
    "Note",
    "Operation",
    "PrintSheet",
    "Region",
    "Report",
    "Status",
]

SCHEMA_VERSION = "1.0"

Region = tuple[float, float, float, float]
"""Box in the picture: ``(x, y, width, height)`` in pixels of the finished photo."""


class Status(str, Enum):
    """Verdict of a finding, in order from good to bad. The status of a report is that of its worst finding."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    SKIP = "skip"
    ASK = "ask"
    WARN = "warn"
    FAIL = "fail"

    @property
    def rank(self) -> int:
        """Position in the order pass, skip, ask, warn, fail, from 0."""
        return list(Status).index(self)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Model):
    """One result of a check; a check can have several."""

    check: str = Field(description="Id of the check, such as head-height.")
    status: Status
    code: str = Field(description="Stable code of the result, such as head-height.small.")
    message: str = Field(description="One sentence for people.")
    fix: str = Field(default="", description="One thing to do about it.")
    measured: float | str | None = None
    limit: str = Field(default="", description="The limit as its source writes it.")
    unit: str = ""
    source: str = Field(default="", description="Address or title of the source of the rule.")
    region: Region | None = None
    accepted: str = Field(default="", description="Reason of the user who accepted it.")
    values: dict[str, float | str | tuple[str, ...]] = Field(
        default_factory=dict, description="Values that the message shows, so that it can be written in other languages."
    )


class Measure(_Model):
    """A quantity measured on the finished photo."""

    name: str
    value: float
    unit: str
    uncertainty: float | None = Field(default=None, description="One standard deviation, in the same unit.")
    note: str = ""


class Operation(_Model):
    """One operation that was done to the picture."""

    name: Annotated[str, Field(pattern=r"^[a-z-]+$")]
    detail: str
    edit: Literal["none", "crop", "geometry", "background", "retouch"] = Field(
        default="none", description="Kind of edit, as authorities distinguish them."
    )
    amount: float | None = Field(default=None, description="Degrees that a tilted head was turned by.")
    ordered: str = Field(
        default="", description="Reason of the user who ordered an operation that the document forbids."
    )


class File(_Model):
    """A file that was made or given, with its hash."""

    name: str
    bytes: int
    sha256: str
    size: tuple[int, int] | None = Field(default=None, description="Width and height in pixels.")
    dpi: float | None = None
    format: str = ""


class Note(_Model):
    """A remark that is no verdict on the photo."""

    code: str = Field(description="Stable code, such as print-sheet.borderless.")
    message: str = Field(description="One sentence for people.")
    fix: str = Field(default="", description="One thing to do about it.")
    values: dict[str, float | str | tuple[str, ...]] = Field(
        default_factory=dict, description="Values that the message shows, so that it can be written in other languages."
    )


class PrintSheet(_Model):
    """The layout of a print sheet."""

    width_mm: float = Field(description="Width of the paper as it is used.")
    height_mm: float
    photos: int = Field(description="Photos on all sheets together.")
    pages: int
    gap_mm: float = Field(description="Space between photos; 0 if neighbours share a cut.")
    margin_mm: float = Field(description="Space that had to stay free along the edges of the paper.")
    edge_mm: float = Field(description="Space between the photos and the nearest edge; below 3, print without borders.")
    notes: tuple[Note, ...] = ()


class Component(_Model):
    """A quality component of ISO/IEC 29794-5, measured and scored as OFIQ does."""

    name: str = Field(description="Name of the component in OFIQ.")
    number: int = Field(description="Quality algorithm identifier.")
    raw: float | None = Field(
        default=None, description="Raw value; None if it needs a model that idphoto does not have."
    )
    score: int | None = Field(
        default=None, ge=0, le=100, description="0..100, 100 is best; there is no official limit."
    )
    own: bool = Field(default=False, description="True if idphoto measures it in its own way.")


class Report(_Model):
    """The report on one finished photo."""

    # Reports that are read back hold `status`, which is computed.
    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: str = SCHEMA_VERSION
    idphoto: str = Field(description="Version of the package idphoto.")
    spec: str | None = Field(default=None, description="Id of the document.")
    spec_version: str = Field(default="", description="Version of the document's rules.")
    spec_checked: date | None = Field(
        default=None, description="Day on which the oldest of its rules was read; none if none was read in writing."
    )
    title: str = ""
    notice: str = Field(
        default="",
        description="Why a photo made at home cannot simply be handed in, and what to do; empty if it can.",
    )
    source: File | None = Field(default=None, description="The photo as the user gave it.")
    files: tuple[File, ...] = ()
    measures: tuple[Measure, ...] = ()
    operations: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()
    components: tuple[Component, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict, description="Milliseconds by stage.")
    checked: bool = Field(default=True, description="False if the photo was made and no check was run on it.")
    sheet: PrintSheet | None = Field(default=None, description="The print sheet, if one was made.")
    unused: dict[str, str] = Field(
        default_factory=dict,
        description="Options that were given and have no effect for this document, each with the reason as a clause.",
    )

    @computed_field(description="Worst status of all findings; skip if no check was run.")  # type: ignore[prop-decorator]
    @property
    def status(self) -> Status:
        """Worst status of all findings; skip if no check was run."""
        best = Status.PASS if self.checked else Status.SKIP
        return max([best, *(finding.status for finding in self.findings)], key=lambda status: status.rank)

    def findings_of(self, check: str) -> tuple[Finding, ...]:
        """Return the findings of one check, by its id."""
        return tuple(finding for finding in self.findings if finding.check == check)

    def find_measure(self, name: str) -> Measure | None:
        """Return the measure of that name; None if it was not taken."""
        return next((measure for measure in self.measures if measure.name == name), None)
