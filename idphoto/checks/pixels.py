"""Width and height of the file in pixels, and its proportions."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

FIX = "Let idphoto make the photo from a larger original."


def _run(subject: Subject) -> Iterator[Finding]:
    spec, size = subject.spec, subject.size
    if spec.pixels is not None:
        inside = spec.pixels.contains(size)
        yield Finding(
            check="pixels",
            status=Status.PASS if inside else Status.FAIL,
            code="pixels.ok" if inside else "pixels.outside",
            message=f"The photo has {size} pixels{'' if inside else f', where {spec.pixels} is wanted'}.",
            fix="" if inside else FIX,
            measured=str(size),
            limit=str(spec.pixels),
            unit="px",
            source=subject.where("pixels"),
        )
    wanted, text, field = None, "", ""
    if spec.aspect is not None:
        wanted, text, field = spec.aspect.value, str(spec.aspect), "aspect"
    elif spec.size is not None and spec.pixels is None:
        wanted, text, field = spec.size.mm[0] / spec.size.mm[1], str(spec.size), "size"
    if wanted is None:
        return
    # One pixel of rounding on either side is no fault.
    off = abs(size.width - size.height * wanted) > 1.0
    yield Finding(
        check="pixels",
        status=Status.FAIL if off else Status.PASS,
        code="pixels.proportion" if off else "pixels.proportion-ok",
        message=f"The photo's proportions are {'not ' if off else ''}those of {text}.",
        fix=FIX if off else "",
        measured=round(size.width / size.height, 4),
        limit=text,
        source=subject.where(field),
    )


CHECK = Check("pixels", "The size in pixels", "Upload portals refuse other sizes by machine.", _run)
