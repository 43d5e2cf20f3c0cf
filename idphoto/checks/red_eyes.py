"""No red eyes."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.aligned import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.colour import measure_red_eyes
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

RED = 0.45
"""Share of an iris that glows red; brown eyes in warm light reach 0.34."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    share = measure_red_eyes(subject.aligned)
    red = share > RED
    yield subject.finding(
        "red-eyes.seen" if red else "red-eyes.ok",
        Status.WARN if red else Status.PASS,
        measured=round(share, 3),
        limit=f"<= {RED}",
        region=subject.region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
    )


CHECK = Check(
    "red-eyes",
    "Eyes have a colour, and it is not red.",
    _run,
    needs=frozenset({"aligned"}),
    formula="share of the redder iris whose red is bright and three times its green and blue, in linear light",
    limit=f"{RED}, idphoto's own",
)
