"""Check that the source has enough pixels, so that it need not be enlarged."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    if subject.view is None:
        return
    scale = round(subject.view.scale, 2)
    enlarged = scale > 1.0
    yield subject.make_finding(
        "scale.enlarged" if enlarged else "scale.ok",
        Status.WARN if enlarged else Status.PASS,
        measured=scale,
        limit="<= 1",
    )


CHECK = Check(
    "scale",
    "An enlarged picture shows no more detail, so that the face looks blurred.",
    _run,
    settled_by_making=True,
    formula="output pixels per source pixel",
    limit="1, idphoto's own",
)
