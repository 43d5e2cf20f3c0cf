"""Check that both sides of the face are lit alike."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.quality.exposure import measure_cheek_luminance
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_CHEEK_RATIO = 1.8
"""Ratio of light between the cheeks above which the check warns; 99 % of 379 studio portraits stay below 1.85."""

LEFT_CHEEK_OUTLINE, RIGHT_CHEEK_OUTLINE = (234, 33, 61), (454, 263, 291)
"""Landmarks around a cheek: edge of the face, corner of the eye, corner of the mouth."""


def _run(subject: Subject) -> Iterator[Finding]:
    left, right = subject.measured.of_face(measure_cheek_luminance)
    if not (left > 0 and right > 0):
        yield subject.make_finding("light.not-assessed", Status.SKIP)
        return
    ratio = round(max(left, right) / min(left, right), 2)
    uneven = ratio > MAX_CHEEK_RATIO
    yield subject.make_finding(
        "light.uneven" if uneven else "light.ok",
        Status.WARN if uneven else Status.PASS,
        measured=ratio,
        limit=f"<= {MAX_CHEEK_RATIO}",
        region=subject.locate_region(*(LEFT_CHEEK_OUTLINE if left < right else RIGHT_CHEEK_OUTLINE), margin=0.0),
    )


CHECK = Check(
    "light",
    "A shadow can hide one half of the face.",
    _run,
    needs=frozenset({"aligned"}),
    sees=frozenset({"left-cheek", "right-cheek"}),
    formula="ratio of the mean linear luminance of both cheeks, in the zones of ISO/IEC 29794-5 0x43; "
    "the ratio does not depend on the colour of the skin",
    limit=f"{MAX_CHEEK_RATIO}, idphoto's own",
    component="IlluminationUniformity",
)
