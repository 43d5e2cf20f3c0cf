"""Who may take the photo: something no picture shows, so it is asked."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    who = subject.spec.capture
    if who in ("photographer", "office"):
        yield subject.finding(f"capture.{who}", Status.ASK, rule="capture", limit=who)


CHECK = Check(
    "capture", "Some authorities trust only photographers they know.", _run, formula="nothing; the rule is told"
)
