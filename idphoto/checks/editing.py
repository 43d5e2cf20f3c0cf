"""What was done to the picture, against what the authority lets people do."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status
from idphoto.spec import EditPermission

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    photo, editing = subject.photo, subject.spec.editing
    limit = editing.allows.value
    if photo.plan is not None and photo.plan.refused:
        yield subject.finding("editing.refused", Status.WARN, rule="editing", limit=limit, measured=photo.plan.refused)
    done = [operation for operation in photo.operations if operation.edit != "none"]
    ordered = [operation for operation in done if operation.ordered]
    if ordered:
        yield subject.finding("editing.ordered", Status.FAIL, rule="editing", limit=limit, reason=ordered[0].ordered)
    elif any(operation.edit == "background" for operation in done) and editing.allows is EditPermission.UNSTATED:
        yield subject.finding("editing.unstated", Status.WARN, rule="editing", limit=limit)
    else:
        kinds = sorted({operation.edit for operation in done})
        yield subject.finding("editing.ok", Status.PASS, rule="editing", limit=limit, measured=", ".join(kinds) or None)


CHECK = Check(
    "editing",
    "Many authorities refuse photos that were changed after they were taken.",
    _run,
    formula="the operations of this run, or of the file's own note",
    limit="the document's permission",
)
