"""The result of a task, as a worker makes it and the pool returns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["OUT_OF_MEMORY", "TaskResult"]

OUT_OF_MEMORY = "work.memory"
"""Code of the error of a task that needed more memory than it may use."""


class TaskResult(NamedTuple):
    """Plain data, files, and the milliseconds of each stage of the work."""

    head: dict[str, Any]
    blobs: list[bytes]
    timings: Mapping[str, float]
    """The worker adds `work`, the time of the whole task; the pool adds `queue`, the time before it."""
