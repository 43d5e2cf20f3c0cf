"""Age of the photo, where the camera wrote it down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    limit = subject.spec.recency
    if limit is None:
        return
    taken = subject.photo.source.taken
    if taken is None:
        yield subject.finding("recency.unknown", Status.SKIP, rule="recency", limit=str(limit))
        return
    # EXIF times have no zone; a day more or less does not matter here.
    age = datetime.now() - taken.replace(tzinfo=None)
    old = age > limit.duration
    yield subject.finding(
        "recency.old" if old else "recency.ok",
        Status.FAIL if old else Status.PASS,
        rule="recency",
        measured=float(round(age.days)),
        limit=str(limit),
        unit="days",
    )


CHECK = Check(
    "recency", "People change.", _run, formula="days since Exif's DateTimeOriginal; skipped where the file has none"
)
