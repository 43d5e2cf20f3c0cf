"""The source has enough pixels; none had to be made up."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    view = subject.photo.view
    if view is None or not subject.photo.operations:
        return
    scale = round(view.scale, 2)
    enlarged = scale > 1.0
    yield Finding(
        check="scale",
        status=Status.WARN if enlarged else Status.PASS,
        code="scale.enlarged" if enlarged else "scale.ok",
        message=f"The photo was enlarged {scale:g} times; it will look softer than it should."
        if enlarged
        else "The source has enough pixels.",
        fix="Use a photo with more pixels, or stand nearer to the camera." if enlarged else "",
        measured=scale,
        limit="<= 1",
    )


CHECK = Check("scale", "The resolution of the source", "Enlarging invents pixels and blurs the face.", _run)
