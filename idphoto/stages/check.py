"""Open the finished file, measure it again, and hold it against the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field

from idphoto import messages
from idphoto.checks import CHECKS, Subject, framing
from idphoto.checks.components import measured_components
from idphoto.decode import Source
from idphoto.errors import InputError
from idphoto.photo import Finished, Preview
from idphoto.report import Finding, Measure, Status
from idphoto.stages.analyse import PERSON, find, look_around, measure
from idphoto.stages.base import Stage
from idphoto.stages.cutout import coarse

if TYPE_CHECKING:
    from idphoto.photo import Alpha, Photo

__all__ = ["CheckStage"]

LOOK = 960  # pixels of the longer side that suffice for looking


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
            measures=_measures(subject),
            components=measured_components(subject),
        )

    def subject(self, photo: Photo) -> Subject:
        """Open and measure the finished file, for checks to look at."""
        assert photo.spec is not None
        name, data = next((name, data) for name, data in photo.files.items() if name.count(".") == 1)
        finished = self._finish(Source.open(data, name))
        return Subject(photo, photo.spec, finished, self._matte_of(photo, finished))

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
        rgb, scale = source.pixels(min(1.0, LOOK / max(source.size)))
        preview = Preview(rgb, scale)
        found = find(preview, self.faces)
        if not found:
            return Finished(source)
        silhouette = look_around(preview, found[0], self.segmenter)
        count = sum(face.box.height >= PERSON * found[0].box.height for face in found)
        boxes = tuple(face.box for face in found)
        return Finished(source, found[0], measure(found[0], silhouette), silhouette, count, boxes)

    def _matte_of(self, photo: Photo, finished: Finished) -> Alpha | None:
        """The matte of the finished file: the one it was made with, or a coarse one."""
        width, height = finished.source.size
        if photo.alpha is not None and photo.alpha.shape == (height, width):
            return photo.alpha
        if finished.face is None:
            return None
        rgb, _ = finished.source.pixels(min(1.0, LOOK / max(width, height)))
        # The network's soft edge is widened to be on the safe side of the hair.
        person = (coarse(rgb, self.segmenter) > 0.1).astype(np.float32)
        reach = max(1, round(0.015 * person.shape[0]))
        person = cv2.dilate(person, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
        return cv2.resize(person, (width, height), interpolation=cv2.INTER_LINEAR)


def _measures(subject: Subject) -> tuple[Measure, ...]:
    """Everything measured on the finished file, in mm where it has a size on paper."""
    head, face = subject.finished.head, subject.finished.face
    if head is None or face is None:
        return ()
    unit = "mm" if subject.dpi is not None else "px"

    def length(name: str, px: float, sd: float | None = None, note: str = "") -> Measure:
        return Measure(
            name=name,
            value=round(subject.in_unit(px, unit, "height"), 2),
            unit=unit,
            uncertainty=None if sd is None else round(subject.in_unit(sd, unit, "height"), 2),
            note=note,
        )

    values = framing.measures(subject)
    ruling = f"chin to {subject.spec.crown}, as this document counts"
    skull = "chin to the top of the skull, estimated by anatomy"
    return (
        length("head-height", values["head-height"], head.skull_sd if subject.spec.crown == "skull" else None, ruling),
        length("head-height-skull", head.height("skull"), head.skull_sd, skull),
        length("head-height-hair", head.height("hair"), None, "chin to the top of hair or headgear"),
        length("eye-line", values["eye-line"], None, "above the lower edge"),
        length("top-margin", values["top-margin"]),
        length("chin-margin", values["chin-margin"]),
        length("centring", values["centring"], None, "of the eyes' midpoint, right of the middle"),
        length("face-width", values["face-width"]),
        length("eye-distance", values["eye-distance"]),
        Measure(name="eye-distance-px", value=round(values["eye-distance"], 1), unit="px"),
        Measure(name="roll", value=round(face.roll, 2), unit="deg"),
        Measure(name="yaw", value=round(face.yaw, 1), unit="deg", uncertainty=3.0),
        Measure(name="pitch", value=round(face.pitch, 1), unit="deg", uncertainty=4.0),
    )
