"""Skin of a colour that skin can have."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.colour import measure_skin_unnaturalness
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

UNNATURAL = 12.5
"""Distance from the range of natural skin above which a warning is due; 379 studio portraits reach 12.2."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    distance = measure_skin_unnaturalness(subject.aligned)
    if distance is None:
        yield subject.finding("skin.not-assessed", Status.SKIP)
        return
    unnatural = distance > UNNATURAL
    yield subject.finding(
        "skin.unnatural" if unnatural else "skin.ok",
        Status.WARN if unnatural else Status.PASS,
        measured=round(distance, 1),
        limit=f"<= {UNNATURAL}",
        unit="CIELAB",
        region=subject.region(234, 454, 61, 291, margin=0.0),
    )


CHECK = Check(
    "skin",
    "Coloured light and filters change how people look.",
    _run,
    needs=frozenset({"aligned"}),
    formula="distance of the cheeks' mean a* and b* from 5..25 and 5..35 (ISO/IEC 29794-5 0x4B); "
    "lightness plays no part",
    limit=f"{UNNATURAL}, idphoto's own",
    component="NaturalColour",
)
