"""Check that no large part of the face is burnt out or black. The brightness of the face is never judged."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.quality.exposure import measure_over_exposure
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_BURNT_OUT_SHARE, MAX_BLACK_SHARE = 0.01, 0.25
"""Shares of the face that may be burnt out or black. In 379 studio portraits they are at most 0.002 and 0.17; the
latter is a full black beard."""
MAX_BLACK_LEVEL = 2
"""Linear luminance, 0..255, up to which a pixel is black: below any skin in light."""


def _run(subject: Subject) -> Iterator[Finding]:
    histogram = subject.measured.luminance_histogram
    assert histogram is not None
    burnt_out = round(measure_over_exposure(histogram), 3)
    black = round(float(histogram[: MAX_BLACK_LEVEL + 1].sum()), 3)
    code, share, limit = "exposure.ok", burnt_out, MAX_BURNT_OUT_SHARE
    if burnt_out > MAX_BURNT_OUT_SHARE:
        code = "exposure.over"
    elif black > MAX_BLACK_SHARE:
        code, share, limit = "exposure.under", black, MAX_BLACK_SHARE
    yield subject.make_finding(
        code,
        Status.PASS if code == "exposure.ok" else Status.WARN,
        measured=round(100 * share, 1),
        limit=f"<= {100 * limit:g} %",
        unit="%",
        region=subject.locate_region(),
    )


CHECK = Check(
    "exposure",
    "Burnt-out and black parts of a face show no details.",
    _run,
    needs=frozenset({"luminance_histogram"}),
    formula="shares of the face with a linear luminance of 247 or more (ISO/IEC 29794-5 0x47), "
    f"and of {MAX_BLACK_LEVEL} or less, of 255",
    limit=f"{100 * MAX_BURNT_OUT_SHARE:g} % and {100 * MAX_BLACK_SHARE:g} %, idphoto's own",
    component="OverExposurePrevention",
)
