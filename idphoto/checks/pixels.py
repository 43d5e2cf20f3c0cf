"""Width and height of the file in pixels, and its proportions."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    spec, size = subject.spec, subject.size
    if spec.pixels is not None:
        inside = spec.pixels.contains(size)
        yield subject.finding(
            "pixels.ok" if inside else "pixels.outside",
            Status.PASS if inside else Status.FAIL,
            rule="pixels",
            measured=str(size),
            limit=str(spec.pixels),
            unit="px",
        )
    wanted, text, rule = None, "", ""
    if spec.aspect is not None:
        wanted, text, rule = spec.aspect.value, str(spec.aspect), "aspect"
    elif spec.size is not None and spec.pixels is None:
        wanted, text, rule = spec.size.mm[0] / spec.size.mm[1], str(spec.size), "size"
    if wanted is None:
        return
    # One pixel of rounding on either side is no fault.
    off = abs(size.width - size.height * wanted) > 1.0
    yield subject.finding(
        "pixels.proportion" if off else "pixels.proportion-ok",
        Status.FAIL if off else Status.PASS,
        rule=rule,
        measured=round(size.width / size.height, 4),
        limit=text,
    )


CHECK = Check(
    "pixels",
    "Upload portals refuse other sizes by machine.",
    _run,
    formula="width and height of the file; their ratio against the document's",
    limit="the document's; one pixel of rounding",
)
