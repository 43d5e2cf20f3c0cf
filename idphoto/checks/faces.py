"""Exactly one face in the finished photo."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    count = subject.finished.faces
    if count == 1:
        yield Finding(
            check="faces", status=Status.PASS, code="faces.ok", message="There is one face.", measured=1.0, limit="1"
        )
        return
    yield Finding(
        check="faces",
        status=Status.FAIL,
        code="faces.none" if count == 0 else "faces.several",
        message="No face was found in the finished photo." if count == 0 else f"There are {count} faces in the photo.",
        fix="Take a photo of one person alone, seen from the front.",
        measured=float(count),
        limit="1",
    )


CHECK = Check("faces", "The number of faces", "A document shows its holder and nobody else.", _run)
