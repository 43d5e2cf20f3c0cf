"""Check that the face has enough contrast."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.quality.exposure import measure_dynamic_range
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MIN_DYNAMIC_RANGE_BIT = 5.5
"""Entropy of luminance below which a face is flat; the lowest of 379 studio portraits is 5.8 bit."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.measured.luminance_histogram is not None
    bits = round(measure_dynamic_range(subject.measured.luminance_histogram), 2)
    flat = bits < MIN_DYNAMIC_RANGE_BIT
    yield subject.make_finding(
        "contrast.flat" if flat else "contrast.ok",
        Status.WARN if flat else Status.PASS,
        measured=bits,
        limit=f">= {MIN_DYNAMIC_RANGE_BIT}",
        unit="bit",
        region=subject.locate_region(),
    )


CHECK = Check(
    "contrast",
    "Fog, a dirty lens or too little light lower the contrast of the face.",
    _run,
    needs=frozenset({"luminance_histogram"}),
    formula="entropy of linear luminance over the face (ISO/IEC 29794-5 0x48)",
    limit=f"{MIN_DYNAMIC_RANGE_BIT} bit, idphoto's own",
    component="DynamicRange",
)
