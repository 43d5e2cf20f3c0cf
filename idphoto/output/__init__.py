"""Write photos as files: a table of the formats, by name.

To add one, write a module with a function of the signature of :class:`Writer` and give it a line
in the table.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from idphoto.output.encoded_file import EncodedFile, FileLimits
from idphoto.output.jpeg import encode_jpeg
from idphoto.output.png import encode_png

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FILE_SUFFIXES", "WRITERS", "EncodedFile", "FileLimits", "Writer"]


class Writer(Protocol):
    """The signature of all writers: from a picture, its resolution, limits and an XMP packet to a file."""

    def __call__(
        self,
        picture: NDArray[np.uint8],
        *,
        dpi: float | None = None,
        limits: FileLimits | None = None,
        xmp: bytes = b"",
        taken: datetime | None = None,
    ) -> EncodedFile:
        """Encode the picture; raise `CannotFit` if it cannot keep the limits."""
        ...


WRITERS: Mapping[str, Writer] = MappingProxyType({"jpeg": encode_jpeg, "png": encode_png})
FILE_SUFFIXES: Mapping[str, str] = MappingProxyType({"jpeg": ".jpg", "png": ".png"})
