"""Size and place of the head in the frame: one row for each quantity that authorities bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from idphoto.checks.base import Check, Subject, judge

if TYPE_CHECKING:
    from idphoto.report import Finding

__all__ = ["CHECKS", "measures"]

ABOVE = "Retake the photo with more room above the head."
LARGER = "Stand nearer to the camera, or use a photo with more pixels."
WIDER = "Retake the photo from further away, with more room around the head."
CENTRED = "Use a photo with more room on both sides of the head."


class _Row(NamedTuple):
    """A quantity: its spec field, how to measure it in pixels, and the words for a reader."""

    id: str
    field: str
    along: str
    measure: Callable[[Subject], float]
    words: tuple[str, str, str]
    fixes: tuple[str, str]
    rationale: str
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


ROWS = (
    _Row(
        "head-height", "head_height", "height", _head,
        ("The head from chin to crown", "too small", "too large"), (LARGER, WIDER),
        "A head of known size can be compared with the chip and with the person.", crown=True,
    ),
    _Row(
        "eye-line", "eye_line", "height", _eyes_above,
        ("The line of the eyes above the lower edge", "too low", "too high"),
        ("Use a photo with more room below the shoulders.", ABOVE),
        "Eyes at a known height let machines find the face and people compare it.",
    ),
    _Row(
        "top-margin", "top_margin", "height", _crown_to_top,
        ("The space above the crown", "too small", "too large"),
        (ABOVE, "Use a photo with more room below the shoulders."),
        "The whole head must be seen, and not float.", crown=True,
    ),
    _Row(
        "chin-margin", "chin_margin", "height", _chin_to_bottom,
        ("The space below the chin", "too small", "too large"),
        ("Use a photo with more room below the shoulders.", ABOVE),
        "Chin and neck must be seen.",
    ),
    _Row(
        "centring", "centre", "width", _off_centre,
        ("The face's midline, right of the photo's middle,", "too far left", "too far right"), (CENTRED, CENTRED),
        "The face belongs in the middle.",
    ),
    _Row(
        "face-width", "face_width", "width", _face_width,
        ("The width of the face", "too small", "too large"), (LARGER, WIDER),
        "A second bound on the size of the face.",
    ),
    _Row(
        "eye-distance", "eye_distance", "width", _eye_distance,
        ("The distance between the eyes", "too small", "too large"), (LARGER, WIDER),
        "Face recognition needs this many pixels between the eyes.",
    ),
    _Row(
        "chin-to-eyes", "chin_to_eyes", "height", _chin_to_eyes,
        ("The distance from the chin to the line of the eyes", "too small", "too large"), (LARGER, WIDER),
        "A bound on the size of the face that hair cannot disturb.",
    ),
)  # fmt: skip


def _check(row: _Row) -> Check:
    def run(subject: Subject) -> Iterator[Finding]:
        head = subject.finished.head
        sd = head.skull_sd if head is not None and row.crown and subject.spec.crown == "skull" else 0.0
        finding = judge(
            subject,
            check=row.id,
            field=row.field,
            px=row.measure(subject),
            along=row.along,
            words=row.words,
            fixes=row.fixes,
            sd=sd,
        )
        if finding is not None:
            yield finding

    return Check(row.id, row.words[0], row.rationale, run, needs=frozenset({"head"}))


CHECKS = tuple(_check(row) for row in ROWS)


def measures(subject: Subject) -> dict[str, float]:
    """All quantities in pixels of the finished file, by the name of their check."""
    return {row.id: row.measure(subject) for row in ROWS}
