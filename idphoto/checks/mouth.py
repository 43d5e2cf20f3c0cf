"""Check that the mouth is closed."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import INNER_LIP_PAIRS, MOUTH_CORNERS
from idphoto.quality.landmark_ratios import measure_mouth_opening
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_LIP_OPENING = 0.15
"""Opening of the inner lips, over the distance from eyes to chin, above which a mouth counts as open; broad smiles
reach 0.14."""


def _run(subject: Subject) -> Iterator[Finding]:
    opening = subject.measured.of_face(measure_mouth_opening)
    is_open = opening > MAX_LIP_OPENING
    yield subject.make_finding(
        "mouth.open" if is_open else "mouth.ok",
        Status.WARN if is_open else Status.PASS,
        rule="expression",
        measured=round(opening, 3),
        limit=f"<= {MAX_LIP_OPENING}",
        region=subject.locate_region(*MOUTH_CORNERS, *(point for pair in INNER_LIP_PAIRS for point in pair)),
    )


CHECK = Check(
    "mouth",
    "An open mouth changes the shape of the face.",
    _run,
    needs=frozenset({"aligned"}),
    reads=frozenset({"expression"}),
    formula="largest distance of the inner lips over the distance from eyes to chin (ISO/IEC 29794-5 0x4E)",
    limit=f"{MAX_LIP_OPENING}, idphoto's own",
    component="MouthClosed",
)
