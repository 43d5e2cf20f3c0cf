"""Matting: a table of backends behind the seam ``alpha = matter(rgb, coarse)``.

To add one: a file here with a `load` that returns a function as
:class:`idphoto.matting.base.Matter` describes it, and a line in the table. A network in an ONNX
file that sees the whole picture needs no code: it is a row of ``networks.yaml``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.backends.table import AUTO, Backends
from idphoto.matting.base import checked

if TYPE_CHECKING:
    from idphoto.matting.base import Matter
    from idphoto.portrait import Alpha, Rgb

__all__ = ["BACKENDS", "matte"]

BACKENDS: Backends[Matter] = Backends(
    "matting",
    {
        "hair": "idphoto.matting.backends.hair",
        "guided": "idphoto.matting.backends.guided",
        "closed-form": "idphoto.matting.backends.closed_form",
        "given": "idphoto.matting.backends.given",
    },
    rows="idphoto.matting.networks",
)


def matte(rgb: Rgb, coarse: Alpha, backend: str = AUTO) -> Alpha:
    """Alpha of a picture by the backend of that name, checked.

    Raises
    ------
    BackendError
        If the backend is missing, or returned something else than an alpha matte.
    """
    return checked(backend, BACKENDS.get(backend)(rgb, coarse), (rgb.shape[0], rgb.shape[1]))
