"""Enough contrast in the face."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.exposure import measure_dynamic_range
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

FLAT = 5.5
"""Bits of luminance below which a face is flat; the least of 379 studio portraits is 5.8."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.shares is not None
    bits = measure_dynamic_range(subject.shares)
    flat = bits < FLAT
    yield subject.finding(
        "contrast.flat" if flat else "contrast.ok",
        Status.WARN if flat else Status.PASS,
        measured=round(bits, 2),
        limit=f">= {FLAT}",
        unit="bit",
        region=subject.region(),
    )


CHECK = Check(
    "contrast",
    "Fog, a dirty lens or too little light flatten the face.",
    _run,
    needs=frozenset({"shares"}),
    formula="entropy of linear luminance over the face (ISO/IEC 29794-5 0x48)",
    limit=f"{FLAT} bit, idphoto's own",
    component="DynamicRange",
)
