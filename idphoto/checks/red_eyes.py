"""Check for red eyes."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.colour import measure_red_eyes
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_RED_SHARE = 0.45
"""Share of an iris that may glow red; brown eyes in warm light reach 0.34."""


def _run(subject: Subject) -> Iterator[Finding]:
    share = round(subject.measured.of_face(measure_red_eyes), 3)
    red = share > MAX_RED_SHARE
    yield subject.make_finding(
        "red-eyes.seen" if red else "red-eyes.ok",
        Status.WARN if red else Status.PASS,
        measured=share,
        limit=f"<= {MAX_RED_SHARE}",
        region=subject.locate_region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
    )


CHECK = Check(
    "red-eyes",
    "The flash can make eyes red, which hides their colour.",
    _run,
    needs=frozenset({"aligned"}),
    sees=frozenset({"left-eye", "right-eye"}),
    formula="share of the redder iris that is bright red, that is, with red at least three times green and blue "
    "in linear light",
    limit=f"{MAX_RED_SHARE}, idphoto's own",
)
