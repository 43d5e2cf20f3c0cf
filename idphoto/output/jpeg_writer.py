"""Putting one JPEG file together: the compressed picture, its metadata, and padding."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

from PIL import Image, ImageFile

from idphoto import colour_profile
from idphoto.decode.jpeg_segments import APP1, APP2, COM, MAX_PAYLOAD_BYTES, build_segment, insert_segments
from idphoto.errors import CannotFit
from idphoto.output.exif import exif_block
from idphoto.output.fit import LEAST_PADDING
from idphoto.output.verify import ICC_NAME
from idphoto.output.xmp import JPEG_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JpegWriter", "padding_segments"]

_PADDING = b"Padding, to reach the smallest file length that is accepted. "
_buffer_size = threading.Lock()


class JpegWriter:
    """The JPEG files of one picture, each compressed once.

    Parameters
    ----------
    image : PIL.Image.Image
        Of mode RGB or L.
    dpi : float, optional
        Pixels per inch.
    xmp : bytes
        A packet to embed, or nothing.

    Raises
    ------
    CannotFit
        If the packet is too long for a segment.
    """

    def __init__(self, image: Image.Image, dpi: float | None, xmp: bytes) -> None:
        self.image = image
        self.dpi = dpi
        self.profile = colour_profile.srgb() if image.mode == "RGB" else colour_profile.grey()
        self._head = build_segment(APP1, exif_block(*image.size, dpi))
        if xmp:
            if len(JPEG_NAME + xmp) > MAX_PAYLOAD_BYTES:
                raise CannotFit(f"The note on how the photo was made has {len(xmp)} bytes.", "Give shorter reasons.")
            self._head += build_segment(APP1, JPEG_NAME + xmp)
        self._profile = build_segment(APP2, ICC_NAME + self.profile)
        self._known: dict[tuple[int, str], bytes] = {}

    @property
    def overhead(self) -> int:
        """Bytes of metadata, with the colour profile."""
        return len(self._head) + len(self._profile)

    def length(self, subsampling: str, profiled: bool, quality: int) -> int:
        """Length in bytes of the file that `file` gives without padding."""
        return len(self._bare(subsampling, quality)) + len(self._head) + len(self._profile) * profiled

    def file(self, subsampling: str, profiled: bool, quality: int, padding: int) -> bytes:
        """Write the whole file; the order is JFIF, Exif, XMP, colour profile, padding, picture."""
        profile = [self._profile] if profiled else []
        return insert_segments(self._bare(subsampling, quality), [self._head, *profile, *padding_segments(padding)])

    def _bare(self, subsampling: str, quality: int) -> bytes:
        """JPEG with nothing but its JFIF header."""
        key = quality, subsampling
        if key not in self._known:
            buffer = io.BytesIO()
            density = (0, 0) if self.dpi is None else (round(self.dpi), round(self.dpi))
            # libjpeg wants the whole of an optimised file to fit Pillow's buffer, which is guessed
            # too small for noise. Its size is a global that users may set; it is put back at once.
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


def padding_segments(length: int) -> Iterator[bytes]:
    """Comment segments of `length` bytes in all, which is 0 or at least `LEAST_PADDING`."""
    while length:
        part = min(length, MAX_PAYLOAD_BYTES + LEAST_PADDING)
        if 0 < length - part < LEAST_PADDING:
            part -= LEAST_PADDING  # leave enough for one more build_segment
        yield build_segment(COM, _PADDING.ljust(part)[: part - LEAST_PADDING])
        length -= part
