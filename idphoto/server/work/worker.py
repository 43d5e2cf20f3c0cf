"""Run a worker process: open the models, give up the right to write files, and run tasks until the server hangs up."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import resource
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from typing import Any

from idphoto.backends.threads import limit_opencv
from idphoto.errors import IdPhotoError
from idphoto.server.work.confinement import confine_files, confine_network, data_bytes, limit_job, limit_process
from idphoto.server.work.frames import Frame, pack_frame, receive_frame
from idphoto.server.work.task_result import OUT_OF_MEMORY

__all__ = ["main"]

MAX_RETAINED_BYTES = 256 * 2**20
"""Memory that a worker may keep between tasks, in addition to that of models and libraries."""

ALARM_GRACE_S = 15
"""If the server has not killed a worker this long after the time limit of its task, the worker ends itself."""

MAX_REPORTED_FRAMES = 6

# OpenCV, ONNX Runtime and the C++ library.
_ALLOCATION_FAILED = re.compile(r"Insufficient memory|Failed to allocate|bad_?alloc|bad allocation", re.IGNORECASE)


def main() -> None:
    """Run tasks from the socket whose file descriptor is the first argument of the command line.

    If the second one is ``confine``, the process gives up the network and most files before.
    """
    connection, confine = socket.socket(fileno=int(sys.argv[1])), sys.argv[2] == "confine"
    # Ctrl+C in a terminal reaches every process of the group, but the server decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_process()
    # Before a library starts a thread, because Landlock confines single threads and those that they start.
    confined = {"network": confine and confine_network(), "files": confine and confine_files()}
    _warm_up()
    gc.collect()
    gc.freeze()  # models and modules stay; to search them after every task would take longer than some tasks
    base_memory, base_data = _resident_memory(), data_bytes()
    # From here on the kernel refuses every write of this process to a file. Sockets and devices still work.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _send(connection, {"ready": True, "rss": _resident_memory(), "confined": confined})
    while True:
        frame = receive_frame(connection)
        if frame is None:
            return
        # The alarm ends the process even if a decoder hangs and the server has died.
        signal.alarm(int(frame.head["seconds"]) + ALARM_GRACE_S)
        limit_job(base_data, frame.head["memory_mb"] * 2**20, frame.head["cpu_seconds"])
        head, blobs = _run_task(frame)
        del frame
        _send(connection, {**head, "rss": _resident_memory()}, blobs)
        del blobs
        signal.alarm(0)
        gc.collect()
        if _resident_memory() > base_memory + MAX_RETAINED_BYTES:
            _return_free_memory()


def _send(connection: socket.socket, head: dict[str, Any], blobs: list[bytes] | None = None) -> None:
    for piece in pack_frame(head, blobs or []):
        connection.sendall(piece)


def _run_task(frame: Frame) -> tuple[dict[str, Any], list[bytes]]:
    """Run the task of a frame, and return the head and the blobs of the answer. It raises nothing."""
    from idphoto.server.work.tasks import TASKS

    start = time.perf_counter()
    try:
        result = TASKS[frame.head["task"]](frame.head["options"], frame.blobs)
    except Exception as error:  # a bug must not end the worker
        return {"error": _describe_error(error), **_describe_cause(error)}, []
    timings = {**result.timings, "work": (time.perf_counter() - start) * 1000}
    return {"result": result.head, "timings": timings}, result.blobs


def _describe_error(error: Exception) -> dict[str, str]:
    """Return code, message and advice for an error of a task."""
    if _is_out_of_memory(error):
        message = "The picture takes more memory than one request may use."
        return {"code": OUT_OF_MEMORY, "message": message, "advice": "Send a smaller version of it."}
    if isinstance(error, IdPhotoError):
        return {"code": error.code, "message": error.message, "advice": error.advice}
    return {"code": "internal", "message": "", "advice": ""}


def _is_out_of_memory(error: BaseException | None) -> bool:
    """Return True if an allocation failed: each library says so in its own way."""
    while error is not None:
        if isinstance(error, MemoryError) or _ALLOCATION_FAILED.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _describe_cause(error: BaseException) -> dict[str, Any]:
    """Return the type of an error, and file and line of its innermost frames. Its message may quote the request."""
    last = error.__cause__ or error
    trace = [f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(last.__traceback__)]  # noqa: PTH119
    return {"cause": type(last).__name__, "trace": trace[-MAX_REPORTED_FRAMES:]}


def _resident_memory() -> int:
    """Return the resident memory of this process in bytes."""
    with suppress(OSError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - a file of the kernel
        return int(file.read().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _return_free_memory() -> None:
    """Return free memory of the heap to the system. The next task is a little slower for it."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _warm_up() -> None:
    """Open the models and import what tasks need, so that the first request need not wait for it."""
    import numpy as np

    import idphoto
    from idphoto import faces, matting, segmentation
    from idphoto.server.work.tasks import TASKS
    from idphoto.spec import load_colours, load_papers, spec_ids

    assert TASKS
    limit_opencv()
    faces.BACKENDS.get()
    segmentation.BACKENDS.get()
    matting.BACKENDS.get()
    with suppress(IdPhotoError):  # nobody is in this picture
        idphoto.cutout(np.full((64, 64, 3), 127, dtype=np.uint8), "white")
    load_colours(), load_papers(), spec_ids()


if __name__ == "__main__":
    main()
