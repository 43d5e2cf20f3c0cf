"""Check width and height of the file in pixels, and its proportions."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status
from idphoto.spec import Spec

__all__ = ["CHECK"]

MAX_ROUNDING_PX = 1.0
"""Tolerance of the width against the one that the height asks for; width and height are whole numbers."""


def _run(subject: Subject) -> Iterator[Finding]:
    spec, size = subject.spec, subject.measured.finished.source.stored_size
    if spec.pixels is not None:
        inside = spec.pixels.contains(size)
        yield subject.make_finding(
            "pixels.ok" if inside else "pixels.outside",
            Status.PASS if inside else Status.FAIL,
            rule="pixels",
            measured=str(size),
            limit=str(spec.pixels),
            unit="px",
        )
    proportion = _find_proportion(spec)
    if proportion is None:
        return
    rule, wanted, limit = proportion
    differs = abs(size.width - size.height * wanted) > MAX_ROUNDING_PX
    is_advice = rule in spec.inherited
    yield subject.make_finding(
        "pixels.proportion" if differs else "pixels.proportion-ok",
        Status.PASS if not differs else Status.WARN if is_advice else Status.FAIL,
        rule=rule,
        measured=round(size.width / size.height, 4),
        limit=limit,
        advice=float(is_advice and differs),
    )


def _find_proportion(spec: Spec) -> tuple[str, float, str] | None:
    """Return the field that sets the proportions, width over height, and the rule as text; None if pixels decide."""
    if spec.aspect is not None:
        return "aspect", spec.aspect.value, str(spec.aspect)
    if spec.size is not None and spec.pixels is None:
        return "size", spec.size.mm[0] / spec.size.mm[1], str(spec.size)
    return None


CHECK = Check(
    "pixels",
    "Upload portals refuse files of other sizes automatically.",
    _run,
    reads=frozenset({"pixels", "aspect", "size", "inherited"}),
    settled_by_making=True,
    formula="width and height of the file; their ratio against the document's",
    limit="the document's, with one pixel for rounding",
)
