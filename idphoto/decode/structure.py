"""Cheap checks of a file's skeleton, made before any decoder sees it.

They find truncated files at once, read the size where a decoder would allocate memory before it
can be asked, and bound the number of parts, since decoders walk over them slowly.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from idphoto.decode import jpeg_segments
from idphoto.errors import ImageTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["check", "check_size", "pages", "png_chunks"]

_MOST_CHUNKS = 100_000  # a 200-megapixel PNG written in chunks of 8 KB has fewer
_MOST_TAGS = 1000  # a TIFF with the tags of all cameras has some 200
_MOST_PAGES = 100
_MOST_SCANS = 64  # progressive JPEGs have 5 to 15
_SOS = bytes([0xFF, jpeg_segments.SOS])
_SEQUENTIAL = frozenset({jpeg_segments.SOF0, jpeg_segments.SOF0 + 1})

# Above this many pixels, a file with so many pixels per byte is a bomb: camera noise alone costs
# ten times more, and a sequential JPEG cannot hold over 256 even if it is blank.
_LARGE = 25_000_000
_PIXELS_PER_BYTE = 400


def check_size(width: int, height: int, length: int, pixel_cap: int) -> None:
    """Refuse a size in pixels that is over the cap, or that `length` bytes can hardly hold.

    Raises
    ------
    ImageTooLarge
        If so.
    """
    pixels = width * height
    if pixels > pixel_cap:
        raise ImageTooLarge(
            f"The picture has {width} x {height} pixels, more than the {pixel_cap / 1e6:g} megapixels allowed.",
            "Give a smaller version of it.",
        )
    if pixels > _LARGE and pixels > _PIXELS_PER_BYTE * length:
        raise ImageTooLarge(
            f"The file claims {width} x {height} pixels but holds only {length} bytes; it is no photo.",
            "Give the file as the camera wrote it.",
        )


def check(data: bytes, form: str, pixel_cap: int) -> None:
    """Check the skeleton of a file.

    Raises
    ------
    ImageTooLarge
        If a WebP file, whose decoder allocates the picture at once, is over the cap.
    ValueError, struct.error
        If the file is truncated, or has parts without end.
    """
    checks: dict[str, Callable[[bytes, int], None]] = {"jpeg": _jpeg, "png": _png, "webp": _webp, "tiff": _tiff}
    if form in checks:
        checks[form](data, pixel_cap)


def _jpeg(data: bytes, _: int) -> None:
    parts = list(jpeg_segments.segments(data))
    scan = parts[-1]
    # Inside a scan 0xFF is always followed by 0 or a restart marker, so EOI cannot occur by chance.
    # Cameras append films and second pictures; without any EOI the first picture is cut off.
    if data.rfind(jpeg_segments.EOI, scan.end) < 0:
        raise ValueError("the file ends before its picture does")
    # Every scan goes over the whole picture, however few bytes it has. A sequential picture whose
    # first scan has all the components has no other, and is spared the search.
    frame = next((part for part in parts if part.marker in _SEQUENTIAL), None)
    if frame is not None and frame.payload(data)[5] == scan.payload(data)[0]:
        return
    if data.count(_SOS, scan.end, data.find(jpeg_segments.EOI, scan.end)) > _MOST_SCANS:
        raise ValueError("there are too many scans")


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of every PNG chunk to the last; pixels (IDAT) are given as no content.

    Raises
    ------
    ValueError, struct.error
        If the file ends before its last chunk, or has chunks without end.
    """
    place = 8
    for _ in range(_MOST_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, place)
        if place + 12 + length > len(data):
            raise ValueError("the file ends inside a chunk")
        yield kind, data[place + 8 : place + 8 + length] if kind != b"IDAT" else b""
        if kind == b"IEND":
            return
        place += 12 + length
    raise ValueError("there are too many chunks")


def _png(data: bytes, _: int) -> None:
    for _kind, _content in png_chunks(data):
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


def pages(data: bytes) -> int:
    """Number of pages in a TIFF file, counted up to a hundred."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count, offset, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
    (place,) = struct.unpack_from(order + offset, data, 8 if big else 4)
    seen: set[int] = set()
    while place and place not in seen and len(seen) < _MOST_PAGES:
        seen.add(place)
        (tags,) = struct.unpack_from(order + count, data, place)
        if tags > _MOST_TAGS:
            raise ValueError("there are too many tags")
        (place,) = struct.unpack_from(order + offset, data, place + struct.calcsize(order + count) + entry * tags)
    return len(seen)


def _tiff(data: bytes, _: int) -> None:
    pages(data)
