"""Face finders: a table of backends, and the search that every one of them serves.

To add one: a file here with a class that fulfils :class:`idphoto.faces.base.Backend` and a
`load` function, and a line in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.backends import AUTO, Backends

if TYPE_CHECKING:
    from idphoto.faces.base import Backend
    from idphoto.photo import Face, Rgb

__all__ = ["BACKENDS", "find"]

BACKENDS: Backends[Backend] = Backends(
    "face",
    {
        "mediapipe": "idphoto.faces.mediapipe_solutions",
        "mediapipe-tasks": "idphoto.faces.mediapipe_tasks",
    },
)


def find(rgb: Rgb, backend: str = AUTO) -> list[Face]:
    """All faces of a picture, largest first; see :func:`idphoto.faces.search.find_faces`."""
    from idphoto.faces.search import find_faces

    return find_faces(rgb, BACKENDS.get(backend))
