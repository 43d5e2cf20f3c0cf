"""Glasses: worn where the authority is against it, or shining."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.aligned import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.glasses import measure_glare, score_glasses
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

WORN, SHINE = 1.0, 0.03
"""Log odds from which glasses are believed, and share of an eye's zone that may be burnt out."""


def _run(subject: Subject) -> Iterator[Finding]:
    face, rule = subject.aligned, subject.spec.glasses
    assert face is not None
    eyes = subject.region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR)
    shine, odds = measure_glare(face), score_glasses(face)
    code, status, value, limit = "glasses.ok", Status.PASS, odds, WORN
    if shine > SHINE:
        code, status, value, limit = "glasses.glare", Status.WARN, shine, SHINE
    elif odds > WORN and rule is not None and rule.rule in ("forbidden", "discouraged"):
        code, status = f"glasses.{rule.rule}", Status.ASK
    yield subject.finding(code, status, rule="glasses", measured=round(value, 3), limit=f"<= {limit:g}", region=eyes)


CHECK = Check(
    "glasses",
    "Lenses shine, frames cross the eyes, and some authorities forbid glasses.",
    _run,
    needs=frozenset({"aligned"}),
    formula="our own detector (log odds); share of an eye's zone at 247 or more of 255",
    limit=f"{WORN:g} and {SHINE:g}; idphoto's own; wearing them is asked about where the document is against it",
    component="EyesVisible",
)
