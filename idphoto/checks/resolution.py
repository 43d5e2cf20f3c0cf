"""Resolution on paper, as the file itself states it."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

FIX = "Let idphoto write the file, or set the resolution in its metadata."


def _run(subject: Subject) -> Iterator[Finding]:
    spec, stated = subject.spec, subject.finished.source.dpi
    if spec.size is None or spec.submit.value == "original":
        return
    band = spec.dpi
    if stated is None:
        yield Finding(
            check="resolution",
            status=Status.WARN,
            code="resolution.unstated",
            message="The file does not say at what size it is to be printed.",
            fix=FIX,
            limit=str(band or ""),
            unit="dpi",
        )
        return
    assert subject.dpi is not None
    if abs(stated - subject.dpi) > 0.01 * subject.dpi:
        yield Finding(
            check="resolution",
            status=Status.WARN,
            code="resolution.other-size",
            message=f"At its own {stated:.0f} dpi the file would print "
            f"{subject.size.height / stated * 25.4:.1f} mm high instead of {spec.size.mm[1]:g} mm.",
            fix=FIX,
            measured=round(stated, 1),
            limit=f"{subject.dpi:.0f} dpi",
            unit="dpi",
        )
    low = band is not None and not band.contains(subject.dpi, 0.5)
    inherited = "dpi" in spec.inherited
    yield Finding(
        check="resolution",
        status=(Status.WARN if inherited else Status.FAIL) if low else Status.PASS,
        code="resolution.outside" if low else "resolution.ok",
        message=f"The photo has {subject.dpi:.0f} dpi on paper{f', where {band} is wanted' if low else ''}.",
        fix="Use a photo with more pixels." if low else "",
        measured=round(subject.dpi, 1),
        limit=str(band or ""),
        unit="dpi",
        source=subject.where("dpi"),
    )


CHECK = Check("resolution", "The resolution on paper", "Too few dots per inch print soft.", _run)
