"""Both sides of the face lit alike."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.exposure import measure_cheek_luminance
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

RATIO = 1.8
"""Ratio of light between the cheeks above which a warning is due: 99 % of 379 studio portraits stay below 1.85."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    left, right = measure_cheek_luminance(subject.aligned)
    if not (left > 0 and right > 0):
        yield subject.finding("light.not-assessed", Status.SKIP)
        return
    ratio = max(left, right) / min(left, right)
    uneven = ratio > RATIO
    # The darker cheek: corner of the eye to corner of the mouth.
    region = subject.region(*((234, 33, 61) if left < right else (454, 263, 291)), margin=0.0)
    yield subject.finding(
        "light.uneven" if uneven else "light.ok",
        Status.WARN if uneven else Status.PASS,
        measured=round(ratio, 2),
        limit=f"<= {RATIO}",
        region=region,
    )


CHECK = Check(
    "light",
    "Shadow hides one half of the face.",
    _run,
    needs=frozenset({"aligned"}),
    formula="ratio of the mean linear luminance of both cheeks, in the zones of ISO/IEC 29794-5 0x43; "
    "a ratio does not depend on the colour of the skin",
    limit=f"{RATIO}, idphoto's own",
    component="IlluminationUniformity",
)
