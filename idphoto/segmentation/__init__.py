"""Coarse person segmentation: a table of backends."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from idphoto.errors import UnknownBackend

if TYPE_CHECKING:
    from idphoto.segmentation.base import Segmenter

__all__ = ["BACKENDS", "get"]

BACKENDS = {
    "selfie": "idphoto.segmentation.selfie",
}
"""Name of a backend to the module whose `load` opens it; nothing heavy is imported before that."""


@lru_cache(maxsize=None)
def get(name: str) -> Segmenter:
    """Open a backend, once per process.

    Raises
    ------
    UnknownBackend
        If there is none of that name.
    BackendError
        If it cannot run here.
    """
    if name not in BACKENDS:
        raise UnknownBackend(f"There is no segmentation backend '{name}'.", f"Choose one of {', '.join(BACKENDS)}.")
    backend: Segmenter = import_module(BACKENDS[name]).load()
    return backend
