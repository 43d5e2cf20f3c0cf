"""The segments of a JPEG file: walking over them and inserting more. ITU-T T.81, annex B."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["APP0", "APP1", "APP2", "COM", "EOI", "LONGEST", "SOF0", "SOS", "Segment", "insert", "segment", "segments"]

APP0, APP1, APP2, COM, SOF0, SOS = 0xE0, 0xE1, 0xE2, 0xFE, 0xC0, 0xDA
EOI = b"\xff\xd9"
LONGEST = 65533
"""Most bytes that one segment can carry."""

# A file with more is built to cost time: an extended XMP packet of 50 MB has 800 segments.
_MOST_SEGMENTS = 4096
# libjpeg skips junk between segments, byte by byte; real files have none or a few bytes.
_MOST_JUNK = 4096
# Markers without a length: TEM and the restart markers.
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


class Segment(NamedTuple):
    """One segment: its marker's second byte, where it begins, and where the next one does."""

    marker: int
    start: int
    end: int

    def payload(self, data: bytes) -> bytes:
        """What the segment carries."""
        return data[self.start + 4 : self.end]


def segments(data: bytes) -> Iterator[Segment]:
    """Walk over the segments from after SOI to the first scan, which is the last one given.

    Raises
    ------
    ValueError
        If the file ends before, or is no chain of segments.
    """
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("no start of image")
    place = 2
    for _ in range(_MOST_SEGMENTS):
        start = data.find(b"\xff", place, place + _MOST_JUNK)
        place = start
        while 0 <= place < start + _MOST_JUNK and data[place : place + 1] == b"\xff":
            place += 1  # any number of fill bytes may stand before a marker
        if start < 0 or place + 3 > len(data) or data[place] == 0xFF:
            raise ValueError("the file ends before its picture begins, or holds junk")
        marker = data[place]
        place += 1
        if marker in _BARE or marker == 0:
            continue
        (length,) = struct.unpack_from(">H", data, place)
        end = place + length
        if length < 2 or end > len(data):
            raise ValueError("a segment is longer than the file")
        yield Segment(marker, place - 2, end)
        if marker == SOS:
            return
        place = end
    raise ValueError("there are too many segments")


def segment(marker: int, payload: bytes) -> bytes:
    """Write one segment.

    Raises
    ------
    ValueError
        If `payload` is longer than `LONGEST`.
    """
    if len(payload) > LONGEST:
        raise ValueError(f"a JPEG segment holds {LONGEST} bytes, not {len(payload)}")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def insert(data: bytes, new: Iterable[bytes]) -> bytes:
    """Insert whole segments after the application segments with which the file begins."""
    place = 2
    for found in segments(data):
        if not APP0 <= found.marker <= APP0 + 15:
            break
        place = found.end
    return data[:place] + b"".join(new) + data[place:]
