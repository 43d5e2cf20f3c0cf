"""Collect the measures of a finished file that the report lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.checks.framing import measure_framing
from idphoto.checks.pose import ANGLE_SD_DEG
from idphoto.report import Measure

if TYPE_CHECKING:
    from idphoto.checks.subject import Subject

__all__ = ["collect_measures"]


def collect_measures(subject: Subject) -> tuple[Measure, ...]:
    """Return all measures of the finished file, in mm if the document has a size on paper, else in pixels."""
    head, face = subject.finished.head, subject.finished.face
    if head is None or face is None:
        return ()
    unit = "mm" if subject.dpi is not None else "px"

    def length(name: str, px: float, sd: float | None = None, note: str = "") -> Measure:
        return Measure(
            name=name,
            value=round(subject.from_px(px, unit, "height"), 2),
            unit=unit,
            uncertainty=None if sd is None else round(subject.from_px(sd, unit, "height"), 2),
            note=note,
        )

    values = measure_framing(subject)
    counted = f"chin to {subject.spec.crown}, as this document counts"
    lengths = [
        ("head-height", values.get("head-height"), head.skull_sd if subject.spec.crown == "skull" else None, counted),
        ("eye-line", values["eye-line"], None, "above the lower edge"),
        ("top-margin", values.get("top-margin"), None, ""),
        ("chin-margin", values.get("chin-margin"), None, ""),
        ("centring", values["centring"], None, "of the eyes' midpoint, right of the middle"),
        ("face-width", values.get("face-width"), None, ""),
        ("eye-distance", values["eye-distance"], None, ""),
    ]
    if not subject.unseen_parts & {"crown", "chin"}:
        skull = "chin to the top of the skull, estimated by anatomy"
        lengths.insert(1, ("head-height-skull", head.height("skull"), head.skull_sd, skull))
        if "hair" not in subject.cut_parts:
            lengths.insert(2, ("head-height-hair", head.height("hair"), None, "chin to the top of hair or headgear"))
    return (
        *(length(name, px, sd, note) for name, px, sd, note in lengths if px is not None),
        Measure(name="eye-distance-px", value=round(values["eye-distance"], 1), unit="px"),
        Measure(name="roll", value=round(face.roll, 2), unit="deg"),
        Measure(name="yaw", value=round(face.yaw, 1), unit="deg", uncertainty=ANGLE_SD_DEG["yaw"]),
        Measure(name="pitch", value=round(face.pitch, 1), unit="deg", uncertainty=ANGLE_SD_DEG["pitch"]),
    )
