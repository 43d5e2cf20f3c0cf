"""Writing files: the formats that a photo can be written in, by name.

To add one, write a module with a function of the signature of :class:`Writer` and give it a line
in the table.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from idphoto.output.jpeg import encode_jpeg
from idphoto.output.png import encode_png
from idphoto.output.result import Encoded, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SUFFIXES", "WRITERS", "Encoded", "Limits", "Writer"]


class Writer(Protocol):
    """What every writer does: a picture, its resolution, limits and a note on its making, to a file."""

    def __call__(
        self, picture: NDArray[np.uint8], *, dpi: float | None = None, limits: Limits | None = None, xmp: bytes = b""
    ) -> Encoded:
        """Encode the picture; raise `CannotFit` if it cannot keep the limits."""
        ...


WRITERS: Mapping[str, Writer] = MappingProxyType({"jpeg": encode_jpeg, "png": encode_png})
SUFFIXES: Mapping[str, str] = MappingProxyType({"jpeg": ".jpg", "png": ".png"})
