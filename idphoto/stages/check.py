"""Open the finished file, measure it, and compare it with the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import cv2

from idphoto import faces, messages, segmentation
from idphoto.checks import CHECKS, Measurements, Subject
from idphoto.checks.components import measure_components
from idphoto.checks.reported_measures import collect_measures
from idphoto.decode import Source
from idphoto.errors import InputError, about_option
from idphoto.faces.head import measure_head_of_face
from idphoto.faces.preview import find_faces_in_preview, select_people
from idphoto.geometry import find_cut_parts
from idphoto.job import PointName, job_option
from idphoto.portrait import Finished, Preview
from idphoto.quality.colour import measure_colour_variety
from idphoto.report import Finding, Status
from idphoto.segmentation.head import segment_head
from idphoto.segmentation.person import segment_generously
from idphoto.stages.base import Stage
from idphoto.stages.correct import apply_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idphoto.photo import Photo
    from idphoto.portrait import Alpha
    from idphoto.spec import Spec

__all__ = ["CheckStage"]

PREVIEW_SIDE_PX = 960
"""Longer side of the preview in which the person is found again."""


class CheckStage(Stage):
    """Open the finished file, measure head, background and bytes in it, and compare them with the rules."""

    stage: Literal["check"] = "check"
    detector: str = job_option("detector")
    segmenter: str = job_option("segmenter")
    accept: dict[str, str] = job_option("accept")
    language: str = job_option("language")
    points: dict[PointName, tuple[float, float]] = job_option("points")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files", "plan"})
    gives: ClassVar[frozenset[str]] = frozenset({"finished", "findings", "measures", "components"})

    def check_options(self, spec: Spec | None) -> None:  # noqa: ARG002 - the same for all documents
        """Refuse backends, checks and languages that do not exist."""
        with about_option("detector"):
            faces.BACKENDS.require(self.detector)
        with about_option("segmenter"):
            segmentation.BACKENDS.require(self.segmenter)
        with about_option("accept"):
            _refuse_unknown_checks(self.accept)
        with about_option("language"):
            messages.catalogue(self.language)

    def __call__(self, photo: Photo) -> Photo:
        """Set `finished`, and add findings, measures and components."""
        subject = self.make_subject(photo)
        found = (*photo.findings, *(finding for check in CHECKS for finding in check(subject)))
        findings = tuple(messages.spoken(self._apply_reason(finding), self.language) for finding in found)
        return replace(
            photo,
            finished=subject.finished,
            findings=findings,
            measures=collect_measures(subject),
            components=measure_components(subject.measured),
        )

    def make_subject(self, photo: Photo) -> Subject:
        """Open and measure the finished file, for the checks."""
        assert photo.spec is not None
        assert photo.plan is not None
        suffix = photo.photo_suffix
        finished = self._set_points(self._measure_file(Source.open(photo.files[suffix], suffix)), photo)
        return Subject(
            Measurements(finished, self._matte_of(photo, finished), photo.source, photo.face),
            photo.spec,
            operations=photo.operations,
            view=photo.view,
            background_filled=photo.plan.background_fill is not None,
            doubt=photo.doubt,
            refused_background=photo.plan.refused,
            cut_in_source=_find_parts_cut_in_source(photo),
            source_eye_distance=None if photo.head is None else photo.head.eye_distance,
            source_colour_variety=None if photo.preview is None else measure_colour_variety(photo.preview.rgb),
            front_camera=photo.source.front_camera,
            taken=photo.source.taken,
        )

    def _apply_reason(self, finding: Finding) -> Finding:
        """Return the finding; with status pass, and the reason, if the user accepts it."""
        reason = self.accept.get(finding.check, "")
        if not reason or finding.status not in (Status.WARN, Status.ASK):
            return finding
        return finding.model_copy(update={"status": Status.PASS, "accepted": reason})

    def _measure_file(self, source: Source) -> Finished:
        """Find the person in the finished file, and measure the head."""
        rgb, scale = source.pixels(min(1.0, PREVIEW_SIDE_PX / max(source.size)))
        preview = Preview(rgb, scale)
        found = find_faces_in_preview(preview, self.detector)
        if not found:
            return Finished(source)
        person_mask = segment_head(preview, found[0], self.segmenter)
        count = len(select_people(found))
        boxes = tuple(face.box for face in found)
        return Finished(source, found[0], measure_head_of_face(found[0], person_mask), person_mask, count, boxes)

    def _set_points(self, finished: Finished, photo: Photo) -> Finished:
        """Take the points that a person set in the source in place of those that were found in the file."""
        if not self.points or finished.face is None:
            return finished
        view, spec = photo.view, photo.spec
        assert spec is not None
        points = {name: place if view is None else tuple(view.point(place)) for name, place in self.points.items()}
        face, head = apply_points(finished.face, finished.person_mask, points, spec.crown)  # type: ignore[arg-type]
        return replace(finished, face=face, head=head)

    def _matte_of(self, photo: Photo, finished: Finished) -> Alpha | None:
        """Return the matte of the finished file: the one that it was made with, or a generous person mask."""
        width, height = finished.source.size
        if photo.alpha is not None and photo.alpha.shape == (height, width):
            return photo.alpha
        if finished.face is None:
            return None
        rgb, _ = finished.source.pixels(min(1.0, PREVIEW_SIDE_PX / max(width, height)))
        return cv2.resize(segment_generously(rgb, self.segmenter), (width, height), interpolation=cv2.INTER_LINEAR)


def _refuse_unknown_checks(reasons: Mapping[str, str]) -> None:
    """Refuse reasons for checks that do not exist.

    Raises
    ------
    InputError
        If there is such a reason.
    """
    names = [check.id for check in CHECKS]
    for name in reasons:
        if name not in names:
            raise InputError(f"There is no check '{name}' to accept.", f"Choose one of {', '.join(names)}.")


def _find_parts_cut_in_source(photo: Photo) -> frozenset[str]:
    if photo.head is None:
        return frozenset()
    return find_cut_parts(photo.head, photo.person_mask, photo.source.size)
