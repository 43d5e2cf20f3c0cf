"""Say who may take the photo. No picture shows who took it, so the user is asked."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


STATUS_OF_NOTICE = {"capture.app": Status.WARN, "capture.original": Status.PASS}
"""Code of a notice to the status of its finding; the others ask."""


def _run(subject: Subject) -> Iterator[Finding]:
    notice = subject.spec.notice
    if notice is not None:
        status = STATUS_OF_NOTICE.get(notice, Status.ASK)
        yield subject.make_finding(notice, status, rule="capture", limit=subject.spec.capture)
    if subject.front_camera:
        yield subject.make_finding("capture.selfie", Status.ASK)


CHECK = Check(
    "capture",
    "Some authorities accept only photos that were taken by certain photographers or at an office.",
    _run,
    reads=frozenset({"capture", "submit"}),
    formula="the lens that Exif names: front cameras may mirror the picture; else nothing, the finding states the rule",
)
