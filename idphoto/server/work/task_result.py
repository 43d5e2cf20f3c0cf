"""The result of a task, as a worker makes it and the pool returns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["TaskResult"]


class TaskResult(NamedTuple):
    """Plain data, files, and the milliseconds of each stage of the work."""

    head: dict[str, Any]
    blobs: list[bytes]
    timings: Mapping[str, float]
    """The worker adds `work`, the time of the whole task; the pool adds `queue`, the time before it."""
