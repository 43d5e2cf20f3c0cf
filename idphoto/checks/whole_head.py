"""Check that the whole head is in the picture, with its hair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from idphoto.checks.base import Check
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from idphoto.checks.subject import Subject

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    unseen = subject.unseen_parts
    if "crown" in unseen:
        yield subject.make_finding("whole-head.crown", Status.FAIL, region=_locate_edge(subject, at_top=True))
    if "chin" in unseen:
        yield subject.make_finding("whole-head.chin", Status.FAIL, region=_locate_edge(subject, at_top=False))
    if unseen & {"left", "right"}:
        yield subject.make_finding("whole-head.side", Status.FAIL)
    hair_cut, counts_hair = _find_hair_cut(subject), subject.spec.crown == "hair"
    if hair_cut and "crown" not in unseen:
        yield subject.make_finding(f"whole-head.{hair_cut}", Status.FAIL if counts_hair else Status.WARN)
    if not unseen and not hair_cut:
        yield subject.make_finding("whole-head.ok", Status.PASS)


def _find_hair_cut(subject: Subject) -> str:
    """Return ``hair`` if the source cuts the hair off, ``hair-cropped`` if only the crop does, else nothing."""
    if "hair" in subject.cut_in_source:
        return "hair"
    return "hair-cropped" if "hair" in subject.cut_parts else ""


def _locate_edge(subject: Subject, *, at_top: bool) -> tuple[float, float, float, float]:
    """Return the tenth of the file at its upper or lower edge."""
    width, height = subject.size
    return 0.0, 0.0 if at_top else 0.9 * height, float(width), 0.1 * height


CHECK = Check(
    "whole-head",
    "A part of the head that the picture does not show can be neither compared nor measured.",
    _run,
    needs=frozenset({"head"}),
    reads=frozenset({"crown"}),
    formula="chin, skull crown and sides of the face inside source and file, by more than 0.02 of the distance from "
    "eyes to chin; hair clear of the upper and lateral edges",
    limit="the whole head; cut hair fails a photo only if the document measures to the top of the hair",
)
