"""Face finders: a table of backends, and the search that every one of them serves.

To add one: a file here with a class that fulfils :class:`idphoto.faces.base.Backend` and a
`load` function, and a line in the table.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from idphoto.errors import UnknownBackend

if TYPE_CHECKING:
    from idphoto.faces.base import Backend
    from idphoto.photo import Face, Rgb

__all__ = ["BACKENDS", "find", "get"]

BACKENDS = {
    "mediapipe": "idphoto.faces.mediapipe_solutions",
    "mediapipe-tasks": "idphoto.faces.mediapipe_tasks",
}
"""Name of a backend to the module whose `load` opens it; nothing heavy is imported before that."""


@cache
def get(name: str) -> Backend:
    """Open a backend, once per process.

    Raises
    ------
    UnknownBackend
        If there is none of that name.
    BackendError
        If it cannot run here.
    """
    if name not in BACKENDS:
        raise UnknownBackend(f"There is no face backend '{name}'.", f"Choose one of {', '.join(BACKENDS)}.")
    backend: Backend = import_module(BACKENDS[name]).load()
    return backend


def find(rgb: Rgb, backend: str = "mediapipe") -> list[Face]:
    """All faces of a picture, largest first; see :func:`idphoto.faces.search.find_faces`."""
    from idphoto.faces.search import find_faces

    return find_faces(rgb, get(backend))
