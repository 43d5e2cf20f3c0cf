"""One worker process as the server holds it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from anyio import fail_after

from idphoto.server.work.frames import Frame, pack, read

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Process"]

START = 120.0  # seconds in which a worker must have opened its models, on the slowest machine
BUFFER = 2**20  # bytes that a stream reads ahead

# One core each: many workers share a machine better than one that spreads its threads over it.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "IDPHOTO_THREADS")


class Process:
    """A worker process and the socket to it."""

    def __init__(self) -> None:
        self._is_ready = False
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def pid(self) -> int:
        """Its id; 0 before it is started."""
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        """Whether it runs, and has been ready once."""
        return self._is_ready and self._process is not None and self._process.returncode is None

    async def ended(self) -> None:
        """Wait until it has ended, for whatever reason."""
        if self._process is not None:
            await self._process.wait()

    async def start(self) -> None:
        """Start it and wait until it is ready.

        Raises
        ------
        OSError, EOFError, TimeoutError
            If it does not get ready.
        """
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "idphoto.server.work.worker",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**dict.fromkeys(THREADS, "1"), **_environment()},
            )
        finally:
            theirs.close()
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=BUFFER)
        with fail_after(START):
            await read(self._reader)
        self._is_ready = True

    async def do(self, head: dict[str, Any], blobs: Sequence[bytes]) -> Frame:
        """Send a job and wait for its answer; one at a time.

        Raises
        ------
        OSError, EOFError
            If the worker dies.
        """
        assert self._reader is not None
        assert self._writer is not None
        for piece in pack(head, blobs):
            self._writer.write(piece)
            await self._writer.drain()
        return await read(self._reader)

    async def end(self, *, gently: bool = True) -> None:
        """End it: by hanging up, or at once."""
        if self._writer is not None:
            self._writer.close()
        if self._process is None:
            return
        if not gently:
            with suppress(ProcessLookupError):
                self._process.kill()
        try:
            with fail_after(5):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _environment() -> dict[str, str]:
    """What a worker may know of the environment: where things are, and no secret of the server's."""
    secret = ("DATABASE", "STORE", "TOKEN", "SECRET", "PASSWORD", "AWS_", "FSSPEC_")
    return {name: value for name, value in os.environ.items() if not any(word in name.upper() for word in secret)}
