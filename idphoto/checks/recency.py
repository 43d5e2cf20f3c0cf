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
    where = subject.where("recency")
    taken = subject.photo.source.taken
    if taken is None:
        yield Finding(
            check="recency",
            status=Status.SKIP,
            code="recency.unknown",
            message=f"The file does not say when it was taken; it must not be older than {limit}.",
            limit=str(limit),
            source=where,
        )
        return
    # EXIF times have no zone; a day more or less does not matter here.
    age = datetime.now() - taken.replace(tzinfo=None)
    old = age > limit.duration
    yield Finding(
        check="recency",
        status=Status.FAIL if old else Status.PASS,
        code="recency.old" if old else "recency.ok",
        message=f"The photo was taken on {taken:%Y-%m-%d}; it must not be older than {limit}.",
        fix="Take a new photo." if old else "",
        measured=round(age.days),
        limit=str(limit),
        unit="days",
        source=where,
    )


CHECK = Check("recency", "The age of the photo", "People change.", _run)
