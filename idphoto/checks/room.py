"""Check that the source reaches to every edge of the crop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Region, Status
from idphoto.spec import Submission

if TYPE_CHECKING:
    from idphoto.units import Size

__all__ = ["CHECK"]

SIDES = ("left", "top", "right", "bottom")
MAX_MISSING_PX = 0.5  # less is rounding


def _run(subject: Subject) -> Iterator[Finding]:
    spec, view = subject.spec, subject.view
    if view is None or spec.submit is Submission.ORIGINAL:
        return
    missing = {side: px for side, px in zip(SIDES, view.missing, strict=True) if px > MAX_MISSING_PX}
    if not missing:
        yield subject.make_finding("room.ok", Status.PASS)
    unit, px_per_unit = ("px", 1.0) if spec.size is None else ("mm", view.size.height / spec.size.mm[1])
    for side, px in missing.items():
        # A painted background can go on beyond the source, but only where the person does not touch its edge.
        is_painted = subject.background_filled and side in view.free
        yield subject.make_finding(
            "room.painted" if is_painted else "room.missing",
            Status.WARN if is_painted else Status.FAIL,
            measured=round(px / px_per_unit, 2),
            limit="0",
            unit=unit,
            region=_locate_strip(view.size, side, px),
            side=side,
        )


def _locate_strip(size: Size, side: str, px: float) -> Region:
    """Return the strip of that width along one side of the photo."""
    width, height = size
    return {
        "left": (0.0, 0.0, px, float(height)),
        "top": (0.0, 0.0, float(width), px),
        "right": (width - px, 0.0, px, float(height)),
        "bottom": (0.0, height - px, float(width), px),
    }[side]


CHECK = Check(
    "room",
    "Where the source ends, there are no pixels; idphoto invents none without saying so.",
    _run,
    reads=frozenset({"submit", "size"}),
    settled_by_making=True,
    formula="width of the part of the crop that lies outside the source, on each side",
    limit="0, with half a pixel for rounding",
)
