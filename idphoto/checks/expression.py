"""Check for a neutral face, if the document asks for one; it only warns."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import INNER_LIP_PAIRS, MOUTH_CORNERS
from idphoto.quality.landmark_ratios import measure_smile
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_MOUTH_WIDTH, MAX_CORNER_RISE = 0.95, 0.05
"""Width of the mouth and rise of its corners, in eye distances; a smile exceeds both."""


def _run(subject: Subject) -> Iterator[Finding]:
    rule = subject.spec.expression
    if rule is None or rule.rule != "neutral":
        return
    width, rise = subject.measured.of_face(measure_smile)
    smiles = width > MAX_MOUTH_WIDTH and rise > MAX_CORNER_RISE
    yield subject.make_finding(
        "expression.smile" if smiles else "expression.ok",
        Status.WARN if smiles else Status.PASS,
        rule="expression",
        measured=round(rise, 3),
        limit=f"<= {MAX_CORNER_RISE}",
        region=subject.locate_region(*MOUTH_CORNERS, *(point for pair in INNER_LIP_PAIRS for point in pair)),
    )


CHECK = Check(
    "expression",
    "A smile changes the shape of the face.",
    _run,
    needs=frozenset({"aligned"}),
    reads=frozenset({"expression"}),
    formula="width of the mouth, and rise of its corners above its middle, over the eye distance",
    limit=f"{MAX_MOUTH_WIDTH} and {MAX_CORNER_RISE} together, idphoto's own; only if the document wants a neutral face",
)
