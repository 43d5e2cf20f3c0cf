"""Resolution on paper, as the file itself states it."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    spec, stated, dpi = subject.spec, subject.finished.source.dpi, subject.dpi
    if spec.size is None or dpi is None or spec.submit.value == "original":
        return
    band = spec.dpi
    limit = "" if band is None else band.text
    if stated is None:
        yield subject.finding("resolution.unstated", Status.WARN, limit=limit, unit="dpi")
        return
    if abs(stated - dpi) > 0.01 * dpi:
        yield subject.finding(
            "resolution.other-size",
            Status.WARN,
            measured=round(stated, 1),
            limit=f"{dpi:.0f} dpi",
            unit="dpi",
            printed=f"{subject.size.height / stated * 25.4:.1f} mm",
            wanted=f"{spec.size.mm[1]:g} mm",
        )
    # A whole number of pixels can miss the mark by half of one.
    low = band is not None and not band.contains(dpi, 0.5)
    status = Status.PASS
    if low:
        status = Status.WARN if "dpi" in spec.inherited else Status.FAIL
    yield subject.finding(
        "resolution.outside" if low else "resolution.ok",
        status,
        rule="dpi",
        measured=round(dpi, 1),
        limit=limit,
        unit="dpi",
    )


CHECK = Check(
    "resolution",
    "Too few dots per inch print soft.",
    _run,
    formula="pixels over the document's height on paper; the file's own statement (JFIF, Exif, pHYs)",
    limit="the document's; 1 % between the file's statement and the document's size",
)
