"""The source reaches to every edge of the crop."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

SIDES = ("left", "top", "right", "bottom")
WORDS = {"left": "on the left", "top": "at the top", "right": "on the right", "bottom": "at the bottom"}


def _run(subject: Subject) -> Iterator[Finding]:
    photo = subject.photo
    if photo.view is None or photo.plan is None or subject.spec.submit.value == "original":
        return
    short = {side: px for side, px in zip(SIDES, photo.view.missing, strict=True) if px > 0.5}
    if not short:
        yield Finding(
            check="room", status=Status.PASS, code="room.ok", message="The source reaches to every edge of the photo."
        )
        return
    unit = "mm" if subject.dpi is not None else "px"
    amounts = {side: subject.in_unit(px, unit, "height") for side, px in short.items()}
    listing = ", ".join(f"{amount:.1f} {unit} {WORDS[side]}" for side, amount in amounts.items())
    painted = photo.plan.backdrop is not None
    harmless = painted and set(short) <= photo.view.free
    yield Finding(
        check="room",
        status=Status.WARN if harmless else Status.FAIL,
        code="room.painted" if harmless else "room.missing",
        message=f"The source ends too early: {listing} had to be painted."
        if harmless
        else f"The source ends too early: {listing} of the photo show nothing.",
        fix="Retake the photo from further away, with more room on that side.",
        measured=round(max(amounts.values()), 2),
        limit="0",
        unit=unit,
    )


CHECK = Check("room", "Room in the source", "Pixels that the camera did not see are not invented in silence.", _run)
