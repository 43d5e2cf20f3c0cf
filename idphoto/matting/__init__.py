"""Matting: a table of backends behind the seam ``alpha = matter(rgb, coarse)``.

To add one: a file here with a `load` that returns a function as
:class:`idphoto.matting.base.Matter` describes it, and a line in the table.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from idphoto.errors import UnknownBackend
from idphoto.matting.base import checked

if TYPE_CHECKING:
    from idphoto.matting.base import Matter
    from idphoto.photo import Alpha, Rgb

__all__ = ["BACKENDS", "DEFAULT", "get", "matte"]

BACKENDS = {
    "guided": "idphoto.matting.guided",
    "closed-form": "idphoto.matting.closed_form",
    "given": "idphoto.matting.given",
}
"""Name of a backend to the module whose `load` opens it; nothing heavy is imported before that."""

DEFAULT = "guided"


@cache
def get(name: str) -> Matter:
    """Open a backend, once per process.

    Raises
    ------
    UnknownBackend
        If there is none of that name.
    BackendError
        If it cannot run here.
    """
    if name not in BACKENDS:
        raise UnknownBackend(f"There is no matting backend '{name}'.", f"Choose one of {', '.join(BACKENDS)}.")
    backend: Matter = import_module(BACKENDS[name]).load()
    return backend


def matte(name: str, rgb: Rgb, coarse: Alpha) -> Alpha:
    """Alpha of a picture by the backend of that name, checked.

    Raises
    ------
    BackendError
        If the backend is missing, or returned something else than an alpha matte.
    """
    return checked(name, get(name)(rgb, coarse), (rgb.shape[0], rgb.shape[1]))
