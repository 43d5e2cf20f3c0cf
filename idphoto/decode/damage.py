"""Find damaged files that a decoder would complete silently: an early end, or a part overwritten with zeros.

Decoders show as much of a damaged file as they can. They fill the missing part with grey, black or the last colour, and
report nothing, so that an ID photo made from such a file would have a plain area below the mouth. PNG has checksums,
and decoders of LZW and deflate refuse damaged data themselves; this module checks the other formats.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from idphoto.decode import jpeg_segments
from idphoto.decode.container import open_image, silence_pillow

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["find_damage"]

_DHT = 0xC4
_LUMA_AC_TABLE = 0x10  # class 1 (AC), identifier 0
_END_OF_BLOCK = 0x00
_PROGRESSIVE = jpeg_segments.SOF0 + 2
_COMPRESSION = 259  # tag of TIFF 6.0; 1 is none
_RESTARTS = range(0xD0, 0xD8)

_MIN_JPEG_ZEROS = 64
"""Zero bytes in a row that no Huffman-coded photo has. With the usual tables each zero bit is part of a coefficient
of -1, so 64 bytes would be a block of nothing but such coefficients, eight times over."""
_MIN_ZEROS = 1024
_MIN_ZEROS_SHARE = 0.01
"""Zero bytes in a row, and their share of the file, from which a compressed picture counts as overwritten."""
_MIN_STRAY = 256
_STRAY_SHARE = 0.01
"""Bytes, and share of the file, that may be left over before a marker: some cameras pad their scans."""


def find_damage(data: bytes, form: str) -> str:
    """Look for damage that a decoder would hide.

    Parameters
    ----------
    data : bytes
        The file; :func:`idphoto.decode.structure.check_structure` has passed it.
    form : str
        Its format: ``jpeg``, ``webp``, ``heic``, ``avif`` or ``tiff``; others have no such damage.

    Returns
    -------
    str
        The damage in a few words; empty if none was found.
    """
    searches: dict[str, Callable[[bytes], str]] = {
        "jpeg": _in_jpeg,
        "webp": _in_webp,
        "heic": _in_media_data,
        "avif": _in_media_data,
        "tiff": _in_tiff,
    }
    return searches[form](data) if form in searches else ""


def _in_jpeg(data: bytes) -> str:
    """Decode at an eighth of the size with all of libjpeg's warnings as errors: 1 ms a megapixel."""
    import simplejpeg

    try:
        simplejpeg.decode_jpeg(data, colorspace="GRAY", min_height=1, min_width=1, min_factor=8, strict=True)
    except ValueError as cause:
        warning = str(cause)
        stray = re.search(r"(\d+) extraneous bytes before marker 0x(\w\w)", warning)
        if stray is not None:
            if int(stray[2], 16) in _RESTARTS or int(stray[1]) > max(_MIN_STRAY, _STRAY_SHARE * len(data)):
                return warning
        elif re.search("premature end|bad huffman|corrupt jpeg data", warning, re.IGNORECASE):
            return warning
    return _overwritten_scan(data)


def _overwritten_scan(data: bytes) -> str:
    """Find zeros inside the first scan of a sequential JPEG whose tables give zeros a meaning other than "flat"."""
    parts = list(jpeg_segments.iterate_segments(data))
    if any(part.marker == _PROGRESSIVE for part in parts):
        return ""  # zeros make the later scans fail, which the strict decoder reports
    first_symbol = None
    for part in parts:
        if part.marker == _DHT:
            first_symbol = _first_luma_symbol(part.payload(data), first_symbol)
    if first_symbol in (None, _END_OF_BLOCK):
        return ""
    start = parts[-1].end
    scan = data[start : data.find(jpeg_segments.EOI, start)].rstrip(b"\0")  # padding may stand at the end
    return "a part of the scan is zero" if bytes(_MIN_JPEG_ZEROS) in scan else ""


def _first_luma_symbol(tables: bytes, known: int | None) -> int | None:
    """Return the symbol with the all-zero code in the luma AC table of a DHT segment; `known` without such a table."""
    place = 0
    while place + 17 <= len(tables):
        count = sum(tables[place + 1 : place + 17])
        if tables[place] == _LUMA_AC_TABLE and count and place + 17 < len(tables):
            known = tables[place + 17]
        place += 17 + count
    return known


def _in_webp(data: bytes) -> str:
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        if kind in (b"VP8 ", b"VP8L") and _has_long_zeros(data, place + 8, place + 8 + length):
            return "a part of the picture is zero"
        place += 8 + length + length % 2
    return ""


def _in_tiff(data: bytes) -> str:
    """Look at the strips or tiles of the first page: inside the file, and not zero where they are compressed."""
    with silence_pillow():
        directory = open_image(data, "tiff").tag_v2
        compressed = directory.get(_COMPRESSION, 1) != 1
        # StripOffsets and StripByteCounts, and those of tiles.
        strips = [
            strip
            for starts, lengths in ((273, 279), (324, 325))
            for strip in zip(directory.get(starts, ()), directory.get(lengths, ()), strict=False)
        ]
    for start, length in strips:
        if start + length > len(data):
            return "a strip of the picture is beyond the end of the file"
        if compressed and _has_long_zeros(data, start, start + length):
            return "a part of the picture is zero"
    return ""


def _in_media_data(data: bytes) -> str:
    """Look into the boxes ``mdat`` of an ISO base media file (ISO/IEC 14496-12)."""
    place = 0
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        head = 8
        if length == 1 and place + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, place + 8)
            head = 16
        elif length == 0:
            length = len(data) - place
        if length < head:
            return ""
        if kind == b"mdat" and _has_long_zeros(data, place + head, place + length):
            return "a part of the picture is zero"
        place += length
    return ""


def _has_long_zeros(data: bytes, start: int, end: int) -> bool:
    run = max(_MIN_ZEROS, int(_MIN_ZEROS_SHARE * len(data)))
    return data.find(bytes(run), start, min(end, len(data))) >= 0
