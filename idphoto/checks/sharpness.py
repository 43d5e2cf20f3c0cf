"""Check that the face is sharp."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_BLUR_PX = 1.0
"""Blur above which a face counts as blurred, in pixels of a face whose eyes lie 113 px apart."""


def _run(subject: Subject) -> Iterator[Finding]:
    blur = subject.measured.blur
    assert blur is not None
    blur = round(blur, 2)
    blurred = blur > MAX_BLUR_PX
    yield subject.make_finding(
        "sharpness.blurred" if blurred else "sharpness.ok",
        Status.WARN if blurred else Status.PASS,
        measured=blur,
        limit=f"<= {MAX_BLUR_PX:g}",
        region=subject.locate_region(),
    )


CHECK = Check(
    "sharpness",
    "Blur hides the details by which faces are recognised.",
    _run,
    needs=frozenset({"blur"}),
    formula="ratio of fine to coarse detail, as the Gaussian blur that gives studio portraits the same ratio",
    limit=f"{MAX_BLUR_PX:g} px at an eye distance of 113 px, idphoto's own",
    component="Sharpness",
)
