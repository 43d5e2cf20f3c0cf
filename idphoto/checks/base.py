"""What a check is, what it looks at, and how it judges a number against a band."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from idphoto import messages
from idphoto.geometry import EXACT_VALUE_TOLERANCE, band_to_px
from idphoto.quality.aligned import AlignedFace, align_face
from idphoto.quality.background import Backing, describe
from idphoto.quality.exposure import compute_luminance_histogram
from idphoto.quality.sharpness import estimate_blur, measure_fineness
from idphoto.report import Finding, Region, Status
from idphoto.units import Band, Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Photo
    from idphoto.portrait import Alpha, Finished, Rgb
    from idphoto.spec import Spec

__all__ = ["Check", "Subject", "judge"]

LOOK = 150.0
"""Pixels between the eyes that quality is measured with; more would cost time and change nothing."""


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

    @cached_property
    def view(self) -> tuple[Rgb, NDArray[np.float32]] | None:
        """The file's pixels at a scale that suffices for the face, and the mesh in them; None without a face."""
        face = self.finished.face
        if face is None or face.mesh is None:
            return None
        rgb, scale = self.finished.source.pixels(min(1.0, LOOK / max(face.eye_distance, 1.0)))
        mesh = (face.mesh * np.float32(scale)).astype(np.float32)
        mesh[:, :2] += np.float32(0.5 * scale - 0.5)
        return rgb, mesh

    @cached_property
    def aligned(self) -> AlignedFace | None:
        """The face as quality is measured on it; None without one."""
        return None if self.view is None else align_face(*self.view)

    @cached_property
    def shares(self) -> NDArray[np.float64] | None:
        """Histogram of linear luminance over the face; None without one."""
        return None if self.aligned is None else compute_luminance_histogram(self.aligned)

    @cached_property
    def blur(self) -> float | None:
        """Blur of the face, in pixels at an eye distance of 113; None without a face."""
        return None if self.view is None else estimate_blur(measure_fineness(*self.view))

    @cached_property
    def backing(self) -> Backing | None:
        """What was measured on the background; None where there is too little of it."""
        return None if self.alpha is None else describe(self.finished.source.pixels(1.0)[0], self.alpha)

    def against(self, spec: Spec) -> Subject:
        """The same file before other rules; what was measured on it is not measured again."""
        other = replace(self, spec=spec)
        for name in ("view", "aligned", "shares", "blur", "backing"):
            other.__dict__[name] = getattr(self, name)
        return other

    def px(self, band: Band, along: str) -> Band:
        """A band in pixels of the finished file; `along` is the side that % refers to.

        Raises
        ------
        ValueError
            If the band is a length on paper and the document has no size on paper.
        """
        return band_to_px(band, self.size.height if along == "height" else self.size.width, self.dpi)

    def in_unit(self, px: float, unit: str, along: str) -> float:
        """A length in pixels of the finished file, in the unit of a rule."""
        if unit == "px":
            return px
        one = self.px(Band(1.0, 1.0, unit), along).low
        return px / one

    def where(self, field: str) -> str:
        """Where a rule was read: the address of its source, or the source's name; empty if it has none."""
        source = self.spec.source_of(field)
        return "" if source is None else source.url or source.title

    def region(self, *landmarks: int, margin: float = 0.15) -> Region | None:
        """Box around landmarks of the mesh in the finished file, grown by a share of the eye distance."""
        face = self.finished.face
        if face is None or face.mesh is None:
            return None
        points = face.mesh[list(landmarks), :2] if landmarks else face.mesh[:468, :2]
        grow = margin * face.eye_distance
        left, top = points.min(axis=0) - grow
        right, bottom = points.max(axis=0) + grow
        return round(float(left), 1), round(float(top), 1), round(float(right - left), 1), round(float(bottom - top), 1)

    def finding(
        self,
        code: str,
        status: Status,
        *,
        rule: str = "",
        measured: float | str | None = None,
        limit: str = "",
        unit: str = "",
        region: Region | None = None,
        **values: float | str | Sequence[str],
    ) -> Finding:
        """Finding with its message.

        Parameters
        ----------
        code : str
            Stable code; begins with the check's name.
        status : Status
            The verdict.
        rule : str
            Field of the spec that the rule stands in; names its source.
        measured, limit, unit, region
            As the finding's own.
        **values
            What the message is filled with; `measured` and `limit` are there already.
        """
        shown: dict[str, Any] = {"measured": _shown(measured, unit), "limit": _pretty(limit), **values}
        message, fix = messages.say(code, shown)
        return Finding(
            check=code.partition(".")[0],
            status=status,
            code=code,
            message=message,
            fix=fix,
            measured=measured,
            limit=limit,
            unit=unit,
            source=self.where(rule) if rule else "",
            region=region,
            values={name: value for name, value in shown.items() if value != ""},
        )


_UNITS = {"mm": 1, "cm": 2, "in": 2, "%": 1, "px": 0, "KB": 1}
"""Units that messages show, with the decimals that are worth reading; others are said in words."""


def _pretty(limit: str) -> str:
    """A rule as print shows it."""
    return limit.replace("..", "–").replace("+/-", "±").replace(">=", "≥").replace("<=", "≤")


def _shown(measured: float | str | None, unit: str) -> str:
    if measured is None:
        return ""
    if isinstance(measured, str):
        return measured
    return f"{measured:.{_UNITS[unit]}f} {unit}" if unit in _UNITS else f"{measured:g}"


@dataclass(frozen=True)
class Check:
    """One compliance check, declared.

    Attributes
    ----------
    id : str
        Stable name, such as ``head-height``; codes of its findings begin with it.
    rationale : str
        Why authorities ask for it.
    run : callable
        ``Subject -> iterator of Finding``; yields nothing where the document has no such rule.
    needs : frozenset of str
        Attributes of `Subject.finished` or of `Subject` that must not be None; without them
        the check says SKIP aloud.
    formula : str
        What is measured, for the documentation.
    limit : str
        Where the limit comes from, for the documentation.
    component : str
        Name of the component of ISO/IEC 29794-5 that it measures, if any.
    """

    id: str
    rationale: str
    run: Callable[[Subject], Iterator[Finding]]
    needs: frozenset[str] = field(default_factory=frozenset)
    formula: str = ""
    limit: str = "the document's"
    component: str = ""

    @property
    def title(self) -> str:
        """Name for people, in English."""
        return messages.title(self.id)

    def __call__(self, subject: Subject) -> list[Finding]:
        """Run the check, or say why it cannot run."""
        for name in sorted(self.needs):
            if getattr(subject, name, getattr(subject.finished, name, None)) is None:
                return [subject.finding(f"{self.id}.not-assessed", Status.SKIP)]
        return list(self.run(subject))


def judge(
    subject: Subject,
    *,
    check: str,
    field: str,
    px: float,
    along: str,
    sd: float = 0.0,
    region: Region | None = None,
    **values: float | str | Sequence[str],
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
    sd : float
        Standard deviation of `px`.
    region : Region, optional
        Place in the finished file.
    **values
        More that the message is filled with.

    Returns
    -------
    Finding or None
        None if the document has no such rule.
    """
    band: Band | None = getattr(subject.spec, field)
    if band is None:
        return None
    limit = subject.px(band, along)
    value = round(subject.in_unit(px, band.unit, along), 2)
    # An exact value is meant as a target; nobody can hit it without a tolerance.
    slack = EXACT_VALUE_TOLERANCE * subject.size.height if limit.low == limit.high else 0.0
    short = max(limit.low - slack - px, px - limit.high - slack, 0.0)
    # Half a pixel is what the finished file itself cannot resolve.
    status, outcome, flags = Status.PASS, "ok", {}
    if short > 0.5:
        outcome = "large" if px > limit.high else "small"
        advises, unsure = field in subject.spec.inherited, short <= sd
        status = Status.WARN if advises or unsure else Status.FAIL
        flags = {"advice": float(advises), "unsure": float(unsure and not advises)}
    return subject.finding(
        f"{check}.{outcome}",
        status,
        rule=field,
        measured=value,
        limit=band.text,
        unit=band.unit,
        region=region,
        **values,
        **flags,
    )
