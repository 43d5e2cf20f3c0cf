"""Say who may take the photo. No picture shows who took it, so the user is asked."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    who = subject.spec.capture
    if who in ("photographer", "office"):
        yield subject.make_finding(f"capture.{who}", Status.ASK, rule="capture", limit=who)
    if subject.front_camera:
        yield subject.make_finding("capture.selfie", Status.ASK)


CHECK = Check(
    "capture",
    "Some authorities accept only photos that were taken by certain photographers or at an office.",
    _run,
    reads=frozenset({"capture"}),
    formula="the lens that Exif names: front cameras may mirror the picture; else nothing, the finding states the rule",
)
