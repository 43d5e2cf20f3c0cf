"""Face finders: a table of backends, and the search that every one of them serves.

To add one: a file here with a class that fulfils :class:`idphoto.faces.base.Backend` and a
`load` function, and a line in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.backends.table import AUTO, Backends

if TYPE_CHECKING:
    from idphoto.faces.base import Backend
    from idphoto.portrait import Face, Rgb

__all__ = ["BACKENDS", "find_faces"]

BACKENDS: Backends[Backend] = Backends(
    "face",
    {
        "mediapipe": "idphoto.faces.backends.mediapipe_solutions",
        "mediapipe-tasks": "idphoto.faces.backends.mediapipe_tasks",
    },
)


def find_faces(rgb: Rgb, backend: str = AUTO) -> list[Face]:
    """All faces of a picture, largest first; see :func:`idphoto.faces.search.search_faces`."""
    from idphoto.faces.search import search_faces

    return search_faces(rgb, BACKENDS.get(backend))
