"""What was done to the picture, against what the authority lets people do."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status
from idphoto.spec import Allows

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    photo, editing = subject.photo, subject.spec.editing
    where = subject.where("editing")
    limit = editing.allows.value
    if photo.plan is not None and photo.plan.refused:
        yield Finding(
            check="editing",
            status=Status.WARN,
            code="editing.refused",
            message=f"The background '{photo.plan.refused}' was not painted: {subject.spec.country_name} "
            f"does not let the background be edited ({editing.says.rstrip('.')}).",
            fix='Take the photo before a plain light wall; or order it with --allow-editing "reason".',
            limit=limit,
            source=where,
        )
    done = [operation for operation in photo.operations if operation.edit != "none"]
    ordered = [operation for operation in done if operation.ordered]
    if ordered:
        names = " and ".join(operation.detail for operation in ordered)
        yield Finding(
            check="editing",
            status=Status.FAIL,
            code="editing.ordered",
            message=f'The background was {names} by order ("{ordered[0].ordered}"), which this authority forbids.',
            fix="Take the photo before a plain light wall and leave the background as it is.",
            limit=limit,
            source=where,
        )
        return
    if any(operation.edit == "background" for operation in done) and editing.allows is Allows.UNSTATED:
        yield Finding(
            check="editing",
            status=Status.WARN,
            code="editing.unstated",
            message="The background was replaced; nothing could be read about whether this authority allows that.",
            fix="Ask the authority, or take the photo before a plain wall and use --background keep.",
            limit=limit,
            source=where,
        )
        return
    kinds = sorted({operation.edit for operation in done})
    yield Finding(
        check="editing",
        status=Status.PASS,
        code="editing.ok",
        message=f"Only what is allowed was done: {', '.join(kinds)}." if kinds else "Nothing was edited.",
        limit=limit,
        source=where,
    )


CHECK = Check("editing", "Editing", "Many authorities refuse photos that were changed after they were taken.", _run)
