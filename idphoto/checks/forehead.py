"""A forehead that can be seen; what covers it is asked about and never refused."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.forehead import FOREHEAD_LANDMARKS, measure_forehead_cover
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

COVERED = 0.4
"""Share of the forehead from which it is asked about: two hats and 14 full fringes among 487 portraits."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.aligned is not None
    share = measure_forehead_cover(subject.aligned)
    if share is None:
        yield subject.finding("forehead.not-assessed", Status.SKIP)
        return
    covered = share > COVERED
    yield subject.finding(
        "forehead.covered" if covered else "forehead.ok",
        Status.ASK if covered else Status.PASS,
        rule="head_covering",
        measured=round(100 * share, 1),
        limit=f"<= {100 * COVERED:g} %",
        unit="%",
        region=subject.region(*FOREHEAD_LANDMARKS),
    )


CHECK = Check(
    "forehead",
    "A hat, a scarf or a fringe may hide the shape of the face; many authorities allow them for religion or health.",
    _run,
    needs=frozenset({"aligned"}),
    formula="share of the forehead that is darker than the cheeks by 20 L*, further than 22 from them in a* and b*, or "
    "has a texture that skin has not",
    limit=f"{100 * COVERED:g} %, idphoto's own; only ever asked about",
    component="NoHeadCoverings",
)
