"""Check the structure of a file quickly, before any decoder opens it.

The checks find truncated files at once, read the size of pictures whose decoder would allocate memory
before it reports the size, and limit the number of parts, since decoders are slow with many.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from idphoto.decode import jpeg_segments
from idphoto.errors import ImageTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["check_size", "check_structure", "count_tiff_pages", "iterate_png_chunks"]

_MAX_CHUNKS = 100_000  # a 200-megapixel PNG written in chunks of 8 KB has fewer
_MAX_TAGS = 1000  # a TIFF with the tags of all cameras has some 200
_MAX_PAGES = 100
_MAX_SCANS = 64  # progressive JPEGs have 5 to 15
_SOS = bytes([0xFF, jpeg_segments.SOS])
_SEQUENTIAL = frozenset({jpeg_segments.SOF0, jpeg_segments.SOF0 + 1})

# A file with more pixels than this and more pixels per byte than that is a decompression bomb: with camera noise,
# a photo has a tenth as many per byte, and a sequential JPEG has at most 256 even if it is blank.
_LARGE_PIXELS = 25_000_000
_MAX_PIXELS_PER_BYTE = 400


def check_size(width: int, height: int, length: int, pixel_cap: int) -> None:
    """Refuse a picture with more pixels than the cap, or than `length` bytes can plausibly hold.

    Raises
    ------
    ImageTooLarge
        If the size is refused.
    """
    pixels = width * height
    if pixels > pixel_cap:
        raise ImageTooLarge(
            f"The picture has {width} x {height} pixels, more than the {pixel_cap / 1e6:g} megapixels allowed.",
            "Give a smaller version of it.",
        )
    if pixels > _LARGE_PIXELS and pixels > _MAX_PIXELS_PER_BYTE * length:
        raise ImageTooLarge(
            f"The file claims {width} x {height} pixels but holds only {length} bytes; it is no photo.",
            "Give the file as the camera wrote it.",
        )


def check_structure(data: bytes, form: str, pixel_cap: int) -> None:
    """Check the structure of a file of the format `form`.

    Raises
    ------
    ImageTooLarge
        If a WebP file has more pixels than the cap. Its decoder would allocate the picture at once.
    ValueError, struct.error
        If the file is truncated, or has too many parts.
    """
    checks: dict[str, Callable[[bytes, int], None]] = {"jpeg": _jpeg, "png": _png, "webp": _webp, "tiff": _tiff}
    if form in checks:
        checks[form](data, pixel_cap)


def _jpeg(data: bytes, _: int) -> None:
    parts = list(jpeg_segments.iterate_segments(data))
    scan = parts[-1]
    # Inside a scan, 0xFF is always followed by 0 or a restart marker, so that EOI cannot occur by chance.
    # Cameras append films and second pictures, so that the file need not end with EOI; but without
    # any EOI the first picture is truncated.
    if data.rfind(jpeg_segments.EOI, scan.end) < 0:
        raise ValueError("the file ends before its picture does")
    # The decoder goes over the whole picture for every scan, even one of a few bytes, so the number of scans
    # is limited. A sequential picture whose first scan has all components has no other scan to be counted.
    frame = next((part for part in parts if part.marker in _SEQUENTIAL), None)
    if frame is not None and frame.payload(data)[5] == scan.payload(data)[0]:
        return
    if data.count(_SOS, scan.end, data.find(jpeg_segments.EOI, scan.end)) > _MAX_SCANS:
        raise ValueError("there are too many scans")


def iterate_png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of every PNG chunk to the last; the content of pixels (IDAT) is left out.

    Raises
    ------
    ValueError, struct.error
        If the file ends before its last chunk, or has too many chunks.
    """
    place = 8
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, place)
        if place + 12 + length > len(data):
            raise ValueError("the file ends inside a chunk")
        yield kind, data[place + 8 : place + 8 + length] if kind != b"IDAT" else b""
        if kind == b"IEND":
            return
        place += 12 + length
    raise ValueError("there are too many chunks")


def _png(data: bytes, _: int) -> None:
    for _kind, _content in iterate_png_chunks(data):
        pass


def _webp(data: bytes, pixel_cap: int) -> None:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise ValueError("the file ends early")
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    check_size(width, height, len(data), pixel_cap)


def count_tiff_pages(data: bytes) -> int:
    """Count the pages of a TIFF file, up to a hundred."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count, offset, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
    (place,) = struct.unpack_from(order + offset, data, 8 if big else 4)
    seen: set[int] = set()
    while place and place not in seen and len(seen) < _MAX_PAGES:
        seen.add(place)
        (tags,) = struct.unpack_from(order + count, data, place)
        if tags > _MAX_TAGS:
            raise ValueError("there are too many tags")
        (place,) = struct.unpack_from(order + offset, data, place + struct.calcsize(order + count) + entry * tags)
    return len(seen)


def _tiff(data: bytes, _: int) -> None:
    count_tiff_pages(data)
