"""Compare what was done to the picture with what the authority allows."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status
from idphoto.spec import EditPermission

__all__ = ["CHECK"]

MAX_QUIET_TURN_DEG = 5.0
"""Turn of a tilted head that is done without a warning; more also shows in shoulders and background."""


def _run(subject: Subject) -> Iterator[Finding]:
    allows = subject.spec.editing.allows
    limit = allows.value
    if subject.refused_background:
        yield subject.make_finding(
            "editing.refused", Status.WARN, rule="editing", limit=limit, measured=subject.refused_background
        )
    edits = [operation for operation in subject.operations if operation.edit != "none"]
    turned = next((operation for operation in edits if operation.name == "straighten"), None)
    if turned is not None and turned.amount is not None and abs(turned.amount) > MAX_QUIET_TURN_DEG:
        yield subject.make_finding(
            "editing.straightened",
            Status.WARN,
            measured=round(abs(turned.amount), 1),
            limit=f"<= {MAX_QUIET_TURN_DEG:g}",
            unit="deg",
        )
    cropped = subject.spec.editing.refuses_crop and any(operation.edit == "crop" for operation in edits)
    if cropped:
        yield subject.make_finding("editing.cropped", Status.WARN, rule="editing", limit=limit)
    ordered = [operation for operation in edits if operation.ordered]
    if ordered:
        for code, is_meant in (("editing.ordered-turn", True), ("editing.ordered", False)):
            of_kind = [operation for operation in ordered if (operation.edit == "geometry") is is_meant]
            if of_kind:
                reason = of_kind[0].ordered
                yield subject.make_finding(code, Status.FAIL, rule="editing", limit=limit, reason=reason)
    elif any(operation.edit == "background" for operation in edits) and allows is EditPermission.UNSTATED:
        yield subject.make_finding("editing.unstated", Status.WARN, rule="editing", limit=limit)
    elif not cropped:
        kinds = ", ".join(sorted({operation.edit for operation in edits}))
        yield subject.make_finding("editing.ok", Status.PASS, rule="editing", limit=limit, measured=kinds or None)


CHECK = Check(
    "editing",
    "Many authorities refuse photos that were changed after they were taken.",
    _run,
    reads=frozenset({"editing"}),
    formula="operations of this run, and those that the metadata of a file made by idphoto lists",
    limit="the edits that the document permits",
)
