"""Match one photo against many documents: which it fits, which it fits after allowed steps, and what it lacks.

The photo is analysed once and nothing is made. A check that reads no field of the document (see
:class:`idphoto.checks.Check`) is run once, and its findings are shared; all other checks are run for each document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from idphoto import messages
from idphoto.api import open_picture
from idphoto.checks import CHECKS, Subject, editing, room, scale
from idphoto.checks.background import judge_background
from idphoto.job import Job, merge_options
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.report import Finding, Operation, Status
from idphoto.spec import Spec, Submission, all_specs
from idphoto.stages.align import Align
from idphoto.stages.check import CheckStage
from idphoto.stages.crop import MIN_REPORTED_TURN_DEG, Crop
from idphoto.stages.original import Original
from idphoto.stages.permit import Permit, measure_background_in_view

if TYPE_CHECKING:
    from idphoto.api import Picture

__all__ = ["Fit", "Match", "match_documents"]

# The check `editing` judges what was done to a photo. Here nothing is done, so it is left out.
PHOTO_CHECKS = tuple(check for check in CHECKS if not check.settled_by_making and check.id != "editing")
"""Checks of the photo itself: making it for a document leaves their findings as they are."""
MAKING_CHECKS = tuple(check for check in CHECKS if check.settled_by_making)
"""Checks of crop, size and file, which are chosen for the document when the photo is made."""


class Fit(str, Enum):
    """Verdict for one document."""

    AS_IT_IS = "fits"
    AFTER_STEPS = "fits after steps"
    WITH_DOUBTS = "fits, but"
    LACKS = "lacks"


class Match(BaseModel):
    """Result for one document.

    Attributes
    ----------
    spec, title : str
        Id and name of the document.
    fit : Fit
        Whether the photo fits; with doubts, if something is asked or warned about, or cannot simply be handed in.
    notice : str
        Why a photo made at home cannot simply be handed in; empty if it can.
    steps : tuple of str
        Steps that idphoto would do, all of them allowed: crop, straighten, background.
    lacking : tuple of Finding
        Findings that keep the photo from fitting.
    doubts : tuple of Finding
        Warnings and questions, which do not keep it from fitting.
    """

    model_config = ConfigDict(frozen=True)

    spec: str
    title: str
    notice: str = ""
    fit: Fit
    steps: tuple[str, ...] = ()
    lacking: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


def match_documents(
    picture: Picture, specs: Iterable[Spec] | None = None, *, language: str = messages.ENGLISH, job: Job | None = None
) -> Iterator[Match]:
    """Match one photo against many documents, and yield one result for each.

    Parameters
    ----------
    picture : path, bytes, array or Source
        As for :func:`idphoto.make`.
    specs : iterable of Spec, optional
        Documents to match; all documents that ask for a photo, if not given.
    language : str
        Language of the messages.
    job : Job, optional
        Which person to take if there are several faces, and which backends to use.

    Raises
    ------
    InputError
        If the picture cannot be used.
    """
    job = merge_options(job, {})
    pipeline = Pipeline.load("check", job.stage_options())
    wanted = [spec for spec in (specs if specs is not None else all_specs()) if spec.submit is not Submission.NOTHING]
    if not wanted:
        return
    pipeline.check_options(job, wanted[0])
    analysed = pipeline.analyse(Photo(open_picture(picture)))
    check_stage = next(stage for stage in pipeline.stages if isinstance(stage, CheckStage))
    subject = check_stage.make_subject(Original()(replace(analysed, spec=wanted[0])))
    shared = {check.id: check(subject) for check in PHOTO_CHECKS if not check.reads}
    for spec in wanted:
        yield _translate(_match_document(analysed, subject.with_spec(spec), shared), spec.notice, language)


def _translate(found: Match, notice: str | None, language: str) -> Match:
    return found.model_copy(
        update={
            "notice": "" if notice is None else " ".join(messages.say(notice, {}, language)),
            **{
                name: tuple(messages.spoken(finding, language) for finding in getattr(found, name))
                for name in ("lacking", "doubts")
            },
        }
    )


def _match_document(analysed: Photo, subject: Subject, shared: Mapping[str, list[Finding]]) -> Match:
    spec = subject.spec
    of_photo = [
        finding for check in PHOTO_CHECKS for finding in (shared[check.id] if check.id in shared else check(subject))
    ]
    as_it_is = [*of_photo, *(finding for check in MAKING_CHECKS for finding in check(subject))]
    if not _select_failing(as_it_is):
        return _make_match(spec, as_it_is)
    if spec.submit is Submission.ORIGINAL:
        # The authority crops the photo itself and wants the original, so that no step may be done.
        return _make_match(spec, as_it_is)
    return _match_after_steps(analysed, subject, of_photo)


def _match_after_steps(analysed: Photo, subject: Subject, of_photo: list[Finding]) -> Match:
    """Match the photo as it would be made; `of_photo` are the findings that making it leaves, but for the steps."""
    spec = subject.spec
    planned = Crop().set_view(Align()(Permit()(replace(analysed, spec=spec))))
    view, plan = planned.view, planned.plan
    assert view is not None
    assert plan is not None
    steps = [Operation(name="crop", detail="", edit="crop")]
    remaining = [finding for finding in of_photo if finding.check != "background"]
    if abs(view.roll) >= MIN_REPORTED_TURN_DEG:
        steps.append(Operation(name="straighten", detail="", edit="geometry", amount=round(view.roll, 1)))
        remaining = [finding for finding in remaining if finding.code != "pose.roll"]
    if plan.background_fill is not None:
        steps.append(Operation(name="background", detail="", edit="background"))
    else:
        # What stands behind the person in the crop is judged, and not what the crop leaves out.
        remaining += judge_background(subject, measure_background_in_view(planned, view))
    made = replace(subject, view=view, background_filled=plan.background_fill is not None, operations=tuple(steps))
    remaining += [finding for check in (room.CHECK, scale.CHECK, editing.CHECK) for finding in check(made)]
    return _make_match(spec, remaining, tuple(step.name for step in steps))


def _make_match(spec: Spec, findings: list[Finding], steps: tuple[str, ...] = ()) -> Match:
    lacking = _select_failing(findings)
    doubts = tuple(finding for finding in findings if finding.status in (Status.WARN, Status.ASK))
    sound = Fit.AFTER_STEPS if steps else Fit.AS_IT_IS
    return Match(
        spec=spec.id,
        title=spec.label,
        fit=Fit.LACKS if lacking else Fit.WITH_DOUBTS if doubts or spec.notice is not None else sound,
        steps=steps,
        lacking=lacking,
        doubts=doubts,
    )


def _select_failing(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.status is Status.FAIL)
