"""The source has enough pixels; none had to be made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from idphoto.portrait import View

__all__ = ["CHECK", "judged"]


def _run(subject: Subject) -> Iterator[Finding]:
    view = subject.photo.view
    if view is not None and subject.photo.operations:
        yield judged(subject, view)


def judged(subject: Subject, view: View) -> Finding:
    """What there is to say about a crop's enlargement, made or only planned."""
    scale = round(view.scale, 2)
    enlarged = scale > 1.0
    return subject.finding(
        "scale.enlarged" if enlarged else "scale.ok",
        Status.WARN if enlarged else Status.PASS,
        measured=scale,
        limit="<= 1",
    )


CHECK = Check(
    "scale",
    "Enlarging invents pixels and blurs the face.",
    _run,
    formula="output pixels per source pixel",
    limit="1, idphoto's own",
)
