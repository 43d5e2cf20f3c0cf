"""Check the structure of a file quickly, before any decoder opens it.

The checks find truncated files at once, read the size of pictures whose decoder would allocate memory
before it reports the size, and limit the number of parts, since decoders are slow with many.
"""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from idphoto.decode import jpeg_segments
from idphoto.errors import ImageTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "EXIF_NAME",
    "MAX_EXIF_BYTES",
    "check_size",
    "check_structure",
    "check_tags",
    "count_tiff_pages",
    "iterate_png_chunks",
]

_MAX_CHUNKS = 100_000  # a 200-megapixel PNG written in chunks of 8 KB has fewer
_MAX_TAGS = 1000  # a TIFF with the tags of all cameras has some 200
_MAX_ENTRIES = 20_000  # of a directory of tags that may be broken
_MAX_BLOCKS = 16  # of what looks like Exif tags in one file; a photo has one, and the notes of its camera
_MAX_PAGES = 100
_MAX_OVERLAP = 4
"""Bytes of all values of a directory of tags, in lengths of the file. Those of a camera do not overlap."""

# Bytes of a value by its type; TIFF 6.0 and its technical note on 64-bit offsets.
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_POINTERS = frozenset({330, 34665, 34853, 40965})  # tags that point to a directory: SubIFDs, Exif, GPS, Interop
_TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+")

MAX_EXIF_BYTES = 1_000_000
"""Longer blocks of Exif tags are ignored; the Exif segment of a JPEG has 64 KB at most."""

EXIF_NAME = b"Exif\0\0"
"""First bytes of the JPEG segment that carries Exif tags."""

_USUAL_SCANS = 16  # progressive JPEGs have 5 to 15
_MAX_SCANS = 64
_MAX_SCANNED_PIXELS = 500_000_000  # in all scans together, if there are more than usual; 3 s of work
_SOS = bytes([0xFF, jpeg_segments.SOS])
_FRAMES = frozenset({*range(jpeg_segments.SOF0, jpeg_segments.SOF0 + 16)} - {0xC4, 0xC8, 0xCC})
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
    checks: dict[str, Callable[[bytes, int], None]] = {
        "jpeg": _jpeg,
        "png": _png,
        "webp": _webp,
        "tiff": _tiff,
        "heic": _media,
        "avif": _media,
    }
    if form in checks:
        checks[form](data, pixel_cap)


def _jpeg(data: bytes, _: int) -> None:
    parts = list(jpeg_segments.iterate_segments(data))
    scan = parts[-1]
    # Pillow joins all segments of Exif tags.
    blocks = [part.payload(data) for part in parts if part.marker == jpeg_segments.APP1]
    _check_exif(b"".join(block[len(EXIF_NAME) :] for block in blocks if block.startswith(EXIF_NAME)))
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
    scans = 1 + data.count(_SOS, scan.end, data.find(jpeg_segments.EOI, scan.end))
    height, width = next(
        (struct.unpack_from(">HH", data, part.start + 5) for part in parts if part.marker in _FRAMES), (0, 0)
    )
    if scans > _MAX_SCANS or (scans > _USUAL_SCANS and scans * width * height > _MAX_SCANNED_PIXELS):
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
    for kind, content in iterate_png_chunks(data):
        if kind == b"eXIf":
            _check_exif(content)


def _webp(data: bytes, pixel_cap: int) -> None:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise ValueError("the file ends early")
    _check_blocks(data)
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    check_size(width, height, len(data), pixel_cap)


class _Directories:
    """The layout of a TIFF file, or of a block of Exif tags, which has the same form. TIFF 6.0, section 2."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._order = "<" if data[:2] == b"II" else ">"
        self._big = data[2:4] in (b"+\0", b"\0+")
        self._offset = "Q" if self._big else "I"
        self._entry = "HHQ" if self._big else "HHI"

    def first(self) -> int:
        """Return the place of the first directory."""
        return self._read(self._offset, 8 if self._big else 4)

    def read(self, place: int, *, whole: bool = False) -> tuple[list[tuple[int, int, int]], int]:
        """Return tag, bytes and place (or value, if it has 4 bytes) of each entry, and the place of the next directory.

        Entries whose values are not all inside the file have 0 bytes, since they cannot be read.

        Raises
        ------
        ValueError
            If it has too many tags, or if `whole` is true and the file ends before the values of a tag.
        """
        count = self._read("Q" if self._big else "H", place)
        place += 8 if self._big else 2
        inline, length = (8, 20) if self._big else (4, 12)
        entries = []
        count = min(count, (len(self.data) - place) // length)
        if count > _MAX_ENTRIES:
            raise ValueError("there are too many tags")
        for _ in range(count):
            tag, kind, number = struct.unpack_from(self._order + self._entry, self.data, place)
            target = self._read(self._offset, place + length - inline)
            size = number * _TYPE_BYTES.get(kind, 0)
            inside = target + size <= len(self.data)
            if whole and size > inline and not inside:
                raise ValueError("the file ends before the values of a tag")
            entries.append((tag, size if size > inline and inside else 0, target))
            place += length
        return entries, self._read(self._offset, place) if place + inline <= len(self.data) else 0

    def next(self, place: int) -> int:
        """Return the place of the directory after this one; 0 after the last.

        Raises
        ------
        ValueError
            If it has too many tags.
        struct.error
            If it is not inside the file.
        """
        count = self._read("Q" if self._big else "H", place)
        if count > _MAX_TAGS:
            raise ValueError("there are too many tags")
        return self._read(self._offset, place + (8 + 20 * count if self._big else 2 + 12 * count))

    def _read(self, form: str, place: int) -> int:
        return int(struct.unpack_from(self._order + form, self.data, place)[0])


def check_tags(data: bytes) -> None:
    """Refuse tags whose values lie over one another. A decoder would copy each: a megabyte becomes many gigabytes.

    Parameters
    ----------
    data : bytes
        A TIFF file, or a block of Exif tags.

    Raises
    ------
    ValueError
        If the values of one directory have more than `_MAX_OVERLAP` times the bytes of the file.
    """
    directories = _Directories(data)
    places, seen = [directories.first()], set[int]()
    while places and len(seen) < _MAX_PAGES:
        place = places.pop()
        if place in seen or not 0 < place < len(data):
            continue
        seen.add(place)
        with suppress(struct.error):  # the end of a broken directory is beyond the file
            entries, following = directories.read(place)
            if sum(size for _, size, _ in entries) > _MAX_OVERLAP * len(data):
                raise ValueError("the values of the tags lie over one another")
            places += [following, *(target for tag, _, target in entries if tag in _POINTERS)]


def count_tiff_pages(data: bytes) -> int:
    """Count the pages of a TIFF file, up to a hundred."""
    directories = _Directories(data)
    place, seen = directories.first(), set[int]()
    while place and place not in seen and len(seen) < _MAX_PAGES:
        seen.add(place)
        place = directories.next(place)
    return len(seen)


def _check_exif(block: bytes) -> None:
    """Refuse a block of Exif tags that would take much memory. Tags that are merely broken are ignored later."""
    with suppress(struct.error):
        check_tags(block.removeprefix(EXIF_NAME))


def _tiff(data: bytes, _: int) -> None:
    count_tiff_pages(data)
    check_tags(data)
    directories = _Directories(data)
    directories.read(directories.first(), whole=True)


def _media(data: bytes, _: int) -> None:
    _check_blocks(data)


def _check_blocks(data: bytes) -> None:
    """Check what may be Exif tags, wherever it lies in the file: decoders read them while they open it."""
    for number, found in enumerate(_TIFF_HEADER.finditer(data)):
        if number == _MAX_BLOCKS:
            raise ValueError("there are too many blocks of tags")
        _check_exif(data[found.start() : found.start() + MAX_EXIF_BYTES])
