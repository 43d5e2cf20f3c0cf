"""Mouth closed."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.aligned import INNER_LIP_PAIRS, MOUTH_CORNERS
from idphoto.quality.landmark_ratios import measure_mouth_opening
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

OPEN = 0.15
"""Opening of the inner lips above which a mouth counts as open; broad smiles reach 0.14."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    opening = measure_mouth_opening(subject.aligned)
    opened = opening > OPEN
    yield subject.finding(
        "mouth.open" if opened else "mouth.ok",
        Status.WARN if opened else Status.PASS,
        rule="expression",
        measured=round(opening, 3),
        limit=f"<= {OPEN}",
        region=subject.region(*MOUTH_CORNERS, *(point for pair in INNER_LIP_PAIRS for point in pair)),
    )


CHECK = Check(
    "mouth",
    "An open mouth changes the shape of the face.",
    _run,
    needs=frozenset({"aligned"}),
    formula="largest distance of the inner lips over the distance from eyes to chin (ISO/IEC 29794-5 0x4E)",
    limit=f"{OPEN}, idphoto's own",
    component="MouthClosed",
)
