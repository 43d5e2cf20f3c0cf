"""Check the size and the position of the head in the photo, with one row for each quantity that authorities limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.geometry import EXACT_VALUE_TOLERANCE, band_to_px, find_frame_scale
from idphoto.report import Finding, Status
from idphoto.units import MM_PER_INCH, Band

if TYPE_CHECKING:
    from idphoto.portrait import Head
    from idphoto.report import Region
    from idphoto.spec import Spec
    from idphoto.units import Size

__all__ = ["FRAMING_CHECKS", "FramingLimit", "list_framing_limits", "measure_framing"]

PIXEL_TOLERANCE_PX = 0.5
"""Tolerance of a length outside its limits: the file itself resolves no less."""


class _Quantity(NamedTuple):
    """A length in the photo.

    Attributes
    ----------
    check : str
        Id of the check.
    field : str
        Field of the spec that limits the length.
    along : str
        ``height`` or ``width``: the side of the photo that % refers to.
    measure : callable
        ``Subject -> length in pixels of the file``.
    span : callable
        ``Head -> (low, high)``: heights above the eyes between which the finding shows its region.
    rationale, formula : str
        As in :class:`Check`.
    parts : frozenset of str
        Parts of the head that the length ends at. If the picture does not show one of them, nothing is measured.
    """

    check: str
    field: str
    along: str
    measure: Callable[[Subject], float]
    span: Callable[[Head], tuple[float, float]]
    rationale: str
    formula: str
    parts: frozenset[str] = frozenset()

    @property
    def ends_at_crown(self) -> bool:
        """True if the length ends at the crown, so that it is as uncertain as the crown."""
        return "crown" in self.parts


def _measure_head_height(subject: Subject) -> float:
    return _head(subject).height(subject.spec.crown)


def _measure_eye_line(subject: Subject) -> float:
    return subject.size.height - 0.5 - _head(subject).eyes.y


def _measure_top_margin(subject: Subject) -> float:
    head = _head(subject)
    return head.eyes.y + 0.5 - head.crown(subject.spec.crown)


def _measure_chin_margin(subject: Subject) -> float:
    return _measure_eye_line(subject) - _head(subject).chin


def _measure_centring(subject: Subject) -> float:
    return _head(subject).eyes.x - (subject.size.width - 1) / 2


def _measure_face_width(subject: Subject) -> float:
    head = _head(subject)
    return head.left + head.right


def _measure_eye_distance(subject: Subject) -> float:
    return _head(subject).eye_distance


def _measure_chin_to_eyes(subject: Subject) -> float:
    return _head(subject).chin


def _head(subject: Subject) -> Head:
    assert subject.finished.head is not None
    return subject.finished.head


def _span_head(head: Head) -> tuple[float, float]:
    return -head.chin, head.hair


def _span_eyes(head: Head) -> tuple[float, float]:
    return -0.2 * head.chin, 0.2 * head.chin


QUANTITIES = (
    _Quantity(
        "head-height", "head_height", "height", _measure_head_height, _span_head,
        "A head of known size can be compared with the photo in the chip and with the person.",
        "chin to the crown that the document counts: skull by anatomy, hair from the person mask, or hairline",
        parts=frozenset({"crown", "chin"}),
    ),
    _Quantity(
        "eye-line", "eye_line", "height", _measure_eye_line, _span_eyes,
        "Machines find a face, and people compare it, more easily if the eyes are at a known height.",
        "midpoint of the eyes above the lower edge",
    ),
    _Quantity(
        "top-margin", "top_margin", "height", _measure_top_margin, lambda head: (head.skull, 2 * head.hair),
        "The whole head must be visible, without much empty space above it.",
        "crown to the upper edge",
        parts=frozenset({"crown"}),
    ),
    _Quantity(
        "chin-margin", "chin_margin", "height", _measure_chin_margin, lambda head: (-2 * head.chin, -head.chin),
        "Chin and neck must be visible.", "chin to the lower edge", parts=frozenset({"chin"}),
    ),
    _Quantity(
        "centring", "centre", "width", _measure_centring, _span_head,
        "Authorities want the face in the middle of the photo.", "midpoint of the eyes, right of the photo's middle",
    ),
    _Quantity(
        "face-width", "face_width", "width", _measure_face_width, _span_head,
        "Some authorities limit the size of the face by its width.",
        "between the outermost points of the mesh's contour, without ears",
        parts=frozenset({"left", "right"}),
    ),
    _Quantity(
        "eye-distance", "eye_distance", "width", _measure_eye_distance, _span_eyes,
        "Face recognition needs enough pixels between the eyes.", "between the centres of the eyes",
    ),
    _Quantity(
        "chin-to-eyes", "chin_to_eyes", "height", _measure_chin_to_eyes, lambda head: (-head.chin, 0.0),
        "Some authorities limit the size of the face by a length that hair cannot hide.",
        "midpoint of the eyes to the chin",
        parts=frozenset({"chin"}),
    ),
)  # fmt: skip


def measure_framing(subject: Subject) -> dict[str, float]:
    """Return the quantities in pixels of the finished file, by the id of their check; none to a part not seen."""
    return {quantity.check: quantity.measure(subject) for quantity in QUANTITIES if not _find_unseen(subject, quantity)}


def _find_unseen(subject: Subject, quantity: _Quantity) -> frozenset[str]:
    """Return the parts of the head that a quantity ends at and the picture does not show."""
    unseen = set(subject.unseen_parts)
    if subject.spec.crown == "hair" and "hair" in subject.cut_parts:
        unseen.add("crown")
    elif subject.spec.crown == "hairline":
        unseen.discard("crown")
    return frozenset(unseen & quantity.parts)


class FramingLimit(NamedTuple):
    """The limits of one length in pixels of a photo, tolerance included.

    Attributes
    ----------
    check : str
        Id of the check that judges the length.
    low, high : float
        In pixels of the photo; `high` may be infinite.
    unit : str
        Unit in which the document writes the limit.
    unit_px : float
        Pixels of the photo per unit.
    limit : str
        The limit as the document writes it.
    """

    check: str
    low: float
    high: float
    unit: str
    unit_px: float
    limit: str


def list_framing_limits(spec: Spec, size: Size) -> list[FramingLimit]:
    """Return the limits of size and position of the head that a document has, for a photo of that size."""
    dpi = None if spec.size is None else size.height / spec.size.mm[1] * MM_PER_INCH
    found = []
    for quantity in QUANTITIES:
        band: Band | None = getattr(spec, quantity.field)
        if band is None:
            continue
        length = size.height if quantity.along == "height" else size.width
        scale = find_frame_scale(spec, quantity.field, size)
        limits = band_to_px(band, length, dpi, scale)
        slack = _tolerance_px(limits, size) + PIXEL_TOLERANCE_PX
        unit_px = band_to_px(Band(1.0, 1.0, band.unit), length, dpi, scale).low
        found.append(
            FramingLimit(quantity.check, limits.low - slack, limits.high + slack, band.unit, unit_px, band.text)
        )
    return found


def _tolerance_px(limits: Band, size: Size) -> float:
    """Return the tolerance of a rule with one exact value, which names a target that nobody can hit without one."""
    return EXACT_VALUE_TOLERANCE * size.height if limits.low == limits.high else 0.0


def _make_check(quantity: _Quantity) -> Check:
    def run(subject: Subject) -> Iterator[Finding]:
        finding = _judge(subject, quantity)
        if finding is not None:
            yield finding

    return Check(
        quantity.check,
        quantity.rationale,
        run,
        needs=frozenset({"head"}),
        reads=frozenset({quantity.field, "crown", "frame", "inherited", "size"}),
        settled_by_making=True,
        formula=quantity.formula,
    )


def _judge(subject: Subject, quantity: _Quantity) -> Finding | None:
    """Judge a length by the band that the document has for it; None if it has none.

    A length outside the band by less than its own standard deviation only warns, since the photo may well comply. A
    rule that comes from the standard only warns, too.
    """
    spec, head = subject.spec, _head(subject)
    band: Band | None = getattr(spec, quantity.field)
    is_advice = quantity.field in spec.inherited
    sd = head.skull_sd if quantity.ends_at_crown and spec.crown == "skull" else 0.0
    if band is None:
        return None
    if _find_unseen(subject, quantity):
        return subject.make_finding(
            f"{quantity.check}.not-seen", Status.ASK, rule=quantity.field, limit=band.text, unit=band.unit
        )
    px = quantity.measure(subject)
    limits = subject.to_px(band, quantity.along, quantity.field)
    tolerance = _tolerance_px(limits, subject.size)
    excess = max(limits.low - tolerance - px, px - limits.high - tolerance, 0.0)
    status, outcome, flags = Status.PASS, "ok", {}
    if excess > PIXEL_TOLERANCE_PX:
        outcome = "large" if px > limits.high else "small"
        is_unsure = excess <= sd
        status = Status.WARN if is_advice or is_unsure else Status.FAIL
        flags = {"advice": float(is_advice), "unsure": float(is_unsure and not is_advice)}
    elif limits.low < limits.high:
        # What is beyond a limit by less than a pixel can resolve lies on it; the finding tells what was compared.
        px = min(max(px, limits.low), limits.high)
    return subject.make_finding(
        f"{quantity.check}.{outcome}",
        status,
        rule=quantity.field,
        measured=round(subject.from_px(px, band.unit, quantity.along, quantity.field), 2),
        limit=band.text,
        unit=band.unit,
        region=_locate_region(subject, *quantity.span(head)),
        crown=spec.crown,
        **flags,
    )


def _locate_region(subject: Subject, low: float, high: float) -> Region:
    """Return a box across the head between two heights above the eyes, cut off at the edges of the photo."""
    head = _head(subject)
    top, bottom = max(head.eyes.y - high, 0.0), min(head.eyes.y - low, float(subject.size.height))
    left, right = max(head.eyes.x - head.left, 0.0), min(head.eyes.x + head.right, float(subject.size.width))
    return round(left, 1), round(top, 1), round(right - left, 1), round(max(bottom - top, 1.0), 1)


FRAMING_CHECKS = tuple(_make_check(quantity) for quantity in QUANTITIES)
