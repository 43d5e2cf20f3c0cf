"""Check for hands in the photo: the person's own, and those that hold a child. The user is asked about them."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.errors import MissingExtra
from idphoto.quality.hands import find_hands
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

HAND_SEARCH_SIDE_PX = 512  # longer side of the picture that is searched; the detector itself reduces it to 192


def _run(subject: Subject) -> Iterator[Finding]:
    source = subject.finished.source
    rgb, scale = source.pixels(min(1.0, HAND_SEARCH_SIDE_PX / max(source.size)))
    try:
        hands = find_hands(rgb)
    except MissingExtra:
        yield subject.make_finding("hands.not-assessed", Status.SKIP)
        return
    region = None
    if hands:
        x, y, width, height = (round(value / scale, 1) for value in hands[0])
        region = (x, y, width, height)
    yield subject.make_finding(
        "hands.seen" if hands else "hands.ok",
        Status.ASK if hands else Status.PASS,
        measured=float(len(hands)),
        limit="0",
        region=region,
    )


CHECK = Check(
    "hands",
    "Only the person's head and shoulders belong in the photo.",
    _run,
    formula="number of hands that MediaPipe's palm and hand models find; toys and other objects are not looked for",
    limit="0; idphoto only asks, since the models find a hand in one of 487 portraits without hands",
)
