"""Limit the threads of the numeric libraries, so that several processes do not compete for the cores."""

from __future__ import annotations

import os

__all__ = ["THREAD_COUNT_VARIABLES", "count_cores", "limit_opencv", "thread_environment"]

THREAD_COUNT_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "IDPHOTO_THREADS")
"""Environment variables that the libraries read when they are loaded; the last one is for networks and OpenCV."""


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_environment(count: int = 1) -> dict[str, str]:
    """Return environment variables for a process whose libraries shall use so many threads."""
    return dict.fromkeys(THREAD_COUNT_VARIABLES, str(count))


def limit_opencv() -> None:
    """Let OpenCV use as many threads as the environment says."""
    import cv2

    cv2.setNumThreads(int(os.environ.get(THREAD_COUNT_VARIABLES[-1], "1")))
