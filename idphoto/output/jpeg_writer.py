"""Assemble a JPEG file from the compressed picture, its metadata, and padding."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

from PIL import Image, ImageFile

from idphoto import colour_profile
from idphoto.decode.jpeg_segments import APP1, APP2, COM, MAX_PAYLOAD_BYTES, build_segment, insert_segments
from idphoto.errors import CannotFit
from idphoto.output.exif import build_exif
from idphoto.output.jpeg_quality import MIN_PADDING_BYTES
from idphoto.output.verify import ICC_NAME
from idphoto.output.xmp import JPEG_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["JpegAssembler", "build_padding"]

_PADDING = b"Padding, to reach the smallest file length that is accepted. "
_buffer_size = threading.Lock()


class JpegAssembler:
    """Assembler of the JPEG files of one picture; each quality is compressed once.

    Parameters
    ----------
    image : PIL.Image.Image
        Of mode RGB or L.
    dpi : float, optional
        Pixels per inch.
    xmp : bytes
        A packet to embed, or nothing.
    taken : datetime, optional
        When the photo was taken.

    Raises
    ------
    CannotFit
        If the packet is too long for a segment.
    """

    def __init__(self, image: Image.Image, dpi: float | None, xmp: bytes, taken: datetime | None = None) -> None:
        self.image = image
        self.dpi = dpi
        self.profile = colour_profile.srgb() if image.mode == "RGB" else colour_profile.grey()
        self._head = build_segment(APP1, build_exif(*image.size, dpi, taken))
        if xmp:
            if len(JPEG_NAME + xmp) > MAX_PAYLOAD_BYTES:
                raise CannotFit(f"The note on how the photo was made has {len(xmp)} bytes.", "Give shorter reasons.")
            self._head += build_segment(APP1, JPEG_NAME + xmp)
        self._profile = build_segment(APP2, ICC_NAME + self.profile)
        self._known: dict[tuple[int, str], bytes] = {}

    @property
    def overhead(self) -> int:
        """Length of the metadata in bytes, with the colour profile."""
        return len(self._head) + len(self._profile)

    def length(self, subsampling: str, profiled: bool, quality: int) -> int:
        """Return the length in bytes of the file without padding."""
        return len(self._bare(subsampling, quality)) + len(self._head) + len(self._profile) * profiled

    def file(self, subsampling: str, profiled: bool, quality: int, padding: int) -> bytes:
        """Write the whole file; the order is JFIF, Exif, XMP, colour profile, padding, picture."""
        profile = [self._profile] if profiled else []
        return insert_segments(self._bare(subsampling, quality), [self._head, *profile, *build_padding(padding)])

    def _bare(self, subsampling: str, quality: int) -> bytes:
        """Return the JPEG file with its JFIF header and no other metadata."""
        key = quality, subsampling
        if key not in self._known:
            buffer = io.BytesIO()
            density = (0, 0) if self.dpi is None else (round(self.dpi), round(self.dpi))
            # libjpeg needs a buffer for the whole of an optimised file, and Pillow's guess is too small for noise.
            # The size is a global variable that users may set; it is therefore restored at once.
            with _buffer_size:
                before = ImageFile.MAXBLOCK
                ImageFile.MAXBLOCK = max(before, 4 * self.image.width * self.image.height + 65536)
                try:
                    self.image.save(
                        buffer, "JPEG", quality=quality, subsampling=subsampling, optimize=True, dpi=density
                    )
                finally:
                    ImageFile.MAXBLOCK = before
            self._known[key] = buffer.getvalue()
        return self._known[key]


def build_padding(length: int) -> Iterator[bytes]:
    """Yield comment segments of `length` bytes in total; `length` is 0 or at least `MIN_PADDING_BYTES`."""
    while length:
        part = min(length, MAX_PAYLOAD_BYTES + MIN_PADDING_BYTES)
        if 0 < length - part < MIN_PADDING_BYTES:
            part -= MIN_PADDING_BYTES  # leave enough for one more build_segment
        yield build_segment(COM, _PADDING.ljust(part)[: part - MIN_PADDING_BYTES])
        length -= part
