"""Pose of the head in degrees: roll exactly, from the line of the eyes; yaw and pitch by the mesh."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

# The error of the mesh's yaw and pitch, which it guesses from one view, is larger than that of roll.
SD = {"roll": 0.7, "yaw": 3.0, "pitch": 4.0}
FIX = {
    "roll": "Hold the head upright.",
    "yaw": "Turn the face straight to the camera.",
    "pitch": "Hold the chin level and the camera at the height of the eyes.",
}
WORDS = {"roll": "tilted", "yaw": "turned aside", "pitch": "raised or lowered"}


def _run(subject: Subject) -> Iterator[Finding]:
    face = subject.finished.face
    assert face is not None
    for angle in ("roll", "yaw", "pitch"):
        band = getattr(subject.spec, angle)
        if band is None:
            continue
        value: float = getattr(face, angle)
        excess = max(band.low - value, value - band.high, 0.0)
        status = Status.PASS
        message = f"The head's {angle} is {value:+.1f} degrees."
        if excess > 0:
            # Yaw and pitch are estimates, so they warn; see docs/checks for how they were validated.
            sure = angle == "roll" and excess > SD[angle] and angle not in subject.spec.inherited
            status = Status.FAIL if sure else Status.WARN
            message = f"The head is {WORDS[angle]} by {abs(value):.0f} degrees."
        yield Finding(
            check="pose",
            status=status,
            code=f"pose.{angle}" if excess else f"pose.{angle}-ok",
            message=message,
            fix=FIX[angle] if excess else "",
            measured=round(value, 1),
            limit=band.text,
            unit="deg",
            source=subject.where(angle),
        )


CHECK = Check(
    "pose", "The pose of the head", "A face turned away cannot be compared with the person.", _run, frozenset({"face"})
)
