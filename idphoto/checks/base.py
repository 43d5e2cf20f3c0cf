"""Declare compliance checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idphoto import messages
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from idphoto.checks.subject import Subject

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """Declaration of one compliance check. Call it with a subject to get its findings.

    Attributes
    ----------
    id : str
        Stable name, such as ``head-height``; the codes of its findings begin with it.
    rationale : str
        Why authorities ask for it.
    run : callable
        ``Subject -> iterator of Finding``; yields nothing if the document has no such rule.
    needs : frozenset of str
        Attributes of :class:`~idphoto.checks.measurements.Measurements` that must not be None. If one is, the check
        is not run, and its finding has the status SKIP.
    sees : frozenset of str
        Parts of the face that have to be seen, see :mod:`idphoto.quality.visibility`. If one is hidden, its landmarks
        are invented; the check is not run, and its finding has the status SKIP.
    reads : frozenset of str
        Fields of the spec whose value or source the check reads. If there are none, its findings are the same for
        every document, and :mod:`idphoto.match` runs it once for all of them. A test compares this with what the
        check really reads.
    settled_by_making : bool
        Whether idphoto chooses what is judged here when it makes the photo: crop, size and file. Such a check need
        not be passed by the photo that one starts from.
    formula : str
        What is measured, for the documentation.
    limit : str
        Where the limit comes from, for the documentation.
    component : str
        Name of the component of ISO/IEC 29794-5 that the check measures, if any.
    """

    id: str
    rationale: str
    run: Callable[[Subject], Iterator[Finding]]
    needs: frozenset[str] = field(default_factory=frozenset)
    sees: frozenset[str] = field(default_factory=frozenset)
    reads: frozenset[str] = field(default_factory=frozenset)
    settled_by_making: bool = False
    formula: str = ""
    limit: str = "the document's"
    component: str = ""

    @property
    def title(self) -> str:
        """Name for people, in English."""
        return messages.title(self.id)

    def __call__(self, subject: Subject) -> list[Finding]:
        """Run the check and return its findings; one finding with status SKIP if what it needs is missing or hidden."""
        missing = any(getattr(subject.measured, name) is None for name in self.needs)
        if missing or (self.sees and self.sees & subject.measured.unreliable_parts):
            return [subject.make_finding(f"{self.id}.not-assessed", Status.SKIP)]
        return list(self.run(subject))
