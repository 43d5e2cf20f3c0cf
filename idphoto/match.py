"""Which documents a photo fits: as it is, after what its authority allows, or what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from idphoto import messages
from idphoto.api import open_picture
from idphoto.checks import CHECKS, Subject, room, scale
from idphoto.job import Job, merge_options
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.report import Finding, Status
from idphoto.spec import EditPermission, Spec, Submission, all_specs
from idphoto.stages.align import Align
from idphoto.stages.check import CheckStage
from idphoto.stages.crop import Crop
from idphoto.stages.original import Original
from idphoto.stages.permit import Permit

if TYPE_CHECKING:
    from idphoto.api import Picture

__all__ = ["Fit", "Match", "match"]

MADE = frozenset({
    "head-height", "eye-line", "top-margin", "chin-margin", "centring", "face-width", "eye-distance", "chin-to-eyes",
    "room", "scale", "pixels", "resolution", "file",
})  # fmt: skip
"""Checks that making the photo settles, or that are asked again of the crop that would be made."""

RULED = frozenset({"pose", "expression", "glasses", "background", "recency", "capture"})
"""Checks whose rule differs from document to document; the others need to look only once."""


class Fit(str, Enum):
    """How well a photo suits a document."""

    AS_IT_IS = "fits"
    AFTER_STEPS = "fits after steps"
    LACKS = "lacks"


class Match(BaseModel):
    """What one document says to a photo.

    Attributes
    ----------
    spec, title : str
        Id and name of the document.
    fit : Fit
        The verdict.
    steps : tuple of str
        What idphoto would do, all of it allowed: crop, straighten, background.
    lacking : tuple of Finding
        What keeps the photo from fitting.
    doubts : tuple of Finding
        What is asked or warned about, and does not keep it from fitting.
    """

    model_config = ConfigDict(frozen=True)

    spec: str
    title: str
    fit: Fit
    steps: tuple[str, ...] = ()
    lacking: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


def match(
    picture: Picture, specs: Iterable[Spec] | None = None, *, language: str = messages.ENGLISH, job: Job | None = None
) -> Iterator[Match]:
    """Hold one photo against many documents; it is analysed once, and nothing is made.

    Parameters
    ----------
    picture : path, bytes, array or Source
        As for :func:`idphoto.make`.
    specs : iterable of Spec, optional
        All documents that take a photo, if not given.
    language : str
        Of the findings' messages.
    job : Job, optional
        Whom to take if there are several faces, and which backends.

    Raises
    ------
    InputError
        If the picture cannot be used.
    """
    pipeline = Pipeline.load("check", merge_options(job, {}).stage_options())
    analysed = pipeline.analyse(Photo(open_picture(picture)))
    wanted = [spec for spec in (specs if specs is not None else all_specs()) if spec.submit is not Submission.NOTHING]
    if not wanted:
        return
    checker = next(stage for stage in pipeline.stages if isinstance(stage, CheckStage))
    look = checker.subject(Original()(replace(analysed, spec=wanted[0])))
    shared = [finding for check in CHECKS if check.id not in MADE | RULED for finding in check(look)]
    shared = [finding for finding in shared if finding.check != "editing"]
    for spec in wanted:
        found = _match(analysed, look.against(spec), shared)
        yield found.model_copy(
            update={
                name: tuple(messages.spoken(finding, language) for finding in getattr(found, name))
                for name in ("lacking", "doubts")
            }
        )


def _match(analysed: Photo, subject: Subject, shared: list[Finding]) -> Match:
    spec = subject.spec
    ruled = [finding for check in CHECKS if check.id in RULED for finding in check(subject)]
    as_is = [*shared, *ruled, *(finding for check in CHECKS if check.id in MADE for finding in check(subject))]
    if not _failing(as_is):
        return Match(spec=spec.id, title=spec.label, fit=Fit.AS_IT_IS, doubts=_doubtful(as_is))
    if spec.submit is Submission.ORIGINAL:
        # The authority crops; nothing that we could do is wanted.
        return Match(spec=spec.id, title=spec.label, fit=Fit.LACKS, lacking=_failing(as_is), doubts=_doubtful(as_is))
    planned = Crop().planned(Align()(Permit()(replace(analysed, spec=spec))))
    steps, settled = ["crop"], [*shared, *ruled]
    if planned.view is not None and abs(planned.view.roll) >= 0.05:
        steps.append("straighten")
        settled = [finding for finding in settled if finding.code != "pose.roll"]
    if _failing([finding for finding in settled if finding.check == "background"]) and spec.editing.allows.permits(
        EditPermission.BACKGROUND
    ):
        steps.append("background")
        settled = [finding for finding in settled if finding.check != "background"]
    settled += _planned_findings(planned, subject)
    lacking = _failing(settled)
    fit = Fit.LACKS if lacking else Fit.AFTER_STEPS
    return Match(
        spec=spec.id, title=spec.label, fit=fit, steps=tuple(steps), lacking=lacking, doubts=_doubtful(settled)
    )


def _planned_findings(planned: Photo, subject: Subject) -> list[Finding]:
    """What would be said about the room around the head, and about enlarging, if the photo were made."""
    view, plan = planned.view, planned.plan
    assert view is not None
    assert plan is not None
    return [*room.judged(subject, view, plan), scale.judged(subject, view)]


def _failing(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.status is Status.FAIL)


def _doubtful(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.status in (Status.WARN, Status.ASK))
