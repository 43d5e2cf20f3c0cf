"""Check roll, yaw and pitch of the head: roll from the line of the eyes, yaw and pitch from the mesh."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["ANGLE_SD_DEG", "CHECK"]

ANGLE_SD_DEG = {"roll": 0.7, "yaw": 3.0, "pitch": 4.0}
"""Standard deviations of the measured angles; yaw and pitch are estimated from a single view."""

YAW_PITCH_DEVIATIONS = 3
"""Standard deviations by which yaw and pitch must exceed their limits. Since they are estimates, they only warn."""
OWN_YAW_PITCH_DEVIATIONS = 1
"""The same for limits of the document's own: they are wide (20 and 25 degrees), so that one deviation is enough."""


def _run(subject: Subject) -> Iterator[Finding]:
    face = subject.finished.face
    assert face is not None
    for angle in ("roll", "yaw", "pitch"):
        band = getattr(subject.spec, angle)
        if band is None:
            continue
        value = round(float(getattr(face, angle)), 1)
        status = _judge(subject, angle, max(band.low - value, value - band.high, 0.0))
        yield subject.make_finding(
            f"pose.{angle}-ok" if status is Status.PASS else f"pose.{angle}",
            status,
            rule=angle,
            measured=abs(value),
            limit=band.text,
            unit="deg",
            region=subject.locate_region(),
        )


def _judge(subject: Subject, angle: str, excess: float) -> Status:
    """Return the status for an angle that lies outside its limits by `excess` degrees."""
    is_advice = angle in subject.spec.inherited
    if angle != "roll":
        deviations = YAW_PITCH_DEVIATIONS if is_advice else OWN_YAW_PITCH_DEVIATIONS
        return Status.WARN if excess > deviations * ANGLE_SD_DEG[angle] else Status.PASS
    if excess <= 0:
        return Status.PASS
    return Status.FAIL if excess > ANGLE_SD_DEG[angle] and not is_advice else Status.WARN


CHECK = Check(
    "pose",
    "A face that is turned or tilted is hard to compare with the person.",
    _run,
    needs=frozenset({"face"}),
    reads=frozenset({"roll", "yaw", "pitch", "inherited"}),
    formula="roll: line between the eyes; yaw, pitch: rotation that takes the mean face to the mesh (Kabsch)",
    limit="the document's or ISO/IEC 19794-5 (roll 8, yaw and pitch 5 degrees); yaw and pitch plus three standard "
    "deviations of the measurement (9 and 12 degrees)",
    component="HeadPoseRoll",
)
