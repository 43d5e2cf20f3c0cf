"""Lay out what a picture and a page of the verdict share: lines across the face, their labels, and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idphoto.geometry import band_to_px, find_frame_scale
from idphoto.messages import ENGLISH, RIGHT_TO_LEFT, label, requirement, written
from idphoto.report import Finding, Status
from idphoto.units import MM_PER_INCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from idphoto.portrait import Head
    from idphoto.report import Report
    from idphoto.spec import Spec
    from idphoto.units import Size

__all__ = [
    "BLAMING",
    "STATUS_COLOURS",
    "Badge",
    "Mark",
    "Strip",
    "Verdict",
    "allowed_strips",
    "face_marks",
    "number_findings",
    "place_badges",
    "spread_labels",
]

Colour = tuple[int, int, int]

STATUS_COLOURS: dict[Status, Colour] = {
    Status.FAIL: (200, 30, 30),
    Status.WARN: (179, 107, 0),
    Status.ASK: (20, 110, 190),
    Status.SKIP: (110, 110, 110),
    Status.PASS: (28, 140, 70),
}
BLAMING = (Status.FAIL, Status.WARN, Status.ASK)
"""Statuses of findings that get a number in the picture."""

MIN_CROWN_SHARE = 0.01  # of the photo's height; two crowns that are nearer to each other get one line


@dataclass(frozen=True, eq=False)
class Verdict:
    """Everything that a picture or a page of the verdict shows.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (h, w, 3)
        The finished photo, sRGB, at any scale.
    size : Size
        Width and height of the finished file, in whose pixels `head` and regions are.
    head : Head, optional
        As measured in it; None if no face was found.
    spec : Spec
        The document.
    report : Report
        With findings in `language`.
    language : str
        ISO 639-1.
    """

    rgb: NDArray[np.uint8]
    size: Size
    head: Head | None
    spec: Spec
    report: Report
    language: str = ENGLISH

    @property
    def rtl(self) -> bool:
        """True if the language is written from right to left."""
        return self.language in RIGHT_TO_LEFT

    @property
    def numbered(self) -> list[Finding]:
        """Findings against the photo, in the order of their numbers."""
        return number_findings(self.report.findings)


class Mark(NamedTuple):
    """A line across the face.

    Attributes
    ----------
    left, right : float
        Height of the line at the left and right edge of the photo, in pixels of the finished file from the top.
    label : str
        What it says.
    status : Status
        Worst status of the checks about it.
    main : bool
        False for a line that is only shown for comparison.
    """

    left: float
    right: float
    label: str
    status: Status
    main: bool = True


class Strip(NamedTuple):
    """Heights between which the document wants a line, in pixels of the finished file from the top."""

    top: float
    bottom: float


class Badge(NamedTuple):
    """The number of a finding and its place, in pixels of the finished file."""

    x: float
    y: float
    number: int
    status: Status


def number_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings against a photo, worst first: the first one has number 1."""
    against = [finding for finding in findings if finding.status in BLAMING]
    return sorted(against, key=lambda finding: -finding.status.rank)


def face_marks(verdict: Verdict) -> list[Mark]:
    """Return the lines at crown, eyes and chin, with their measures, from the top down; none without a head."""
    head, spec = verdict.head, verdict.spec
    if head is None:
        return []

    def mark(above: float, text: str, checks: tuple[str, ...] = (), *, main: bool = True) -> Mark:
        left, right = _ends(head, above, verdict.size.width)
        status = _worst_status(verdict.report.findings, checks) if main else Status.SKIP
        return Mark(left, right, text, status, main)

    def text(name: str, check: str) -> str:
        return label(name, verdict.language, measured=_measured(verdict, check), crown=f"line-{spec.crown}")

    marks = [
        mark(head.crown(spec.crown), text("label-crown", "top-margin"), ("top-margin", "head-height")),
        mark(0.0, text("label-eyes", "eye-line"), ("eye-line",)),
        mark(-head.chin, text("label-chin", "head-height"), ("head-height",)),
    ]
    other = "hair" if spec.crown != "hair" else "skull"
    if abs(head.crown(other) - head.crown(spec.crown)) > MIN_CROWN_SHARE * verdict.size.height:
        marks.append(mark(head.crown(other), label(f"line-{other}", verdict.language), main=False))
    return sorted(marks, key=lambda entry: entry.right)


def _ends(head: Head, above: float, width: int) -> tuple[float, float]:
    """Heights, at the left and right edge, of the line across the head so far above the eyes."""
    axis = np.array(head.axis)
    point = np.array(head.eyes) + axis * above + 0.5
    along = np.array([-axis[1], axis[0]])
    slope = along[1] / along[0]
    return float(point[1] - point[0] * slope), float(point[1] + (width - point[0]) * slope)


def _worst_status(findings: Sequence[Finding], checks: tuple[str, ...]) -> Status:
    """Return the worst status of some checks; PASS where they found nothing."""
    found = [finding.status for finding in findings if finding.check in checks and finding.status is not Status.SKIP]
    return max(found, key=lambda status: status.rank, default=Status.PASS)


def _measured(verdict: Verdict, check: str) -> str:
    """Return a measure in words, with what the document requires."""
    measure = verdict.report.find_measure(check)
    if measure is None:
        return ""
    words = written(measure.value, measure.unit, verdict.language)
    finding = next((entry for entry in verdict.report.findings_of(check) if isinstance(entry.measured, float)), None)
    if finding is None:
        return words
    if finding.unit != measure.unit and isinstance(finding.measured, float):
        words += f" = {written(finding.measured, finding.unit, verdict.language)}"
    return label("label-required", verdict.language, measured=words, limit=requirement(finding, verdict.language))


def allowed_strips(verdict: Verdict) -> tuple[Strip | None, Strip | None]:
    """Return where the eyes may lie and where the crown may lie; None without such a rule or without a head."""
    head, spec, size = verdict.head, verdict.spec, verdict.size
    if head is None:
        return None, None
    dpi = size.height / spec.size.mm[1] * MM_PER_INCH if spec.size is not None else None
    eyes = crown = None
    if spec.eye_line is not None:
        band = band_to_px(spec.eye_line, size.height, dpi, find_frame_scale(spec, "eye_line", size))
        eyes = Strip(size.height - band.high, size.height - band.low)
    if spec.head_height is not None:
        band = band_to_px(spec.head_height, size.height, dpi, find_frame_scale(spec, "head_height", size))
        chin = head.eyes.y + head.chin
        crown = Strip(chin - band.high, chin - band.low)
    return eyes, crown


def place_badges(verdict: Verdict, radius: float) -> list[Badge]:
    """Return a place for the number of each finding that has a region: its upper left corner.

    Numbers of coinciding regions stand side by side, and all stay inside the photo. `radius` is that of a number,
    in pixels of the finished file.
    """
    badges: list[Badge] = []
    for number, finding in enumerate(verdict.numbered, 1):
        if finding.region is None:
            continue
        left, top, _, _ = finding.region
        width, height = verdict.size
        x, y = (min(max(at, radius), side - radius) for at, side in ((left + radius, width), (top, height)))
        while any(np.hypot(x - other.x, y - other.y) < 2.1 * radius for other in badges):
            x += 2.2 * radius
            if x > width - radius:
                x, y = radius, y + 2.2 * radius
        badges.append(Badge(x, y, number, finding.status))
    return badges


def spread_labels(wanted: Sequence[float], heights: Sequence[float], end: float, gap: float) -> list[float]:
    """Return the tops of labels from the top down, near where they are wanted, without overlap, within 0 to `end`."""
    tops: list[float] = []
    for want, height in zip(wanted, heights, strict=True):
        start = tops[-1] + heights[len(tops) - 1] + gap if tops else 0.0
        tops.append(max(want - height / 2, start))
    below = end
    for index in range(len(tops) - 1, -1, -1):
        tops[index] = max(min(tops[index], below - heights[index]), 0.0)
        below = tops[index] - gap
    return tops
