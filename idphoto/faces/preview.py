"""Find faces in a reduced view of the source, and report them in source pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.backends.table import AUTO
from idphoto.errors import SeveralFaces
from idphoto.faces import find_faces
from idphoto.portrait import move_face
from idphoto.resample import to_source_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.portrait import Face, Preview

__all__ = ["MIN_PERSON_SHARE", "choose_face", "find_faces_in_preview", "select_people"]

MIN_PERSON_SHARE = 0.3
"""A second face counts as a person if its height is at least this share of the largest face's height.
Smaller faces are passers-by or pictures on a wall."""


def select_people(found: list[Face]) -> list[Face]:
    """Return the faces that are large enough to count as people; `found` is sorted, the largest first."""
    return [face for face in found if face.box.height >= MIN_PERSON_SHARE * found[0].box.height]


def choose_face(found: Sequence[Face], wanted: str, name: str) -> Face:
    """Return the face of the person that the option ``face`` means.

    Parameters
    ----------
    found : sequence of Face
        All faces, the largest first.
    wanted : str
        ``only``, ``largest``, or a number counted from the left.
    name : str
        Name of the picture, for the error.

    Raises
    ------
    SeveralFaces
        If there are several people and none is chosen.
    """
    people = select_people(list(found))
    if len(people) == 1 or wanted == "largest":
        return found[0]
    people.sort(key=lambda face: face.box.x)
    if wanted.isdigit() and int(wanted) <= len(people):
        return people[int(wanted) - 1]
    listing = "; ".join(
        f"{number}: {face.box.width:.0f}x{face.box.height:.0f} px at ({face.box.x:.0f}, {face.box.y:.0f})"
        for number, face in enumerate(people, 1)
    )
    raise SeveralFaces(
        f"There are {len(people)} faces in {name} ({listing}).",
        "Choose one with --face largest or --face N, counted from the left, or make photos of --face all.",
    )


def find_faces_in_preview(preview: Preview, backend: str = AUTO) -> list[Face]:
    """Find all faces of a preview, in source pixels, largest first."""
    matrix = to_source_matrix(preview.scale)
    return [move_face(face, matrix) for face in find_faces(preview.rgb, backend)]
