"""Eyes looking into the camera."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.aligned import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.landmark_ratios import measure_gaze
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

ASIDE, REST, VERTICAL = 0.25, -0.12, 0.2
"""Largest offset of the irises to the side, their usual height, and the largest offset from it, in half
widths of an eye. Irises rest above the line between the corners of the eyes: by 0.12 in 379 studio portraits."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    sideways, down = measure_gaze(subject.aligned)
    updown = down - REST
    aside = abs(sideways) > ASIDE or abs(updown) > VERTICAL
    yield subject.finding(
        "gaze.aside" if aside else "gaze.ok",
        Status.WARN if aside else Status.PASS,
        rule="expression",
        measured=round(max(abs(sideways), abs(updown)), 3),
        limit=f"<= {ASIDE}",
        region=subject.region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
    )


CHECK = Check(
    "gaze",
    "The eyes look at whoever compares them.",
    _run,
    needs=frozenset({"aligned"}),
    formula="mean offset of the irises from the middle of the eyes, over half an eye's width",
    limit=f"{ASIDE} to the side, {VERTICAL} up or down from the usual {REST}; idphoto's own",
)
