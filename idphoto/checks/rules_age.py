"""Warn of a document whose rules were read so long ago that they may have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status
from idphoto.spec.rulebook import MAX_AGE_DAYS, find_stale

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    spec = subject.spec
    if find_stale([spec]) and spec.checked is not None:
        yield subject.make_finding(
            "rules-age.old",
            Status.WARN,
            measured=spec.checked.isoformat(),
            limit=f"<= {MAX_AGE_DAYS}",
            age=float((date.today() - spec.checked).days),
        )


CHECK = Check(
    "rules-age",
    "Authorities change their rules, and a photo by an old rule is refused.",
    _run,
    reads=frozenset({"sources", "inherited"}),
    formula="days since the oldest of the document's own rules was read; nothing is said if they are fresh",
    limit=f"idphoto's own: {MAX_AGE_DAYS} days",
)
