"""Check for glasses that the authority is against, and for glare and tints on lenses."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import LEFT_EYE_CONTOUR, RIGHT_EYE_CONTOUR
from idphoto.quality.glasses import measure_glare, score_glasses
from idphoto.quality.lenses import score_tinted_lenses
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_GLASSES_LOG_ODDS = 1.0
"""Log odds of the detector above which a person counts as wearing glasses."""
MAX_TINT_LOG_ODDS = 1.5
"""Log odds above which lenses count as tinted, where glasses are worn; the highest of 40 wearers is 0.6."""
MAX_GLARE_SHARE = 0.03
"""Share of an eye's zone that may be burnt out."""


def _run(subject: Subject) -> Iterator[Finding]:
    rule = subject.spec.glasses
    glare = round(subject.measured.of_face(measure_glare), 3)
    log_odds = round(subject.measured.of_face(score_glasses), 3)
    tint = round(subject.measured.of_face(score_tinted_lenses), 2)
    unwanted = rule is not None and rule.rule in ("forbidden", "discouraged")
    code, status, value, limit = "glasses.ok", Status.PASS, glare, MAX_GLARE_SHARE
    if glare > MAX_GLARE_SHARE:
        code, status = "glasses.glare", Status.WARN
    elif log_odds > MAX_GLASSES_LOG_ODDS and tint > MAX_TINT_LOG_ODDS:
        code, status, value, limit = "glasses.tinted", Status.WARN, tint, MAX_TINT_LOG_ODDS
    elif unwanted:
        value, limit = log_odds, MAX_GLASSES_LOG_ODDS
        if log_odds > MAX_GLASSES_LOG_ODDS:
            assert rule is not None
            code, status = f"glasses.{rule.rule}", Status.ASK
    yield subject.make_finding(
        code,
        status,
        rule="glasses",
        measured=value,
        limit=f"<= {limit:g}",
        region=subject.locate_region(*LEFT_EYE_CONTOUR, *RIGHT_EYE_CONTOUR),
    )


CHECK = Check(
    "glasses",
    "Reflections, tints and frames hide the eyes, and some authorities forbid glasses.",
    _run,
    needs=frozenset({"aligned"}),
    sees=frozenset({"left-eye", "right-eye"}),
    reads=frozenset({"glasses"}),
    formula="idphoto's own detector of glasses (log odds); share of the zone of an eye with a luminance of "
    "247 or more of 255; idphoto's own detector of tinted lenses (log odds), which compares the skin around the eyes "
    "with the rest of the face",
    limit=f"{MAX_GLASSES_LOG_ODDS:g}, {MAX_GLARE_SHARE:g} and {MAX_TINT_LOG_ODDS:g}; idphoto's own; "
    "idphoto asks about glasses if the document does not want them",
    component="EyesVisible",
)
