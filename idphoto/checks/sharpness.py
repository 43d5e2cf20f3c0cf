"""A sharp face."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

BLURRED = 1.0
"""Blur above which a face counts as blurred, in pixels of a face whose eyes lie 113 px apart."""


def _run(subject: Subject) -> Iterator[Finding]:
    blur = subject.blur
    assert blur is not None
    blurred = blur > BLURRED
    yield subject.finding(
        "sharpness.blurred" if blurred else "sharpness.ok",
        Status.WARN if blurred else Status.PASS,
        measured=round(blur, 2),
        limit=f"<= {BLURRED:g}",
        region=subject.region(),
    )


CHECK = Check(
    "sharpness",
    "Blur hides what faces are told apart by.",
    _run,
    needs=frozenset({"blur"}),
    formula="ratio of fine to coarse detail, told as the Gaussian blur that gives the same ratio on studio portraits",
    limit=f"{BLURRED:g} px at an eye distance of 113 px, idphoto's own",
    component="Sharpness",
)
