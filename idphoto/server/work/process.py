"""Start, use and stop one worker process. This is the server's side; ``worker.py`` is the other one."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from anyio import fail_after

from idphoto.backends.threads import thread_environment
from idphoto.server.work.frames import Frame, pack_frame, read_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WorkerProcess"]

START_TIMEOUT_S = 120.0  # to import everything and open the models, on a slow machine
STOP_TIMEOUT_S = 5
READ_BUFFER_BYTES = 2**20

SECRET_VARIABLE_WORDS = ("DATABASE", "STORE", "TOKEN", "SECRET", "PASSWORD", "AWS_", "FSSPEC_")


class WorkerProcess:
    """A worker process and the socket to it.

    Parameters
    ----------
    confine : bool
        Whether the process gives up the network and most files.

    Attributes
    ----------
    confined : dict of str to bool
        Whether the kernel has taken the ``network`` and the ``files`` away from it; known when it is ready.
    """

    def __init__(self, *, confine: bool = True) -> None:
        self._confine = confine
        self.confined: dict[str, bool] = {}
        self._is_ready = False
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def pid(self) -> int:
        """Id of the process; 0 before it is started."""
        return self._process.pid if self._process is not None else 0

    @property
    def is_alive(self) -> bool:
        """True if the process has become ready and has not ended."""
        return self._is_ready and self._process is not None and self._process.returncode is None

    @property
    def end_signal(self) -> int:
        """Number of the signal that ended the process; 0 if it runs, or ended by itself."""
        code = self._process.returncode if self._process is not None else None
        return -code if code is not None and code < 0 else 0

    async def wait_for_exit(self) -> None:
        """Wait until the process has ended."""
        if self._process is not None:
            await self._process.wait()

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises
        ------
        OSError, EOFError, TimeoutError
            If it ends or does not become ready in time.
        """
        own_end, worker_end = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "idphoto.server.work.worker",
                str(worker_end.fileno()),
                "confine" if self._confine else "free",
                pass_fds=(worker_end.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Many workers with one thread each are faster than few with many threads.
                env={**thread_environment(1), **_public_environment()},
            )
        finally:
            worker_end.close()
        self._reader, self._writer = await asyncio.open_connection(sock=own_end, limit=READ_BUFFER_BYTES)
        with fail_after(START_TIMEOUT_S):
            ready = await read_frame(self._reader)
        self.confined = {name: bool(ready.head["confined"][name]) for name in ("network", "files")}
        self._is_ready = True

    async def run_task(self, head: dict[str, Any], blobs: Sequence[bytes]) -> Frame:
        """Send a task and wait for the answer. Only one task may run at a time.

        Raises
        ------
        OSError, EOFError
            If the worker crashes.
        """
        assert self._reader is not None
        assert self._writer is not None
        for piece in pack_frame(head, blobs):
            self._writer.write(piece)
            await self._writer.drain()
        return await read_frame(self._reader)

    async def stop(self, *, kill: bool = False) -> None:
        """Close the socket, upon which an idle worker ends, and wait for the end. A busy worker must be killed."""
        if self._writer is not None:
            self._writer.close()
        if self._process is None:
            return
        if kill:
            with suppress(ProcessLookupError):
                self._process.kill()
        try:
            with fail_after(STOP_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _public_environment() -> dict[str, str]:
    """Return the server's environment without its secrets. Workers decode files from strangers and need none."""
    return {
        name: value
        for name, value in os.environ.items()
        if not any(word in name.upper() for word in SECRET_VARIABLE_WORDS)
    }
