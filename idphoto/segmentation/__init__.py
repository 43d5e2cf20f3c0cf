"""Coarse person segmentation: a table of backends."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from idphoto.errors import UnknownBackend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Rgb
    from idphoto.segmentation.base import Segmenter

__all__ = ["BACKENDS", "get", "person"]

BACKENDS = {
    "selfie": "idphoto.segmentation.selfie",
}
"""Name of a backend to the module whose `load` opens it; nothing heavy is imported before that."""


@cache
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


def person(rgb: Rgb, backend: str = "selfie") -> NDArray[np.float32]:
    """Probability of the person, averaged over the picture and its mirror image.

    A network is not quite symmetric; the mean of both views was 3 % nearer the truth (SAD over
    126 composites) and has no preferred side.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB; an upright head and shoulders.
    backend : str
        Name of the backend.

    Returns
    -------
    ndarray of float32, shape (H, W)
        In [0, 1].
    """
    segment = get(backend)
    mirrored = segment(np.ascontiguousarray(rgb[:, ::-1]))[:, ::-1]
    return np.ascontiguousarray((segment(rgb) + mirrored) / 2)
