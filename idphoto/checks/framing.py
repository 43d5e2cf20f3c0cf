"""Size and place of the head in the frame: one row for each quantity that authorities bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from idphoto.checks.base import Check, Subject, judge

if TYPE_CHECKING:
    from idphoto.portrait import Head
    from idphoto.report import Finding, Region

__all__ = ["CHECKS", "measures"]


class _Row(NamedTuple):
    """A quantity: its spec field, how to measure it in pixels, and where it is in the picture."""

    id: str
    field: str
    along: str
    measure: Callable[[Subject], float]
    span: Callable[[Head], tuple[float, float]]
    rationale: str
    formula: str
    crown: bool = False


def _eyes_above(subject: Subject) -> float:
    assert subject.finished.head is not None
    return subject.size.height - 0.5 - subject.finished.head.eyes.y


def _crown_to_top(subject: Subject) -> float:
    head = subject.finished.head
    assert head is not None
    return head.eyes.y + 0.5 - head.crown(subject.spec.crown)


def _chin_to_bottom(subject: Subject) -> float:
    assert subject.finished.head is not None
    return _eyes_above(subject) - subject.finished.head.chin


def _off_centre(subject: Subject) -> float:
    assert subject.finished.head is not None
    return subject.finished.head.eyes.x - (subject.size.width - 1) / 2


def _head(subject: Subject) -> float:
    assert subject.finished.head is not None
    return subject.finished.head.height(subject.spec.crown)


def _face_width(subject: Subject) -> float:
    head = subject.finished.head
    assert head is not None
    return head.left + head.right


def _eye_distance(subject: Subject) -> float:
    assert subject.finished.head is not None
    return subject.finished.head.eye_distance


def _chin_to_eyes(subject: Subject) -> float:
    assert subject.finished.head is not None
    return subject.finished.head.chin


def _from_chin(head: Head) -> tuple[float, float]:
    """Heights above the eyes that a region spans, down to the chin."""
    return -head.chin, head.hair


ROWS = (
    _Row(
        "head-height", "head_height", "height", _head, _from_chin,
        "A head of known size can be compared with the chip and with the person.",
        "chin to the crown that the document counts: skull by anatomy, hair from the person mask, or hairline",
        crown=True,
    ),
    _Row(
        "eye-line", "eye_line", "height", _eyes_above, lambda head: (-0.2 * head.chin, 0.2 * head.chin),
        "Eyes at a known height let machines find the face and people compare it.",
        "midpoint of the eyes above the lower edge",
    ),
    _Row(
        "top-margin", "top_margin", "height", _crown_to_top, lambda head: (head.skull, 2 * head.hair),
        "The whole head must be seen, and not float.", "crown to the upper edge", crown=True,
    ),
    _Row(
        "chin-margin", "chin_margin", "height", _chin_to_bottom, lambda head: (-2 * head.chin, -head.chin),
        "Chin and neck must be seen.", "chin to the lower edge",
    ),
    _Row(
        "centring", "centre", "width", _off_centre, _from_chin,
        "The face belongs in the middle.", "midpoint of the eyes, right of the photo's middle",
    ),
    _Row(
        "face-width", "face_width", "width", _face_width, _from_chin,
        "A second bound on the size of the face.", "between the outermost points of the mesh's contour, without ears",
    ),
    _Row(
        "eye-distance", "eye_distance", "width", _eye_distance, lambda head: (-0.2 * head.chin, 0.2 * head.chin),
        "Face recognition needs this many pixels between the eyes.", "between the centres of the eyes",
    ),
    _Row(
        "chin-to-eyes", "chin_to_eyes", "height", _chin_to_eyes, lambda head: (-head.chin, 0.0),
        "A bound on the size of the face that hair cannot disturb.", "midpoint of the eyes to the chin",
    ),
)  # fmt: skip


def _check(row: _Row) -> Check:
    def run(subject: Subject) -> Iterator[Finding]:
        head = subject.finished.head
        assert head is not None
        unsure = row.crown and subject.spec.crown == "skull"
        low, high = row.span(head)
        finding = judge(
            subject,
            check=row.id,
            field=row.field,
            px=row.measure(subject),
            along=row.along,
            sd=head.skull_sd if unsure else 0.0,
            region=_region(subject, head, low, high),
            crown=subject.spec.crown,
        )
        if finding is not None:
            yield finding

    return Check(row.id, row.rationale, run, needs=frozenset({"head"}), formula=row.formula)


def _region(subject: Subject, head: Head, low: float, high: float) -> Region:
    """Box across the head between two heights above the eyes, inside the picture."""
    top, bottom = max(head.eyes.y - high, 0.0), min(head.eyes.y - low, float(subject.size.height))
    left, right = max(head.eyes.x - head.left, 0.0), min(head.eyes.x + head.right, float(subject.size.width))
    return round(left, 1), round(top, 1), round(right - left, 1), round(max(bottom - top, 1.0), 1)


CHECKS = tuple(_check(row) for row in ROWS)


def measures(subject: Subject) -> dict[str, float]:
    """All quantities in pixels of the finished file, by the name of their check."""
    return {row.id: row.measure(subject) for row in ROWS}
