"""Estimate the alpha matte of a person: the table of matting backends.

Every backend is a function ``alpha = matter(rgb, coarse)``, see :class:`idphoto.matting.base.MattingBackend`.
`coarse` is the person mask of :mod:`idphoto.segmentation`.

To add a backend, write a file in ``backends/`` with a `load` that returns such a function, and add a line to
the table and its name to the description of ``matter`` in ``idphoto/job.py``. A network in an ONNX file that sees the
whole picture needs no code, only a row in ``networks.yaml``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.backends.table import AUTO, Backends
from idphoto.matting.base import validate_alpha

if TYPE_CHECKING:
    from idphoto.matting.base import MattingBackend
    from idphoto.portrait import Alpha, Rgb

__all__ = ["BACKENDS", "estimate_alpha"]

BACKENDS: Backends[MattingBackend] = Backends(
    "matting",
    {
        "hair": "idphoto.matting.backends.hair",
        "guided": "idphoto.matting.backends.guided",
        "closed-form": "idphoto.matting.backends.closed_form",
        "given": "idphoto.matting.backends.given",
    },
    rows="idphoto.matting.networks",
)


def estimate_alpha(rgb: Rgb, coarse: Alpha, backend: str = AUTO) -> Alpha:
    """Estimate the alpha matte of a picture with the backend of that name, and validate the result.

    Raises
    ------
    BackendError
        If the backend is missing, or returned something that is not an alpha matte.
    """
    return validate_alpha(backend, BACKENDS.get(backend)(rgb, coarse), (rgb.shape[0], rgb.shape[1]))
