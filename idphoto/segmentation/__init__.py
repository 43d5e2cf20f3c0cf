"""Coarse person segmentation: a table of backends.

To add one: a file here with a `load` that returns a function as
:class:`idphoto.segmentation.base.Segmenter` describes it, and a line in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.table import AUTO, Backends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb
    from idphoto.segmentation.base import Segmenter

__all__ = ["BACKENDS", "run_segmenter"]

BACKENDS: Backends[Segmenter] = Backends(
    "segmentation",
    {
        "selfie": "idphoto.segmentation.backends.selfie",
        "selfie-tasks": "idphoto.segmentation.backends.selfie_tasks",
    },
)


def run_segmenter(rgb: Rgb, backend: str = AUTO) -> NDArray[np.float32]:
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
    segment = BACKENDS.get(backend)
    mirrored = segment(np.ascontiguousarray(rgb[:, ::-1]))[:, ::-1]
    return np.ascontiguousarray((segment(rgb) + mirrored) / 2)
