"""Check that both eyes are open and can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.eyes import score_closed_eyes
from idphoto.quality.glasses import measure_eye_contrast
from idphoto.quality.landmark_ratios import measure_lid_openings
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MIN_LID_OPENING = 0.024
"""Lid opening, over the distance from eyes to chin, below which an eye counts as closed; the narrowest open eye of
379 studio portraits has 0.029."""
MAX_CLOSED_LOG_ODDS = 0.8
"""Log odds of the detector above which an eye counts as closed. Of 488 open eyes of people held out of training none
reaches -0.4; of as many eyes drawn shut, 99 % of the faces exceed the limit with one eye or the other."""
MIN_EYE_CONTRAST = 3.0
"""Contrast below which an eye cannot be seen. The lowest of 487 portraits is 6.2, except for an eye patch with 1.8."""


def _run(subject: Subject) -> Iterator[Finding]:
    contrast = round(subject.measured.of_face(measure_eye_contrast), 2)
    if contrast < MIN_EYE_CONTRAST:
        yield subject.make_finding(
            "eyes.hidden",
            Status.WARN,
            rule="expression",
            measured=contrast,
            limit=f">= {MIN_EYE_CONTRAST:g}",
            region=subject.locate_region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
        )
        return
    left, right = (round(opening, 3) for opening in subject.measured.of_face(measure_lid_openings))
    log_odds = round(subject.measured.of_face(score_closed_eyes), 2)
    lids_closed = min(left, right) < MIN_LID_OPENING
    detected = not lids_closed and log_odds > MAX_CLOSED_LOG_ODDS
    closed = lids_closed or detected
    yield subject.make_finding(
        "eyes.closed" if closed else "eyes.ok",
        Status.WARN if closed else Status.PASS,
        rule="expression",
        measured=log_odds if detected else min(left, right),
        limit=f"<= {MAX_CLOSED_LOG_ODDS}" if detected else f">= {MIN_LID_OPENING}",
        region=subject.locate_region(*(LEFT_EYE_CONTOUR if left < right else RIGHT_EYE_CONTOUR)),
    )


CHECK = Check(
    "eyes",
    "People and machines compare the eyes, and cannot compare closed ones.",
    _run,
    needs=frozenset({"aligned"}),
    sees=frozenset({"left-eye", "right-eye"}),
    reads=frozenset({"expression"}),
    formula="largest lid distance of the less open eye over the distance from eyes to chin (ISO/IEC 29794-5 0x4D); "
    "idphoto's own detector of closed eyes (log odds); 95th over 5th percentile of luminance around the iris",
    limit=f"{MIN_LID_OPENING}, {MAX_CLOSED_LOG_ODDS} and {MIN_EYE_CONTRAST:g} in this order, idphoto's own",
    component="EyesOpen",
)
