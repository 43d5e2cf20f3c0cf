"""Check the age of the photo, if the camera wrote down when it took it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    limit = subject.spec.recency
    if limit is None:
        return
    broken = Status.WARN if "recency" in subject.spec.inherited else Status.FAIL
    if subject.taken is None:
        yield subject.make_finding("recency.unknown", Status.SKIP, rule="recency", limit=str(limit))
        return
    # Exif times have no time zone. The error of up to a day does not matter against limits of months.
    age = datetime.now() - subject.taken.replace(tzinfo=None)
    old = age > limit.duration
    yield subject.make_finding(
        "recency.old" if old else "recency.ok",
        broken if old else Status.PASS,
        rule="recency",
        measured=float(round(age.days)),
        limit=str(limit),
        unit="days",
    )


CHECK = Check(
    "recency",
    "The face of a person changes with time.",
    _run,
    reads=frozenset({"recency", "inherited"}),
    formula="days since Exif's DateTimeOriginal; skipped if the file has none",
)
