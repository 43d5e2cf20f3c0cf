"""Nothing of the face burnt out or drowned; its brightness as such is never judged."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.exposure import measure_over_exposure
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

BURNT, DROWNED = 0.01, 0.25
"""Shares of the face that may be burnt out or black: at most 0.002 and 0.17 (a full black beard) in 379 studio
portraits."""
BLACK = 2
"""Linear luminance up to which a pixel is black: below any skin that light falls on."""


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.shares is not None
    over = measure_over_exposure(subject.shares)
    under = float(subject.shares[: BLACK + 1].sum())
    code, value, limit = "exposure.ok", over, BURNT
    if over > BURNT:
        code = "exposure.over"
    elif under > DROWNED:
        code, value, limit = "exposure.under", under, DROWNED
    yield subject.finding(
        code,
        Status.PASS if code == "exposure.ok" else Status.WARN,
        measured=round(100 * value, 1),
        limit=f"<= {100 * limit:g} %",
        unit="%",
        region=subject.region(),
    )


CHECK = Check(
    "exposure",
    "What is burnt out or black shows nothing.",
    _run,
    needs=frozenset({"shares"}),
    formula=f"share of the face at 247 or more (ISO/IEC 29794-5 0x47), and at {BLACK} or less, of 255 in linear light",
    limit=f"{100 * BURNT:g} % and {100 * DROWNED:g} %, idphoto's own",
    component="OverExposurePrevention",
)
