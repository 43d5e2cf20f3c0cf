"""Find faces in a reduced view of the source, and report them in source pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.table import AUTO
from idphoto.errors import SeveralFaces
from idphoto.faces import find_faces
from idphoto.portrait import Box, Face, Point
from idphoto.resample import to_source_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.portrait import Matrix, Preview

__all__ = ["MIN_PERSON_SHARE", "choose_face", "find_faces_in_preview", "move_face", "select_people"]

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


def move_face(face: Face, matrix: Matrix) -> Face:
    """Return a face in the pixels of another picture, to which a similarity leads; its box stays upright."""
    turn, shift = matrix[:2, :2], matrix[:2, 2]
    factor = float(np.hypot(matrix[0, 0], matrix[1, 0]))

    def point(place: tuple[float, float]) -> Point:
        x, y = turn @ np.asarray(place) + shift
        return Point(float(x), float(y))

    box = face.box
    middle = point((box.x + box.width / 2, box.y + box.height / 2))
    width, height = box.width * factor, box.height * factor
    mesh = face.mesh
    if mesh is not None:
        mesh = np.hstack([mesh[:, :2] @ turn.T + shift, mesh[:, 2:] * factor]).astype(np.float32)
    return replace(
        face,
        box=Box(middle.x - width / 2, middle.y - height / 2, width, height),
        eye_left=point(face.eye_left),
        eye_right=point(face.eye_right),
        chin=point(face.chin),
        mouth=point(face.mouth),
        hairline=point(face.hairline),
        cheeks=(point(face.cheeks[0]), point(face.cheeks[1])),
        roll=face.roll + float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))),
        mesh=mesh,
    )
