"""Check that the eyes look into the camera."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.landmark_ratios import measure_gaze
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_SIDEWAYS, USUAL_HEIGHT, MAX_VERTICAL = 0.25, -0.12, 0.2
"""Largest offset of the irises to the side, their usual height, and the largest offset from that height, in half
widths of an eye. Irises usually lie above the line between the corners of the eyes: by 0.12 in 379 studio portraits."""


def _run(subject: Subject) -> Iterator[Finding]:
    sideways, down = subject.measured.of_face(measure_gaze)
    vertical = down - USUAL_HEIGHT
    # The offset that comes nearer to its limit is the one that is told.
    offset, limit = max(
        (round(abs(sideways), 3), MAX_SIDEWAYS),
        (round(abs(vertical), 3), MAX_VERTICAL),
        key=lambda pair: pair[0] / pair[1],
    )
    aside = offset > limit
    yield subject.make_finding(
        "gaze.aside" if aside else "gaze.ok",
        Status.WARN if aside else Status.PASS,
        rule="expression",
        measured=offset,
        limit=f"<= {limit}",
        region=subject.locate_region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
    )


CHECK = Check(
    "gaze",
    "Authorities want the eyes to look into the camera.",
    _run,
    needs=frozenset({"aligned"}),
    sees=frozenset({"left-eye", "right-eye"}),
    reads=frozenset({"expression"}),
    formula="mean offset of the irises from the middle of the eyes, over half an eye's width",
    limit=f"{MAX_SIDEWAYS} to the side, {MAX_VERTICAL} up or down from the usual height {USUAL_HEIGHT}; idphoto's own",
)
