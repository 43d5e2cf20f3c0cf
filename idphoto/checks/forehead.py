"""Check that the forehead can be seen. The user is asked about what covers it; nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.quality.forehead import FOREHEAD_LANDMARKS, measure_forehead_cover
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_COVERED_SHARE = 0.4
"""Covered share of the forehead above which the user is asked: two hats and 14 full fringes among 487 portraits."""


def _run(subject: Subject) -> Iterator[Finding]:
    share = subject.measured.of_face(measure_forehead_cover)
    if share is None:
        yield subject.make_finding("forehead.not-assessed", Status.SKIP)
        return
    share = round(share, 3)
    covered = share > MAX_COVERED_SHARE
    yield subject.make_finding(
        "forehead.covered" if covered else "forehead.ok",
        Status.ASK if covered else Status.PASS,
        rule="head_covering",
        measured=round(100 * share, 1),
        limit=f"<= {100 * MAX_COVERED_SHARE:g} %",
        unit="%",
        region=subject.locate_region(*FOREHEAD_LANDMARKS),
    )


CHECK = Check(
    "forehead",
    "A hat, a scarf or a fringe can hide the shape of the face. Many authorities allow head coverings for religion or "
    "health.",
    _run,
    needs=frozenset({"aligned"}),
    reads=frozenset({"head_covering"}),
    formula="share of the forehead that is darker than the cheeks by 20 L*, further than 22 from them in a* and b*, or "
    "has a texture that skin does not have",
    limit=f"{100 * MAX_COVERED_SHARE:g} %, idphoto's own; idphoto only asks",
    component="NoHeadCoverings",
)
