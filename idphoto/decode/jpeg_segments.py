"""Iterate over the segments of a JPEG file, insert further ones, and strip metadata. ITU-T T.81, annex B."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "APP0",
    "APP1",
    "APP2",
    "COM",
    "EOI",
    "MAX_PAYLOAD_BYTES",
    "SOF0",
    "SOS",
    "Segment",
    "build_segment",
    "insert_segments",
    "iterate_segments",
    "strip_metadata",
]

APP0, APP1, APP2, APP14, COM, SOF0, SOS = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xC0, 0xDA
EOI = b"\xff\xd9"
MAX_PAYLOAD_BYTES = 65533
"""Greatest number of bytes in the payload of a segment."""

# A file with more segments is meant to cost time: an extended XMP packet of 50 MB has 800.
_MAX_SEGMENTS = 4096
# libjpeg skips bytes between segments one by one; real files have none or a few of them.
_MAX_JUNK_BYTES = 4096
# Markers without a length: TEM and the restart markers.
_MARKERS_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class Segment(NamedTuple):
    """A segment: the second byte of its marker, its start, and its end, as offsets in the file."""

    marker: int
    start: int
    end: int

    def payload(self, data: bytes) -> bytes:
        """Return the payload of the segment, after marker and length."""
        return data[self.start + 4 : self.end]


def iterate_segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments from after SOI to the first scan (SOS), which is the last one yielded.

    Raises
    ------
    ValueError
        If the file ends before the first scan, or is no chain of segments.
    """
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("no start of image")
    place = 2
    for _ in range(_MAX_SEGMENTS):
        start = data.find(b"\xff", place, place + _MAX_JUNK_BYTES)
        place = start
        while 0 <= place < start + _MAX_JUNK_BYTES and data[place : place + 1] == b"\xff":
            place += 1  # any number of fill bytes may stand before a marker
        if start < 0 or place + 3 > len(data) or data[place] == 0xFF:
            raise ValueError("the file ends before its picture begins, or holds junk")
        marker = data[place]
        place += 1
        if marker in _MARKERS_WITHOUT_LENGTH or marker == 0:
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


def build_segment(marker: int, payload: bytes) -> bytes:
    """Build a segment from its marker and payload.

    Raises
    ------
    ValueError
        If `payload` is longer than `MAX_PAYLOAD_BYTES`.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a JPEG segment holds {MAX_PAYLOAD_BYTES} bytes, not {len(payload)}")
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def insert_segments(data: bytes, new: Iterable[bytes]) -> bytes:
    """Insert whole segments after the application segments with which the file begins."""
    place = 2
    for found in iterate_segments(data):
        if not APP0 <= found.marker <= APP0 + 15:
            break
        place = found.end
    return data[:place] + b"".join(new) + data[place:]


def strip_metadata(data: bytes) -> bytes:
    """Return a JPEG file with the same picture, bit for bit, and without its metadata.

    Kept are the resolution (JFIF) and the colour transform (Adobe), which decoders need. Exif, XMP, IPTC, GPS,
    profiles, comments, thumbnails, and all that follows the end of the picture are dropped. Phones append further
    pictures and notes there.

    Raises
    ------
    ValueError
        If the file ends before its picture ends, or is no chain of segments.
    """
    kept = [data[:2]]
    for segment in iterate_segments(data):
        payload = segment.payload(data)
        if segment.marker == APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 14:
            kept.append(build_segment(APP0, payload[:12] + b"\0\0"))  # a thumbnail of 0 x 0 pixels
        elif _is_part_of_picture(segment.marker) or (segment.marker == APP14 and payload.startswith(b"Adobe")):
            kept.append(data[segment.start : segment.end])
        place = segment.end
    kept.append(_strip_scans(data, place))
    return b"".join(kept)


def _is_part_of_picture(marker: int) -> bool:
    return marker != COM and not APP0 <= marker <= APP0 + 15


def _strip_scans(data: bytes, place: int) -> bytes:
    """Return the coded pixels from the end of the first SOS to EOI, without metadata between the scans."""
    kept: list[bytes] = []
    start = place
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise ValueError("the file ends before its picture ends")
        marker = data[place + 1]
        if marker == EOI[1]:
            return b"".join([*kept, data[start:place], EOI])
        if marker in _MARKERS_WITHOUT_LENGTH or marker == 0:
            place += 2
        elif marker == 0xFF:  # a fill byte
            place += 1
        else:
            if place + 4 > len(data):
                raise ValueError("the file ends before its picture ends")
            end = place + 2 + int(struct.unpack_from(">H", data, place + 2)[0])
            if not _is_part_of_picture(marker):
                kept.append(data[start:place])
                start = end
            place = end
