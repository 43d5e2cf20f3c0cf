"""Frames: how the server and a worker speak. One JSON object, then blobs of bytes.

JSON rather than pickle: a worker opens files of strangers, and must not be able to make the
server run anything.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Sequence

__all__ = ["Frame", "pack", "read", "receive"]

_LENGTHS = struct.Struct("!II")  # of the JSON, and how many blobs follow
_SIZE = struct.Struct("!Q")
_MOST_JSON, _MOST_BLOB, _MOST_BLOBS = 64 * 2**20, 2**30, 1000


class Frame(NamedTuple):
    """One message."""

    head: dict[str, Any]
    blobs: list[bytes]


def pack(head: dict[str, Any], blobs: Sequence[bytes] = ()) -> list[bytes]:
    """Write a frame as pieces that are sent one after another."""
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    sizes = b"".join(_SIZE.pack(len(blob)) for blob in blobs)
    return [_LENGTHS.pack(len(text), len(blobs)) + sizes + text, *blobs]


def _checked(length: int, most: int) -> int:
    if length > most:
        raise ConnectionError("a frame is longer than any can be")
    return length


async def read(stream: asyncio.StreamReader) -> Frame:
    """Read a frame in the server.

    Raises
    ------
    ConnectionError, asyncio.IncompleteReadError
        If the worker is gone, or speaks nonsense.
    """
    length, count = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
    sizes = await stream.readexactly(_SIZE.size * _checked(count, _MOST_BLOBS))
    head = json.loads(await stream.readexactly(_checked(length, _MOST_JSON)))
    blobs = [await stream.readexactly(_checked(size, _MOST_BLOB)) for (size,) in _SIZE.iter_unpack(sizes)]
    return Frame(head, blobs)


def receive(connection: socket.socket) -> Frame | None:
    """Read a frame in a worker; None when the server has closed its end."""
    lengths = _exactly(connection, _LENGTHS.size)
    if lengths is None:
        return None
    length, count = _LENGTHS.unpack(lengths)
    sizes = _exactly(connection, _SIZE.size * count) if count else b""
    text = _exactly(connection, length)
    if sizes is None or text is None:
        return None
    blobs = []
    for (size,) in _SIZE.iter_unpack(sizes):
        blob = _exactly(connection, size)
        if blob is None:
            return None
        blobs.append(blob)
    return Frame(json.loads(text), blobs)


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    buffer = bytearray(length)
    view, done = memoryview(buffer), 0
    while done < length:
        got = connection.recv_into(view[done:])
        if got == 0:
            return None
        done += got
    return bytes(buffer)
