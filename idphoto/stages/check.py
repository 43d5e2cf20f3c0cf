"""Open the finished file, measure it again, and hold it against the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import cv2
from pydantic import Field

from idphoto import messages
from idphoto.checks import CHECKS, Measurements, Subject
from idphoto.checks.components import measure_components
from idphoto.checks.reported_measures import collect_measures
from idphoto.decode import Source
from idphoto.errors import InputError
from idphoto.faces.head import measure_head_of_face
from idphoto.faces.preview import find_faces_in_preview, select_people
from idphoto.portrait import Finished, Preview
from idphoto.report import Finding, Status
from idphoto.segmentation.head import segment_head
from idphoto.segmentation.person import segment_generously
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.portrait import Alpha

__all__ = ["CheckStage"]

PREVIEW_SIDE_PX = 960  # pixels of the longer side that suffice for looking


class CheckStage(Stage):
    """Re-open what `encode` wrote: eyes, chin, crowns, background and bytes are measured there."""

    stage: Literal["check"] = "check"
    faces: str = Field(default="auto", description="Face backend.")
    segmenter: str = Field(default="auto", description="Backend of the coarse person segmentation.")
    accept: dict[str, str] = Field(
        default_factory=dict,
        description="Checks whose warnings and questions are let pass, each with the reason; failures stay.",
    )
    language: str = Field(default=messages.ENGLISH, description="Of the messages: en, de, es, fr, zh, hi or ar.")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files", "plan"})
    gives: ClassVar[frozenset[str]] = frozenset({"finished", "findings", "measures", "components"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `finished`, and add findings, measures and components."""
        self._known()
        subject = self.subject(photo)
        found = (*photo.findings, *(finding for check in CHECKS for finding in check(subject)))
        findings = tuple(messages.spoken(self._weighed(finding), self.language) for finding in found)
        return replace(
            photo,
            finished=subject.finished,
            findings=findings,
            measures=collect_measures(subject),
            components=measure_components(subject.measured),
        )

    def subject(self, photo: Photo) -> Subject:
        """Open and measure the finished file, for checks to look at."""
        assert photo.spec is not None
        assert photo.plan is not None
        name, data = next((name, data) for name, data in photo.files.items() if name.count(".") == 1)
        finished = self._finish(Source.open(data, name))
        return Subject(
            Measurements(finished, self._matte_of(photo, finished)),
            photo.spec,
            operations=photo.operations,
            view=photo.view,
            background_filled=photo.plan.background_fill is not None,
            refused_background=photo.plan.refused,
            taken=photo.source.taken,
        )

    def _known(self) -> None:
        """Refuse to accept checks that there are not."""
        names = [check.id for check in CHECKS]
        for name in self.accept:
            if name not in names:
                raise InputError(f"There is no check '{name}' to accept.", f"Choose one of {', '.join(names)}.")

    def _weighed(self, finding: Finding) -> Finding:
        """The finding, passed with its reason where the user accepts it."""
        reason = self.accept.get(finding.check, "")
        if not reason or finding.status not in (Status.WARN, Status.ASK):
            return finding
        return finding.model_copy(update={"status": Status.PASS, "accepted": reason})

    def _finish(self, source: Source) -> Finished:
        rgb, scale = source.pixels(min(1.0, PREVIEW_SIDE_PX / max(source.size)))
        preview = Preview(rgb, scale)
        found = find_faces_in_preview(preview, self.faces)
        if not found:
            return Finished(source)
        person_mask = segment_head(preview, found[0], self.segmenter)
        count = len(select_people(found))
        boxes = tuple(face.box for face in found)
        return Finished(source, found[0], measure_head_of_face(found[0], person_mask), person_mask, count, boxes)

    def _matte_of(self, photo: Photo, finished: Finished) -> Alpha | None:
        """The matte of the finished file: the one it was made with, or a coarse one."""
        width, height = finished.source.size
        if photo.alpha is not None and photo.alpha.shape == (height, width):
            return photo.alpha
        if finished.face is None:
            return None
        rgb, _ = finished.source.pixels(min(1.0, PREVIEW_SIDE_PX / max(width, height)))
        return cv2.resize(segment_generously(rgb, self.segmenter), (width, height), interpolation=cv2.INTER_LINEAR)
