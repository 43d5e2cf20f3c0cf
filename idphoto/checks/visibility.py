"""Check that no part of the face is covered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.quality.visibility import PARTS
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

CERTAIN_MARGIN = 6.5
"""Log odds above their limits, summed over the parts that one thing covers, from which they are certainly covered."""

CODES = {
    "left-eye": "eyes", "right-eye": "eyes", "nose": "nose", "mouth": "mouth", "chin": "chin",
    "left-cheek": "cheeks", "right-cheek": "cheeks",
}  # fmt: skip
LOWER_FACE = frozenset({"nose", "mouth", "chin", "cheeks"})


def _run(subject: Subject) -> Iterator[Finding]:
    log_odds, hidden = subject.measured.hidden_log_odds, subject.measured.hidden_parts
    if log_odds is None:
        # What cannot be told is no pass: a face that is covered may well be taken for one that is turned away.
        yield subject.make_finding("visibility.unclear", Status.ASK, region=subject.locate_region())
        return
    by_code: dict[str, list[str]] = {}
    for part in log_odds:
        if part in hidden:
            by_code.setdefault(CODES[part], []).append(part)
    if len(LOWER_FACE & by_code.keys()) > 1:
        # One thing covers several parts, and is taken off once.
        by_code["lower-face"] = [part for code in by_code.keys() & LOWER_FACE for part in by_code[code]]
        by_code = {code: parts for code, parts in by_code.items() if code not in LOWER_FACE}
    for code, parts in by_code.items():
        yield _make_finding(subject, f"visibility.{code}", parts, log_odds)
    if not by_code and len(log_odds) < len(PARTS):
        # A part that lies outside the picture is seen no more than one that is covered; `whole-head` tells of it.
        yield subject.make_finding("visibility.not-assessed", Status.SKIP)
    elif not by_code:
        yield _make_finding(subject, "visibility.ok", list(log_odds), log_odds)


def _make_finding(subject: Subject, code: str, parts: list[str], log_odds: Mapping[str, float]) -> Finding:
    """Make one finding of some parts, with the number of the part that is hidden the most surely."""
    above = {part: log_odds[part] - PARTS[part].max_log_odds for part in parts}
    worst = max(parts, key=lambda part: above[part])
    status = Status.PASS
    if above[worst] > 0:
        status = Status.FAIL if sum(above.values()) > CERTAIN_MARGIN else Status.ASK
    landmarks = [landmark for part in parts for landmark in PARTS[part].landmarks]
    return subject.make_finding(
        code,
        status,
        measured=_to_percent(log_odds[worst]),
        limit=f"<= {_to_percent(PARTS[worst].max_log_odds):g} %",
        unit="%",
        region=None if status is Status.PASS else subject.locate_region(*landmarks, margin=0.3),
    )


def _to_percent(log_odds: float) -> float:
    """Return log odds as a probability in %."""
    return round(100 / (1 + float(np.exp(-log_odds))), 1)


CHECK = Check(
    "visibility",
    "A mask, a hand, a scarf, dark lenses or reflections hide what faces are told apart by.",
    _run,
    needs=frozenset({"face"}),
    formula="probability of our own detector that a part of the face is hidden, in the source picture: oriented "
    "gradients, colours and detail against the person's own skin, for each eye, nose, mouth, chin and each cheek",
    limit="eyes 50 %, nose 73 %, mouth 88 %, chin 98 %, cheeks 99 %, idphoto's own; covers are asked about, and fail a "
    "photo if they are certain; below 42 px between the eyes, or turned by more than 16 degrees, idphoto only asks",
)
