"""A worker: a process that opens its models, locks itself in, and works until the server hangs up."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from typing import Any

from idphoto.errors import IdPhotoError
from idphoto.server.work.frames import Frame, pack, receive

__all__ = ["main"]

SLACK = 256 * 2**20  # bytes above what models and libraries take that a worker may keep between jobs
GRACE = 15  # seconds after a job's time at which a worker ends itself, if the server did not


def main() -> None:
    """Serve the socket whose descriptor is the first argument."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    # ^C in a terminal reaches every process of the group; the server decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A core dump would put somebody's picture on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _warm_up()
    gc.collect()
    gc.freeze()  # what is there now stays; looking through it after every job would take longer than some jobs
    settled = _rss()
    # From here on this process cannot put a byte into any file. (Sockets and devices are no files.)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _send(connection, {"ready": True, "rss": _rss()})
    while True:
        frame = receive(connection)
        if frame is None:
            return
        # Ends even a decoder that hangs, should the server have died meanwhile.
        signal.alarm(int(frame.head["seconds"]) + GRACE)
        head, blobs = _answer(frame)
        del frame
        _send(connection, {**head, "rss": _rss()}, blobs)
        del blobs
        signal.alarm(0)
        gc.collect()
        if _rss() > settled + SLACK:
            _trim()


def _send(connection: socket.socket, head: dict[str, Any], blobs: list[bytes] | None = None) -> None:
    for piece in pack(head, blobs or []):
        connection.sendall(piece)


def _answer(frame: Frame) -> tuple[dict[str, Any], list[bytes]]:
    from idphoto.server.work.tasks import TASKS

    start = time.perf_counter()
    try:
        done = TASKS[frame.head["task"]](frame.head["options"], frame.blobs)
    except IdPhotoError as error:
        return {"error": {"code": error.code, "message": error.message, "advice": error.advice}, **_cause(error)}, []
    except Exception as error:  # whatever it is, the next request shall find a worker
        return {"error": {"code": "internal", "message": "", "advice": ""}, **_cause(error)}, []
    timings = {**done.timings, "work": (time.perf_counter() - start) * 1000}
    return {"result": done.head, "timings": timings}, done.blobs


def _cause(error: BaseException) -> dict[str, Any]:
    """Where an error came from, by file and line; no message, since that may quote the request."""
    last = error.__cause__ or error
    trace = [f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(last.__traceback__)]  # noqa: PTH119
    return {"cause": type(last).__name__, "trace": trace[-6:]}


def _rss() -> int:
    """Resident memory of this process in bytes."""
    with suppress(OSError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - the kernel's, not a path of ours
        return int(file.read().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _trim() -> None:
    """Give memory back to the machine; the next job pays for it by asking again."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _warm_up() -> None:
    """Open the models and import what jobs need, so that the first request waits for nothing."""
    import cv2
    import numpy as np

    import idphoto
    from idphoto import faces, matting, segmentation
    from idphoto.server.work.tasks import TASKS
    from idphoto.spec import load_colours, load_papers, spec_ids

    assert TASKS
    cv2.setNumThreads(int(os.environ.get("IDPHOTO_THREADS", "1")))
    faces.BACKENDS.get()
    segmentation.BACKENDS.get()
    matting.BACKENDS.get()
    idphoto.cutout(np.full((64, 64, 3), 127, dtype=np.uint8), "white")
    load_colours(), load_papers(), spec_ids()


if __name__ == "__main__":
    main()
