"""What was measured against what, and what was done: the report and its parts.

The report is plain data. Its JSON has a schema (``docs/report.schema.json``) and a version.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["SCHEMA", "Component", "File", "Finding", "Measure", "Operation", "Region", "Report", "Status"]

SCHEMA = "1.0"

Region = tuple[float, float, float, float]
"""Place in the picture as ``(x, y, width, height)`` in pixels of the finished photo."""


class Status(str, Enum):
    """Verdict of one check, from good to bad; a report is as bad as its worst finding."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    SKIP = "skip"
    ASK = "ask"
    WARN = "warn"
    FAIL = "fail"

    @property
    def rank(self) -> int:
        """Place in the order pass, skip, ask, warn, fail."""
        return list(Status).index(self)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Model):
    """Outcome of one check."""

    check: str = Field(description="Name of the check, such as head-height.")
    status: Status
    code: str = Field(description="Stable code of the outcome, such as head-height.small.")
    message: str = Field(description="One sentence for people.")
    fix: str = Field(default="", description="The one thing to do about it.")
    measured: float | str | None = None
    limit: str = Field(default="", description="The rule as its source writes it.")
    unit: str = ""
    source: str = Field(default="", description="Where the rule was read.")
    region: Region | None = None
    accepted: str = Field(default="", description="The reason of a user who let it pass.")
    values: dict[str, float | str | tuple[str, ...]] = Field(
        default_factory=dict, description="What the message is filled with, for other languages."
    )


class Measure(_Model):
    """A number measured on the finished photo."""

    name: str
    value: float
    unit: str
    uncertainty: float | None = Field(default=None, description="One standard deviation, in the same unit.")
    note: str = ""


class Operation(_Model):
    """Something that was done to the picture."""

    name: Annotated[str, Field(pattern=r"^[a-z-]+$")]
    detail: str
    edit: Literal["none", "crop", "geometry", "background", "retouch"] = Field(
        default="none", description="The kind of edit that an authority would call it."
    )
    ordered: str = Field(default="", description="The reason given by a user who ordered what is forbidden.")


class File(_Model):
    """A file that was made, or taken over, with its fingerprint."""

    name: str
    bytes: int
    sha256: str
    size: tuple[int, int] | None = Field(default=None, description="Width and height in pixels.")
    dpi: float | None = None
    format: str = ""


class Component(_Model):
    """A quality component of ISO/IEC 29794-5, as OFIQ measures and scores it."""

    name: str = Field(description="As OFIQ names it.")
    number: int = Field(description="Quality algorithm identifier.")
    raw: float | None = Field(default=None, description="None where it takes a model that idphoto does not have.")
    score: int | None = Field(default=None, ge=0, le=100, description="100 is best; no limit exists for any of them.")
    own: bool = Field(default=False, description="Whether it was measured in our own way.")


class Report(_Model):
    """Everything there is to say about one finished photo."""

    schema_version: str = SCHEMA
    idphoto: str = Field(description="Version of the package.")
    spec: str | None = Field(default=None, description="Id of the document.")
    title: str = ""
    source: File | None = Field(default=None, description="The photo as it was given.")
    files: tuple[File, ...] = ()
    measures: tuple[Measure, ...] = ()
    operations: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()
    components: tuple[Component, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict, description="Milliseconds per stage.")

    @property
    def status(self) -> Status:
        """The worst status of all findings; pass if there are none."""
        return max((finding.status for finding in self.findings), key=lambda status: status.rank, default=Status.PASS)

    def of(self, check: str) -> tuple[Finding, ...]:
        """The findings of one check."""
        return tuple(finding for finding in self.findings if finding.check == check)

    def measure(self, name: str) -> Measure | None:
        """The measure of that name, if it was taken."""
        return next((measure for measure in self.measures if measure.name == name), None)
