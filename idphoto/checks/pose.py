"""Pose of the head in degrees: roll exactly, from the line of the eyes; yaw and pitch by the mesh."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK", "SD"]

SD = {"roll": 0.7, "yaw": 3.0, "pitch": 4.0}
"""Standard deviations of the measured angles, in degrees; yaw and pitch are guessed from one view."""


def _run(subject: Subject) -> Iterator[Finding]:
    face = subject.finished.face
    assert face is not None
    for angle in ("roll", "yaw", "pitch"):
        band = getattr(subject.spec, angle)
        if band is None:
            continue
        value = round(float(getattr(face, angle)), 1)
        excess = max(band.low - value, value - band.high, 0.0)
        # Yaw and pitch are estimates: they are believed beyond three standard deviations, and even then only warn.
        sure = excess > (3 * SD[angle] if angle != "roll" else SD[angle])
        status = Status.PASS
        if angle == "roll" and excess > 0:
            status = Status.FAIL if sure and angle not in subject.spec.inherited else Status.WARN
        elif sure:
            status = Status.WARN
        outcome = angle if status is not Status.PASS else f"{angle}-ok"
        finding = subject.finding(
            f"pose.{outcome}",
            status,
            rule=angle,
            measured=abs(value),
            limit=band.text,
            unit="deg",
            region=subject.region(),
        )
        yield finding


CHECK = Check(
    "pose",
    "A face turned away cannot be compared with the person.",
    _run,
    needs=frozenset({"face"}),
    formula="roll: line between the eyes; yaw, pitch: rotation that takes the mean face to the mesh (Kabsch)",
    limit="the document's or ISO/IEC 19794-5 (roll 8, yaw and pitch 5 degrees); yaw and pitch plus three standard "
    "deviations of the measurement (9 and 12 degrees)",
    component="HeadPoseRoll",
)
