"""Find the face of the person, the person mask, and the head with both crowns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto import faces, messages, segmentation
from idphoto.errors import NoFace, about_option
from idphoto.faces.head import measure_head_of_face
from idphoto.faces.preview import choose_face, find_faces_in_preview
from idphoto.job import job_option
from idphoto.report import Finding, Operation, Status
from idphoto.segmentation.head import segment_head
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Analyse"]


class Analyse(Stage):
    """Find the face, and measure the head it belongs to."""

    stage: Literal["analyse"] = "analyse"
    detector: str = job_option("detector")
    segmenter: str = job_option("segmenter")
    face: str = job_option("face")

    needs: ClassVar[frozenset[str]] = frozenset({"preview"})
    gives: ClassVar[frozenset[str]] = frozenset({"face", "others", "person_mask", "head"})
    per_document: ClassVar[bool] = False

    def check_options(self, spec: Spec | None) -> None:  # noqa: ARG002 - the same for all documents
        """Refuse backends that do not exist."""
        with about_option("detector"):
            faces.BACKENDS.require(self.detector)
        with about_option("segmenter"):
            segmentation.BACKENDS.require(self.segmenter)

    def __call__(self, photo: Photo) -> Photo:
        """Set `face`, `others`, `person_mask` and `head`."""
        assert photo.preview is not None
        found = find_faces_in_preview(photo.preview, self.detector)
        if not found:
            raise NoFace(
                f"No face was found in {photo.source.shown_name}.",
                "Use a photo in which the whole face is seen from the front, in even light.",
            )
        face = choose_face(found, self.face, photo.source.shown_name)
        person_mask = segment_head(photo.preview, face, self.segmenter)
        others = tuple(other.box for other in found if other is not face)
        photo = replace(
            photo, face=face, others=others, person_mask=person_mask, head=measure_head_of_face(face, person_mask)
        )
        if abs(face.roll) > 45:
            detail = f"the photo lay {abs(round(face.roll / 90) * 90)} degrees on its side"
            photo = photo.did(Operation(name="turn", detail=detail, edit="geometry"))
        return photo.found(_warn_of_others(len(others))) if others else photo


def _warn_of_others(count: int) -> Finding:
    """Return the finding that there are faces of other people."""
    measured = float(count)
    message, fix = messages.say("faces.others", {"count": measured})
    return Finding(
        check="faces",
        status=Status.WARN,
        code="faces.others",
        message=message,
        fix=fix,
        measured=measured,
        limit="0",
        values={"count": measured},
    )
