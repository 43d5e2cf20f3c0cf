"""The source reaches to every edge of the crop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Region, Status

if TYPE_CHECKING:
    from idphoto.photo import Plan
    from idphoto.portrait import View
    from idphoto.units import Size

__all__ = ["CHECK", "judged"]

SIDES = ("left", "top", "right", "bottom")


def _run(subject: Subject) -> Iterator[Finding]:
    photo = subject.photo
    if photo.view is None or photo.plan is None or subject.spec.submit.value == "original":
        return
    yield from judged(subject, photo.view, photo.plan)


def judged(subject: Subject, view: View, plan: Plan) -> Iterator[Finding]:
    """What there is to say about a crop, made or only planned."""
    short = {side: px for side, px in zip(SIDES, view.missing, strict=True) if px > 0.5}
    if not short:
        yield subject.finding("room.ok", Status.PASS)
    size = subject.spec.size
    unit, one = ("px", 1.0) if size is None else ("mm", size.mm[1] / view.size.height)
    for side, px in short.items():
        # A painted wall may run on where the person does not touch the edge of the source.
        harmless = plan.background_fill is not None and side in view.free
        yield subject.finding(
            "room.painted" if harmless else "room.missing",
            Status.WARN if harmless else Status.FAIL,
            measured=round(px * one, 2),
            limit="0",
            unit=unit,
            region=_strip(view.size, side, px),
            side=side,
        )


def _strip(size: Size, side: str, px: float) -> Region:
    width, height = size
    return {
        "left": (0.0, 0.0, px, float(height)),
        "top": (0.0, 0.0, float(width), px),
        "right": (width - px, 0.0, px, float(height)),
        "bottom": (0.0, height - px, float(width), px),
    }[side]


CHECK = Check(
    "room",
    "Pixels that the camera did not see are not invented in silence.",
    _run,
    formula="how far the crop reaches beyond the source, by side",
    limit="0; half a pixel is rounding",
)
