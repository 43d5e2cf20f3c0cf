"""Check whether it was certain what belongs to the person when the background was removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idphoto import messages
from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from idphoto.portrait import Box, Doubt
    from idphoto.units import Size

__all__ = ["CHECK", "judge_cutout"]

MAX_DOUBT = 0.0085
"""Share of the person on which matting and the person mask may disagree. Chosen on the tuning half of the pictures that
``benchmarks/people.py`` measures."""

MAX_PLACES = 3


def judge_cutout(doubt: Doubt | None, size: Size) -> list[Finding]:
    """Return a finding for each place at which it is not certain what is person, or one that all is certain.

    Parameters
    ----------
    doubt : Doubt, optional
        None if alpha was given; then there is nothing to judge.
    size : Size
        Of the picture that was cut out.
    """
    if doubt is None:
        return []
    if doubt.share <= MAX_DOUBT:
        return [_make_finding("cutout.ok", Status.PASS, doubt.share, None, "")]
    return [
        _make_finding("cutout.doubtful", Status.WARN, doubt.share, place, _name_side(place, size))
        for place in doubt.places[:MAX_PLACES]
    ]


def _make_finding(code: str, status: Status, share: float, place: Box | None, side: str) -> Finding:
    values: dict[str, float | str | tuple[str, ...]] = {"side": side} if side else {}
    message, fix = messages.say(code, values)
    return Finding(
        check="cutout",
        status=status,
        code=code,
        message=message,
        fix=fix,
        measured=round(100 * share, 2),
        limit=f"<= {100 * MAX_DOUBT:g}",
        unit="%",
        region=None if place is None else (place.x, place.y, place.width, place.height),
        values=values,
    )


def _name_side(place: Box, size: Size) -> str:
    """Return the side of the picture on which a place lies."""
    across = (place.x + place.width / 2) / size.width - 0.5
    down = (place.y + place.height / 2) / size.height - 0.5
    if abs(across) >= abs(down):
        return "left" if across < 0 else "right"
    return "top" if down < 0 else "bottom"


def _run(subject: Subject) -> Iterator[Finding]:
    if subject.background_filled:
        yield from judge_cutout(subject.doubt, subject.size)


CHECK = Check(
    "cutout",
    "A cutout that has lost a part of the person, or kept a part of the room, is no photo of the person any more.",
    _run,
    formula="area by which the matte leaves the person mask by more than 2 % of the root of the person's area, as a "
    "share of that area",
    limit="idphoto's",
)
