"""A neutral face, where the document wants one; advice only."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.aligned import INNER_LIP_PAIRS, MOUTH_CORNERS
from idphoto.quality.landmark_ratios import measure_smile
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

WIDTH, RISE = 0.95, 0.05
"""Width of the mouth and rise of its corners, in eye distances, that together count as a smile."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    rule = subject.spec.expression
    if rule is None or rule.rule != "neutral":
        return
    width, rise = measure_smile(subject.aligned)
    smiles = width > WIDTH and rise > RISE
    yield subject.finding(
        "expression.smile" if smiles else "expression.ok",
        Status.WARN if smiles else Status.PASS,
        rule="expression",
        measured=round(rise, 3),
        limit=f"<= {RISE}",
        region=subject.region(*MOUTH_CORNERS, *(point for pair in INNER_LIP_PAIRS for point in pair)),
    )


CHECK = Check(
    "expression",
    "A smile changes the shape of the face.",
    _run,
    needs=frozenset({"aligned"}),
    formula="width of the mouth, and rise of its corners above its middle, over the eye distance",
    limit=f"{WIDTH} and {RISE} together, idphoto's own; only where the document wants a neutral face",
)
