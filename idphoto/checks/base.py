"""What a check is, what it looks at, and how it judges a number against a band."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from idphoto.geometry import frame_px
from idphoto.report import Finding, Status
from idphoto.units import Band, Size

if TYPE_CHECKING:
    from idphoto.photo import Alpha, Finished, Photo
    from idphoto.spec import Spec

__all__ = ["Check", "Subject", "judge"]


@dataclass(frozen=True, eq=False)
class Subject:
    """What checks look at: the finished file, how it came to be, and the rules.

    Attributes
    ----------
    photo : Photo
        With its history; its pixels are those before encoding.
    spec : Spec
        The rules.
    finished : Finished
        The file, opened and measured again.
    alpha : ndarray of float32, shape (H, W), optional
        Share of the person in each pixel of the finished file.
    """

    photo: Photo
    spec: Spec
    finished: Finished
    alpha: Alpha | None = None

    @property
    def size(self) -> Size:
        """Width and height of the finished file in pixels."""
        return self.finished.source.size

    @cached_property
    def dpi(self) -> float | None:
        """Pixels per inch on paper, from the height that the document prescribes; None without one."""
        if self.spec.size is None:
            return None
        return self.size.height / self.spec.size.mm[1] * 25.4

    def px(self, band: Band, along: str) -> Band:
        """A band in pixels of the finished file; `along` is the side that % refers to.

        Raises
        ------
        ValueError
            If the band is a length on paper and the document has no size on paper.
        """
        return frame_px(band, self.size.height if along == "height" else self.size.width, self.dpi)

    def where(self, field: str) -> str:
        """Where a rule was read: the address of its source, or the source's name; empty if it has none."""
        source = self.spec.source_of(field)
        return "" if source is None else source.url or source.title

    def in_unit(self, px: float, unit: str, along: str) -> float:
        """A length in pixels of the finished file, in the unit of a rule."""
        if unit == "px":
            return px
        one = self.px(Band(1.0, 1.0, unit), along).low
        return px / one


@dataclass(frozen=True)
class Check:
    """One compliance check, declared.

    Attributes
    ----------
    id : str
        Stable name, such as ``head-height``; codes of its findings begin with it.
    title : str
        For people.
    rationale : str
        Why authorities ask for it.
    needs : frozenset of str
        Attributes of `Subject.finished` or of `Subject` that must not be None; without them
        the check says SKIP aloud.
    run : callable
        ``Subject -> iterator of Finding``; yields nothing where the document has no such rule.
    """

    id: str
    title: str
    rationale: str
    run: Callable[[Subject], Iterator[Finding]]
    needs: frozenset[str] = field(default_factory=frozenset)

    def __call__(self, subject: Subject) -> list[Finding]:
        """Run the check, or say why it cannot run."""
        for name in sorted(self.needs):
            if getattr(subject, name, getattr(subject.finished, name, None)) is None:
                return [
                    Finding(
                        check=self.id,
                        status=Status.SKIP,
                        code=f"{self.id}.not-assessed",
                        message=f"{self.title} could not be assessed: no {name} was found in the finished photo.",
                    )
                ]
        return list(self.run(subject))


def judge(
    subject: Subject,
    *,
    check: str,
    field: str,
    px: float,
    along: str,
    words: tuple[str, str, str],
    fixes: tuple[str, str],
    sd: float = 0.0,
) -> Finding | None:
    """Judge a length against the band that a document has for it.

    Outside by less than the measurement's own standard deviation is a warning, since the photo
    may well comply; so is any breach of a rule that comes from the standard.

    Parameters
    ----------
    subject : Subject
        The photo.
    check, field : str
        Names of the check and of the spec's field.
    px : float
        The length, in pixels of the finished file.
    along : str
        ``height`` or ``width``: the side that % refers to.
    words : tuple of str
        Subject of the sentence, and the words for too little and for too much.
    fixes : tuple of str
        What to do about too little and about too much.
    sd : float
        Standard deviation of `px`.

    Returns
    -------
    Finding or None
        None if the document has no such rule.
    """
    band: Band | None = getattr(subject.spec, field)
    if band is None:
        return None
    limit = subject.px(band, along)
    value = subject.in_unit(px, band.unit, along)
    # An exact value is meant as a target; nobody can hit it without a tolerance.
    slack = 0.015 * subject.size.height if limit.low == limit.high else 0.0
    short = max(limit.low - slack - px, px - limit.high - slack, 0.0)
    noun, little, much = words
    common: dict[str, Any] = {
        "check": check,
        "measured": round(value, 2),
        "limit": band.text,
        "unit": band.unit,
        "source": subject.where(field),
    }
    shown = f"{value:.1f} {band.unit}"
    # Half a pixel is what the finished file itself cannot resolve.
    if short <= 0.5:
        return Finding(
            status=Status.PASS, code=f"{check}.ok", message=f"{noun} is {shown} ({band.text} wanted).", **common
        )
    too_much = px > limit.high
    advises = field in subject.spec.inherited
    status = Status.WARN if advises or short <= sd or math.isclose(short, 0) else Status.FAIL
    message = f"{noun} is {much if too_much else little}: {shown}, where {band.text} is wanted."
    if advises:
        message += " This rule comes from the standard, not from this authority."
    elif status is Status.WARN:
        message += " The measurement is not exact enough to be sure."
    code = f"{check}.{'large' if too_much else 'small'}"
    return Finding(status=status, code=code, message=message, fix=fixes[1] if too_much else fixes[0], **common)
