"""Encode and decode frames, the messages between server and worker: one JSON object, then blobs of bytes.

Frames use JSON and not pickle, because a worker decodes files from strangers. If one takes over a worker, it must not
be able to make the server run code.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Sequence

__all__ = ["Frame", "pack_frame", "read_frame", "receive_frame"]

_HEADER = struct.Struct("!II")  # bytes of the JSON, number of blobs
_BLOB_SIZE = struct.Struct("!Q")
_MAX_JSON_BYTES, _MAX_BLOB_BYTES, _MAX_BLOBS = 64 * 2**20, 2**30, 1000


class Frame(NamedTuple):
    """One message."""

    head: dict[str, Any]
    blobs: list[bytes]


def pack_frame(head: dict[str, Any], blobs: Sequence[bytes] = ()) -> list[bytes]:
    """Return a frame as pieces, to be sent one after another."""
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    sizes = b"".join(_BLOB_SIZE.pack(len(blob)) for blob in blobs)
    return [_HEADER.pack(len(text), len(blobs)) + sizes + text, *blobs]


async def read_frame(stream: asyncio.StreamReader) -> Frame:
    """Read a frame in the server.

    Raises
    ------
    ConnectionError, asyncio.IncompleteReadError
        If the worker has ended, or sends a frame that exceeds the limits.
    """
    length, count = _HEADER.unpack(await stream.readexactly(_HEADER.size))
    sizes = await stream.readexactly(_BLOB_SIZE.size * _within(count, _MAX_BLOBS))
    head = json.loads(await stream.readexactly(_within(length, _MAX_JSON_BYTES)))
    blobs = [await stream.readexactly(_within(size, _MAX_BLOB_BYTES)) for (size,) in _BLOB_SIZE.iter_unpack(sizes)]
    return Frame(head, blobs)


def receive_frame(connection: socket.socket) -> Frame | None:
    """Read a frame in a worker. The result is None if the server has closed its end."""
    header = _receive_exactly(connection, _HEADER.size)
    if header is None:
        return None
    length, count = _HEADER.unpack(header)
    sizes = _receive_exactly(connection, _BLOB_SIZE.size * count) if count else b""
    text = _receive_exactly(connection, length)
    if sizes is None or text is None:
        return None
    blobs = []
    for (size,) in _BLOB_SIZE.iter_unpack(sizes):
        blob = _receive_exactly(connection, size)
        if blob is None:
            return None
        blobs.append(blob)
    return Frame(json.loads(text), blobs)


def _within(length: int, limit: int) -> int:
    if length > limit:
        raise ConnectionError("a frame exceeds the limits")
    return length


def _receive_exactly(connection: socket.socket, length: int) -> bytes | None:
    buffer = bytearray(length)
    view, received = memoryview(buffer), 0
    while received < length:
        count = connection.recv_into(view[received:])
        if count == 0:
            return None
        received += count
    return bytes(buffer)
