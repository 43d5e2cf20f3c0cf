"""Check the resolution on paper, and what the file itself states about it."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status
from idphoto.spec import Submission

__all__ = ["CHECK"]

MAX_STATED_ERROR = 0.01
"""Share by which the dpi that the file states may differ from that of the document's size."""
DPI_TOLERANCE = 0.5
"""Tolerance of the dpi outside its limits, since a file has a whole number of pixels. The finding tells
whole dpi, so that it agrees with the verdict."""


def _run(subject: Subject) -> Iterator[Finding]:
    spec, stated, dpi = subject.spec, subject.finished.source.dpi, subject.dpi
    if spec.size is None or dpi is None or spec.submit is Submission.ORIGINAL:
        return
    band = spec.dpi
    limit = "" if band is None else band.text
    if stated is None:
        yield subject.make_finding("resolution.unstated", Status.WARN, limit=limit, unit="dpi")
        return
    if abs(stated - dpi) > MAX_STATED_ERROR * dpi:
        yield subject.make_finding(
            "resolution.other-size",
            Status.WARN,
            measured=round(stated, 1),
            limit=f"{dpi:.0f} dpi",
            unit="dpi",
            printed=f"{subject.size.height / stated * 25.4:.1f} mm",
            wanted=f"{spec.size.mm[1]:g} mm",
        )
    outside = band is not None and not band.contains(dpi, DPI_TOLERANCE)
    status = Status.PASS
    if outside:
        status = Status.WARN if "dpi" in spec.inherited else Status.FAIL
    yield subject.make_finding(
        "resolution.outside" if outside else "resolution.ok",
        status,
        rule="dpi",
        measured=round(dpi),
        limit=limit,
        unit="dpi",
    )


CHECK = Check(
    "resolution",
    "With too few dots per inch, a print looks blurred.",
    _run,
    reads=frozenset({"size", "submit", "dpi", "inherited"}),
    settled_by_making=True,
    formula="pixels over the document's height on paper; resolution that the file states (JFIF, Exif, pHYs)",
    limit="the document's; 1 % between the resolution that the file states and that of the document's size",
)
