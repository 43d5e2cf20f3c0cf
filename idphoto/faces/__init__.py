"""Find faces: the table of face detectors, and the search that uses them.

To add a detector, write a file in ``backends/`` with a class that fulfils
:class:`idphoto.faces.base.FaceDetector` and a function `load` that returns one, and add a line to
the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.backends.table import AUTO, Backends

if TYPE_CHECKING:
    from idphoto.faces.base import FaceDetector
    from idphoto.portrait import Face, Rgb

__all__ = ["BACKENDS", "find_faces"]

BACKENDS: Backends[FaceDetector] = Backends(
    "face",
    {
        "mediapipe": "idphoto.faces.backends.mediapipe_solutions",
        "mediapipe-tasks": "idphoto.faces.backends.mediapipe_tasks",
    },
)


def find_faces(rgb: Rgb, backend: str = AUTO) -> list[Face]:
    """Find all faces of a picture, largest first; see :func:`idphoto.faces.search.search_faces`."""
    from idphoto.faces.search import search_faces

    return search_faces(rgb, BACKENDS.get(backend))
