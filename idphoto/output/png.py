"""Write PNG files: lossless, in sRGB, with an alpha channel if there is one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from idphoto.errors import CannotFit
from idphoto.output.encoded_file import EncodedFile, FileLimits
from idphoto.output.exif import build_exif
from idphoto.output.verify import verify_png
from idphoto.output.xmp import PNG_NAME

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["encode_png"]

_RELATIVE_COLORIMETRIC = b"\1"  # the rendering intent that an sRGB chunk must name
_DEFAULT_EFFORT, _LARGE_EFFORT, _MAX_EFFORT = 6, 2, 9  # of zlib; the last 2 % of the length take three times as long
_LARGE_PIXELS = 4_000_000
_TEXT = "Padding, to reach the smallest file length that is accepted. "
_KEYWORD = "Comment"
_MIN_PNG_PADDING_BYTES = 12 + len(_KEYWORD) + 1  # chunk header and checksum, keyword, zero byte


def encode_png(
    picture: NDArray[np.uint8],
    *,
    dpi: float | None = None,
    limits: FileLimits | None = None,
    xmp: bytes = b"",
    taken: datetime | None = None,
) -> EncodedFile:
    """Write a picture as a PNG of 8 bits per channel.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W), (H, W, 3) or (H, W, 4)
        Grey, sRGB, or sRGB with alpha that is not premultiplied.
    dpi : float, optional
        Pixels per inch. PNG counts whole pixels per metre, which keeps 300 dpi to a millionth.
    limits : FileLimits, optional
        What the document asks of the file; a JPEG quality means nothing here.
    xmp : bytes
        A packet to embed, as `build_xmp` writes it.
    taken : datetime, optional
        When the photo was taken, for Exif.

    Raises
    ------
    CannotFit
        If the file is longer than its ceiling, since PNG has no quality to give up.
    StageFailed
        If the file, opened again, is not what it should be.
    """
    limits = limits or FileLimits()
    # A large cutout then takes less than half the time, and a quarter more bytes.
    effort = _LARGE_EFFORT if picture.shape[0] * picture.shape[1] > _LARGE_PIXELS else _DEFAULT_EFFORT
    image = Image.fromarray(picture)
    if limits.grey and image.mode != "L":
        image = image.convert("LA" if image.mode == "RGBA" else "L")
    floor, ceiling = limits.band(*image.size)
    data = _save(image, dpi, xmp, taken, effort=effort)
    if len(data) > ceiling:
        data = _save(image, dpi, xmp, taken, effort=_MAX_EFFORT)
    missing = floor - len(data)
    padding = max(missing, _MIN_PNG_PADDING_BYTES) if missing > 0 else 0
    if len(data) + padding > ceiling:
        raise CannotFit(
            f"At {image.width} x {image.height} pixels the PNG has {len(data)} bytes, "
            f"but it may have only {floor} to {ceiling:.0f}.",
            "Ask for a JPEG, or for another size in pixels.",
        )
    if padding:
        data = _save(image, dpi, xmp, taken, padding=padding, effort=effort)
    verify_png(data, image, dpi, xmp)
    notes = (f"{padding} bytes of padding were added to reach the smallest length allowed.",) if padding else ()
    return EncodedFile(data=data, format="png", padding=padding, notes=notes)


def _save(
    image: Image.Image,
    dpi: float | None,
    xmp: bytes,
    taken: datetime | None,
    *,
    padding: int = 0,
    effort: int = _DEFAULT_EFFORT,
) -> bytes:
    chunks = PngInfo()
    chunks.add(b"sRGB", _RELATIVE_COLORIMETRIC)
    if xmp:
        chunks.add_itxt(PNG_NAME, xmp.decode())
    if padding:
        length = padding - _MIN_PNG_PADDING_BYTES
        chunks.add_text(_KEYWORD, _TEXT.ljust(length)[:length])
    buffer = io.BytesIO()
    density = {} if dpi is None else {"dpi": (dpi, dpi)}
    exif = {} if taken is None else {"exif": build_exif(*image.size, dpi, taken)}
    image.save(buffer, "PNG", compress_level=effort, pnginfo=chunks, **density, **exif)
    return buffer.getvalue()
