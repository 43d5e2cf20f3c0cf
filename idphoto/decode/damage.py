"""Find damaged files that a decoder would complete silently: an early end, a part that was lost or overwritten.

Decoders show as much of a damaged file as they can. They fill the missing part with grey, black or the last colour, and
report nothing, so that an ID photo made from such a file would have a plain area below the mouth. Checksums tell where
there are any (PNG, deflate). libjpeg's own warnings tell most in JPEG. Otherwise, what is looked for is a long run of
one byte, 0 or 255, as memory cards and interrupted copies leave it; compressed pictures have no such runs.

What lies between, other bytes in place of a part of a HEIC, AVIF or WebP file, cannot be told from a picture.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from idphoto.decode import jpeg_segments
from idphoto.decode.container import open_image, silence_pillow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["find_damage"]

_DHT = 0xC4
_END_OF_BLOCK = 0x00
_PROGRESSIVE = jpeg_segments.SOF0 + 2
_COMPRESSION, _JPEG_TABLES, _PLANAR = 259, 347, 284  # tags of TIFF 6.0
_UNCOMPRESSED, _JPEG_IN_TIFF, _DEFLATE = 1, 7, (8, 32946)  # values of the tag for compression
_RESTARTS = range(0xD0, 0xD8)
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # any but restart markers and the zero after a byte of 0xFF

_MIN_JPEG_ZEROS = 64
"""Zero bytes in a row that no Huffman-coded photo has. With the usual tables each zero bit is part of a coefficient
of -1, so 64 bytes would be a block of nothing but such coefficients, eight times over."""
_FILLS = (0, 255)
"""Bytes that stand where a part was lost."""
_MIN_RUN = 256
_MIN_RUN_SHARE = 0.01
"""Equal bytes in a row, and their share of the file, from which a compressed picture counts as overwritten."""
_INFLATE_BYTES = 2**20
"""Bytes that are unpacked at a time; only the checksum is wanted."""
_MIN_STEP = 24
_MIN_CONTENT_SHARE = 0.02
"""Difference in level, of 255, and share of the bytes beside lost rows that have it; a noisy bar has less."""
_EDGE_BYTES = 12  # four pixels at the edge of the picture
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
        Its format, as :func:`idphoto.decode.container.detect_format` names it.

    Returns
    -------
    str
        The damage in a few words; empty if none was found.
    """
    searches: dict[str, Callable[[bytes], str]] = {
        "jpeg": _in_jpeg,
        "png": _in_png,
        "webp": _in_webp,
        "heic": _in_media_data,
        "avif": _in_media_data,
        "tiff": _in_tiff,
        "bmp": _in_bmp,
    }
    return searches[form](data)


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
        elif re.search("premature end|bad huffman|corrupt jpeg data|marker type", warning, re.IGNORECASE):
            return warning
    return _find_faulty_scan(data)


class _Scan(NamedTuple):
    """A scan of a JPEG: its header (T.81, B.2.3), its entropy-coded bytes, and what a zero bit string means in it."""

    components: tuple[int, ...]
    spectrum: range
    is_refinement: bool
    last_bit: int
    start: int
    end: int
    zero_symbol: int | None


def _iterate_scans(data: bytes) -> Iterator[_Scan]:
    """Yield the scans of a JPEG in their order."""
    tables: dict[int, int] = {}
    parts = list(jpeg_segments.iterate_segments(data))
    place = parts[-1].start
    for part in parts:
        if part.marker == _DHT:
            tables |= _read_first_symbols(part.payload(data))
    while place + 4 <= len(data):
        marker, (length,) = data[place + 1], struct.unpack_from(">H", data, place + 2)
        end = place + 2 + length
        if marker == jpeg_segments.EOI[1] or end > len(data):
            return
        payload = data[place + 4 : end]
        if marker == _DHT:
            tables |= _read_first_symbols(payload)
        place = end
        if marker == jpeg_segments.SOS and payload:
            count = payload[0]
            first, last, bits = payload[1 + 2 * count : 4 + 2 * count]
            table = payload[2] >> 4 if first == 0 and last == 0 else 0x10 | payload[2] & 15
            place = _find_end_of_scan(data, end)
            yield _Scan(
                tuple(payload[1 : 1 + 2 * count : 2]),
                range(first, last + 1),
                bits >> 4 > 0,
                bits & 15,
                end,
                place,
                tables.get(table),
            )


def _find_end_of_scan(data: bytes, start: int) -> int:
    """Return the place of the first marker after a scan that is no restart marker."""
    found = _MARKER.search(data, start)
    return len(data) if found is None else found.start()


def _read_first_symbols(payload: bytes) -> dict[int, int]:
    """Return the symbol with the all-zero code in each table of a DHT segment, by class and identifier."""
    place, found = 0, {}
    while place + 17 < len(payload):
        count = sum(payload[place + 1 : place + 17])
        if count:
            found[payload[place]] = payload[place + 17]
        place += 17 + count
    return found


def _find_faulty_scan(data: bytes) -> str:
    """Find zeros in a scan whose tables give zeros a meaning other than "flat", and scans that are missing."""
    bits: dict[tuple[int, int], int] = {}
    progressive = any(part.marker == _PROGRESSIVE for part in jpeg_segments.iterate_segments(data))
    for scan in _iterate_scans(data):
        # Flat areas may well have zeros: as differences of 0, as ends of blocks, and as lower bits of DC.
        is_flat = scan.zero_symbol in (None, _END_OF_BLOCK) or (scan.is_refinement and 0 in scan.spectrum)
        coded = data[scan.start : scan.end].rstrip(b"\0")  # padding may stand at the end
        if not is_flat and bytes(_MIN_JPEG_ZEROS) in coded:
            return "a part of a scan is zero"
        bits |= {(component, place): scan.last_bit for component in scan.components for place in scan.spectrum}
    if progressive and (not bits or any(bits.values()) or len(bits) < 64 * len({key[0] for key in bits})):
        return "a scan is missing"
    return ""


def _in_png(data: bytes) -> str:
    """Compare the checksums of all chunks with pixels; decoders may go on after a wrong one."""
    place = 8
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 8 + length
        if kind == b"IDAT" and zlib.crc32(memoryview(data)[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            return "a checksum is wrong"
        place = end + 4
    return ""


def _in_webp(data: bytes) -> str:
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        if kind in (b"VP8 ", b"VP8L") and _has_long_run(data, place + 8, place + 8 + length):
            return "a part of the picture was overwritten"
        place += 8 + length + length % 2
    return ""


def _in_tiff(data: bytes) -> str:
    """Look at the strips or tiles of the first page: inside the file, and whole."""
    with silence_pillow():
        image = open_image(data, "tiff")
        directory = image.tag_v2
        compression = directory.get(_COMPRESSION, _UNCOMPRESSED)
        tables = directory.get(_JPEG_TABLES, b"")
        # StripOffsets and StripByteCounts, and those of tiles.
        strips = [
            strip
            for starts, lengths in ((273, 279), (324, 325))
            for strip in zip(directory.get(starts, ()), directory.get(lengths, ()), strict=False)
        ]
        in_tiles = 324 in directory
    if any(start + length > len(data) for start, length in strips):
        return "a strip of the picture is beyond the end of the file"
    if compression == _UNCOMPRESSED:
        whole = 0 if in_tiles or directory.get(_PLANAR, 1) != 1 else _find_row_length(image)
        return _find_lost_rows(data, strips, whole) if whole else ""
    for start, length in strips:
        if compression in _DEFLATE and not _inflates(data[start : start + length]):
            return "a strip of the picture cannot be unpacked"
        if compression == _JPEG_IN_TIFF:
            damage = _in_jpeg((tables[:-2] if tables else data[start : start + 2]) + data[start + 2 : start + length])
            if damage:
                return damage
        elif _has_long_run(data, start, start + length):
            return "a part of the picture was overwritten"
    return ""


def _inflates(packed: bytes) -> bool:
    """Return whether a zlib stream is whole, by its checksum."""
    stream = zlib.decompressobj()
    try:
        while packed and not stream.eof:
            stream.decompress(packed, _INFLATE_BYTES)
            if packed == stream.unconsumed_tail:
                break
            packed = stream.unconsumed_tail
    except zlib.error:
        return False
    return stream.eof


def _find_row_length(image: Any) -> int:
    """Return the bytes of a row of an uncompressed TIFF."""
    bits = image.tag_v2.get(258, (1,))
    return int(-(-image.size[0] * sum(bits if isinstance(bits, tuple) else (bits,)) // 8))


def _in_bmp(data: bytes) -> str:
    """Look for rows that were lost; rows are padded to four bytes."""
    start, header = struct.unpack_from("<II", data, 10)
    if header < 40:
        return ""
    width, height, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
    row = (width * depth + 31) // 32 * 4
    if compression not in (0, 3) or width <= 0:
        return ""
    return _find_lost_rows(data, [(start, row * abs(height))], row, row - width * depth // 8)


def _find_lost_rows(data: bytes, strips: list[tuple[int, int]], row: int, padding: int = 0) -> str:
    """Look for bytes of one value that begin or end in the middle of a row, with a picture before or after them.

    A black or white bar begins and ends with a row, and what surrounds a cutout reaches the edges of the picture. Where
    bytes were lost, the rest of that row is picture from the edge on, and so is the row beside it.
    """
    for first, length in strips:
        last = min(first + length, len(data))
        for start, end in _iterate_runs(data, first, last, row):
            fill = data[start]
            begun, ended = (start - first) % row, (end - first) % row
            if begun >= row - padding:
                begun, start = 0, start + row - begun
            left, right = start - begun, end - ended + row  # where the row begins that goes on, and where it ends
            parts = []
            if begun:
                parts.append(((left, min(left + _EDGE_BYTES, start)), (left, start), (max(left - row, first), left)))
            if ended and right <= last:
                parts.append(((max(right - _EDGE_BYTES, end), right), (end, right), (right, min(right + row, last))))
            if any(all(_is_picture(data, fill, *part) for part in three) for three in parts):
                return "rows of the picture were overwritten"
    return ""


def _is_picture(data: bytes, fill: int, start: int, end: int) -> bool:
    """Return whether some bytes are far from the one that fills; none at all say nothing against it."""
    levels = np.frombuffer(data, np.uint8, max(end - start, 0), start).astype(np.int16)
    return levels.size == 0 or bool((np.abs(levels - fill) > _MIN_STEP).mean() > _MIN_CONTENT_SHARE)


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
        if kind == b"mdat" and _has_long_run(data, place + head, place + length):
            return "a part of the picture was overwritten"
        place += length
    return ""


def _has_long_run(data: bytes, start: int, end: int) -> bool:
    length = max(_MIN_RUN, int(_MIN_RUN_SHARE * len(data)))
    return any(True for _ in _iterate_runs(data, start, end, length))


def _iterate_runs(data: bytes, start: int, end: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield where runs of at least `length` equal bytes, of one of `_FILLS`, begin and end."""
    for fill in _FILLS:
        run = bytes([fill]) * length
        rest = re.compile(re.escape(run[:1]) + b"*")
        place = data.find(run, start, end)
        while place >= 0:
            found = rest.match(data, place, end)
            assert found is not None
            yield place, found.end()
            place = data.find(run, found.end(), end)
