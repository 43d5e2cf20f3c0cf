"""Take the points that a person set in place of those that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.faces.head import measure_head_of_face
from idphoto.geometry import correct_crown, correct_face
from idphoto.job import PointName, job_option
from idphoto.report import Operation
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idphoto.photo import Photo
    from idphoto.portrait import Face, Head, PersonMask

__all__ = ["Correct", "apply_points"]


class Correct(Stage):
    """Set crown, chin or eyes as a person says, where they were found wrongly. Without points, do nothing."""

    stage: Literal["correct"] = "correct"
    points: dict[PointName, tuple[float, float]] = job_option("points")

    needs: ClassVar[frozenset[str]] = frozenset({"face", "head"})
    gives: ClassVar[frozenset[str]] = frozenset({"face", "head"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `face` and `head`."""
        if not self.points:
            return photo
        assert photo.face is not None
        counted = "skull" if photo.spec is None else photo.spec.crown
        face, head = apply_points(photo.face, photo.person_mask, self.points, counted)
        names = ", ".join(name.replace("_", " ") for name in sorted(self.points))
        return photo.did(Operation(name="points", detail=f"set by hand: {names}"), face=face, head=head)


def apply_points(
    face: Face, person_mask: PersonMask | None, points: Mapping[PointName, tuple[float, float]], counted: str
) -> tuple[Face, Head]:
    """Return a face and its head with the points that a person set, in the same pixels.

    `counted` is the crown that the document counts: ``skull``, ``hair`` or ``hairline``.
    """
    face = correct_face(face, {str(name): place for name, place in points.items()})
    head = measure_head_of_face(face, person_mask)
    return face, correct_crown(head, points["crown"], counted) if "crown" in points else head
