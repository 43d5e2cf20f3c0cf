"""Open each file that was written, and check it.

A file with a fault is the fault of this package or of a library, not of the photo. It is not handed over, and the
user cannot repair it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image
from PIL.ExifTags import Base

from idphoto.decode import Source, jpeg_segments
from idphoto.decode.container import open_image
from idphoto.errors import StageFailed
from idphoto.output.xmp import JPEG_NAME, find_xmp

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXIF_NAME", "ICC_NAME", "verify_jpeg", "verify_png"]

EXIF_NAME = b"Exif\0\0"
ICC_NAME = b"ICC_PROFILE\0\1\1"

_PNG_DPI_TOLERANCE = 0.02  # half a pixel per metre
_PIXEL_CAP = 2**31  # our own pictures may be as large as a format allows


def _demand(truths: Mapping[str, bool]) -> None:
    wrong = [name for name, true in truths.items() if not true]
    if wrong:
        raise StageFailed(
            f"The file that was written is not as it should be: {', '.join(wrong)}.",
            "Please report this, with the versions of idphoto and Pillow.",
        )


def verify_jpeg(data: bytes, size: tuple[int, int], dpi: float | None, icc: bytes, xmp: bytes) -> None:
    """Check that a JPEG is baseline, whole, decodable, and carries what it should and no more.

    Raises
    ------
    StageFailed
        If it is not so.
    """
    parts = list(jpeg_segments.iterate_segments(data))
    carried = [part.payload(data) for part in parts if jpeg_segments.APP0 <= part.marker <= jpeg_segments.APP0 + 15]
    exif = Image.Exif()
    exif.load(next((block for block in carried if block.startswith(EXIF_NAME)), b""))
    source = Source.open(data, "the new JPEG", pixel_cap=_PIXEL_CAP)
    pixels, _ = source.pixels()
    expected = [b"JFIF", EXIF_NAME, *([JPEG_NAME] if xmp else []), *([ICC_NAME] if icc else [])]
    _demand(
        {
            "not baseline": any(part.marker == jpeg_segments.SOF0 for part in parts) and not source.progressive,
            "not the size": source.size == size and pixels.shape[:2] == (size[1], size[0]),
            "not the resolution of JFIF": source.dpi == (None if dpi is None else round(dpi)),
            "not the resolution of Exif": exif.get(Base.XResolution) == (None if dpi is None else round(dpi, 3)),
            "not the colour profile": source.icc == icc,
            "not the note on its making": (find_xmp(data) or b"") == xmp,
            "other metadata": [block[: len(name)] for block, name in zip(carried, expected, strict=False)] == expected
            and len(carried) == len(expected),
            "bytes after the end": data.endswith(jpeg_segments.EOI),
        }
    )


def verify_png(data: bytes, image: Image.Image, dpi: float | None, xmp: bytes) -> None:
    """Check that a PNG gives back the very pixels of `image`, and its resolution.

    Raises
    ------
    StageFailed
        If it is not so.
    """
    source = Source.open(data, "the new PNG", pixel_cap=_PIXEL_CAP)
    again = open_image(data, "png")
    again.load()
    _demand(
        {
            "not the size": source.size == image.size,
            "not the pixels": again.mode == image.mode and again.tobytes() == image.tobytes(),
            "not the note on its making": (find_xmp(data) or b"") == xmp,
            "not the resolution": source.dpi is None
            if dpi is None
            else abs((source.dpi or 0) - dpi) < _PNG_DPI_TOLERANCE,
        }
    )
