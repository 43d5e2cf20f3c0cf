"""Check that the source has enough pixels, so that it need not be enlarged."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MIN_SOURCE_EYE_DISTANCE_PX = 30.0
"""Distance between the eyes in the source below which an enlarged photo fails. Of portraits shrunk in steps, every one
below it fails the check of sharpness once it is enlarged."""


def _run(subject: Subject) -> Iterator[Finding]:
    if subject.view is None:
        return
    scale = round(subject.view.scale, 2)
    enlarged = scale > 1.0
    distance = subject.source_eye_distance
    if enlarged and distance is not None and distance < MIN_SOURCE_EYE_DISTANCE_PX:
        yield subject.make_finding(
            "scale.too-few",
            Status.FAIL,
            measured=round(distance, 1),
            limit=f">= {MIN_SOURCE_EYE_DISTANCE_PX:g}",
            unit="px",
        )
        return
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
    limit="1, or a failure below 30 px between the eyes in the source; both idphoto's own",
)
