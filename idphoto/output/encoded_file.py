"""The limits that a writer of files keeps, and the file that it returns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idphoto.errors import CannotFit

if TYPE_CHECKING:
    from idphoto.units import ByteBand, Ratio

__all__ = ["EncodedFile", "FileLimits"]


@dataclass(frozen=True, slots=True)
class FileLimits:
    """The limits of a document on the file.

    Attributes
    ----------
    bytes : ByteBand, optional
        How long the file may be.
    quality : int, optional
        JPEG quality, where one is prescribed: neither more nor less is then written.
    compression : Ratio, optional
        Largest allowed ratio of uncompressed to compressed length.
    grey : bool
        Whether to write one grey channel.
    """

    bytes: ByteBand | None = None
    quality: int | None = None
    compression: Ratio | None = None
    grey: bool = False

    def band(self, width: int, height: int) -> tuple[int, float]:
        """Return the smallest and the largest length in bytes for a picture of this size; inf means no limit.

        Raises
        ------
        CannotFit
            If the limits contradict each other.
        """
        floor = self.bytes.floor if self.bytes else 0
        ceiling = math.inf if self.bytes is None or self.bytes.ceiling is None else self.bytes.ceiling
        if self.compression:
            channels = 1 if self.grey else 3
            floor = max(floor, math.ceil(width * height * channels / self.compression.value))
        if floor > ceiling:
            raise CannotFit(
                f"At {width} x {height} pixels, a compression of at most {self.compression} takes {floor} bytes, "
                f"but the file may have only {ceiling}.",
                "Ask for fewer pixels.",
            )
        return floor, ceiling


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A file, ready to be written.

    Attributes
    ----------
    data : bytes
        The file.
    format : str
        ``jpeg`` or ``png``.
    quality : int, optional
        JPEG quality, 1 to 100.
    subsampling : str
        ``4:4:4``, ``4:2:0``, or empty.
    padding : int
        Bytes without meaning that were added to reach the smallest length.
    notes : tuple of str
        Sentences for the user, such as one about visible compression.
    """

    data: bytes = field(repr=False)
    format: str
    quality: int | None = None
    subsampling: str = ""
    padding: int = 0
    notes: tuple[str, ...] = ()
