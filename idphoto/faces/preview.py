"""Find faces in a reduced view of the source, and report them in source pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.table import AUTO
from idphoto.faces import find_faces
from idphoto.portrait import Box, Face, Point
from idphoto.resample import to_source_matrix

if TYPE_CHECKING:
    from idphoto.portrait import Preview

__all__ = ["MIN_PERSON_SHARE", "find_faces_in_preview", "select_people"]

MIN_PERSON_SHARE = 0.3
"""A second face counts as a person if its height is at least this share of the largest face's height.
Smaller faces are passers-by or pictures on a wall."""


def select_people(found: list[Face]) -> list[Face]:
    """Return the faces that are large enough to count as people; `found` is sorted, the largest first."""
    return [face for face in found if face.box.height >= MIN_PERSON_SHARE * found[0].box.height]


def find_faces_in_preview(preview: Preview, backend: str = AUTO) -> list[Face]:
    """Find all faces of a preview, in source pixels, largest first."""
    matrix = to_source_matrix(preview.scale)
    return [_in_source_pixels(face, matrix[0, 0], matrix[0, 2]) for face in find_faces(preview.rgb, backend)]


def _in_source_pixels(face: Face, factor: float, shift: float) -> Face:
    """Convert a face from preview pixels to source pixels."""

    def point(place: Point) -> Point:
        return Point(place.x * factor + shift, place.y * factor + shift)

    box = face.box
    mesh = face.mesh
    if mesh is not None:
        mesh = mesh * np.float32(factor) + np.array([shift, shift, 0], dtype=np.float32)
    return replace(
        face,
        box=Box(box.x * factor + shift, box.y * factor + shift, box.width * factor, box.height * factor),
        eye_left=point(face.eye_left),
        eye_right=point(face.eye_right),
        chin=point(face.chin),
        mouth=point(face.mouth),
        hairline=point(face.hairline),
        cheeks=(point(face.cheeks[0]), point(face.cheeks[1])),
        mesh=mesh,
    )
