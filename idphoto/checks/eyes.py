"""Both eyes open, and to be seen."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.aligned import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.eyes import score_closed_eyes
from idphoto.quality.glasses import measure_eye_contrast
from idphoto.quality.landmark_ratios import measure_lid_openings
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

CLOSED = 0.024
"""Opening below which an eye counts as closed; the narrowest open eye of 379 studio portraits has 0.029."""
LOOKS_CLOSED = 0.8
"""Log odds of a closed eye from which it is believed; of 488 open eyes of people held out none reaches -0.4, of as
many drawn shut 99 % of the faces exceed it with one eye or the other."""
HIDDEN = 3.0
"""Contrast below which an eye cannot be seen; the least of 487 portraits is 6.2, but for an eye patch: 1.8."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    contrast = measure_eye_contrast(subject.aligned)
    if contrast < HIDDEN:
        yield subject.finding(
            "eyes.hidden",
            Status.WARN,
            rule="expression",
            measured=round(contrast, 2),
            limit=f">= {HIDDEN:g}",
            region=subject.region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
        )
        return
    left, right = measure_lid_openings(subject.aligned)
    odds = score_closed_eyes(subject.aligned)
    by_lids = min(left, right) < CLOSED
    by_looks = not by_lids and odds > LOOKS_CLOSED
    closed = by_lids or by_looks
    contour = LEFT_EYE_CONTOUR if left < right else RIGHT_EYE_CONTOUR
    yield subject.finding(
        "eyes.closed" if closed else "eyes.ok",
        Status.WARN if closed else Status.PASS,
        rule="expression",
        measured=round(odds, 2) if by_looks else round(min(left, right), 3),
        limit=f"<= {LOOKS_CLOSED}" if by_looks else f">= {CLOSED}",
        region=subject.region(*contour),
    )


CHECK = Check(
    "eyes",
    "Eyes are compared; closed ones cannot be.",
    _run,
    needs=frozenset({"aligned"}),
    formula="largest lid distance of the less open eye over the distance from eyes to chin (ISO/IEC 29794-5 0x4D); "
    "our own detector of closed eyes (log odds); 95th over 5th percentile of luminance within the eye",
    limit=f"{CLOSED}, {LOOKS_CLOSED} and {HIDDEN:g}, idphoto's own",
    component="EyesOpen",
)
