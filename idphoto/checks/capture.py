"""Who may take the photo: something no picture shows, so it is asked."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

ASK = {
    "photographer": (
        "This authority wants the photo to be taken by an approved or commercial photographer.",
        "Have it taken by one, or use this photo for something else.",
    ),
    "office": (
        "In the country itself the photo is taken at the office; prints are for applications abroad.",
        "Ask the office whether it takes your own photo.",
    ),
}


def _run(subject: Subject) -> Iterator[Finding]:
    if subject.spec.capture not in ASK:
        return
    message, fix = ASK[subject.spec.capture]
    yield Finding(
        check="capture",
        status=Status.ASK,
        code=f"capture.{subject.spec.capture}",
        message=message,
        fix=fix,
        limit=subject.spec.capture,
        source=subject.where("capture"),
    )


CHECK = Check("capture", "Who took the photo", "Some authorities trust only photographers they know.", _run)
