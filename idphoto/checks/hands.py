"""No hands: neither the person's own nor those that hold a child."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.errors import MissingExtra
from idphoto.quality.hands import find_hands
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

LOOK = 512  # pixels of the longer side that suffice; the detector itself sees 192


def _run(subject: Subject) -> Iterator[Finding]:
    source = subject.finished.source
    rgb, scale = source.pixels(min(1.0, LOOK / max(source.size)))
    try:
        hands = find_hands(rgb)
    except MissingExtra:
        yield subject.finding("hands.not-assessed", Status.SKIP)
        return
    region = None
    if hands:
        x, y, width, height = (round(value / scale, 1) for value in hands[0])
        region = (x, y, width, height)
    yield subject.finding(
        "hands.seen" if hands else "hands.ok",
        Status.ASK if hands else Status.PASS,
        measured=float(len(hands)),
        limit="0",
        region=region,
    )


CHECK = Check(
    "hands",
    "Nothing but the person's head and shoulders belongs in the photo.",
    _run,
    formula="hands that MediaPipe's palm and hand models find; toys and other things are not looked for",
    limit="none; only ever asked about, since one portrait in 487 is wrongly said to show a hand",
)
