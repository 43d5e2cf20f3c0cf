"""Send the work of a request to a worker, and record how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.server.refusals import RequestRefused
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

    from idphoto.server.work.task_result import TaskResult

__all__ = ["run_task"]

WALL_TIME_FACTOR = 2
"""Time that work may take, in units of the computing time that it may use. It is longer if the machine is busy."""


async def run_task(request: Request, task: str, options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Let a worker run a task, within the limits of the request's capability.

    Parameters
    ----------
    request : Request
        A request on a guarded route.
    task : str
        A key of :data:`idphoto.server.work.tasks.TASKS`.
    options : mapping
        Options of the task, as plain data.
    blobs : sequence of bytes
        Files.

    Raises
    ------
    RequestRefused
        See :meth:`idphoto.server.work.pool.WorkerPool.run`.
    """
    context, capability, key = get_context(request), request.state.capability, request.state.key
    client = key.id if key is not None else ""
    limits = {
        "formats": capability.formats,
        "sides": capability.sides,
        "pixel_cap": capability.max_pixels,
        "may_halve": capability.may_halve,
    }
    try:
        result = await context.pool.run(
            task,
            {**options, "limits": limits},
            blobs,
            seconds=WALL_TIME_FACTOR * capability.seconds,
            cpu_seconds=capability.seconds,
            heavy=capability.heavy,
            client=client,
        )
    except RequestRefused as refusal:
        context.access.count_failed_work(key, refusal.work_seconds)
        raise
    context.metrics.observe_timings(result.timings)
    request.state.log_fields["timings"] = {name: round(ms, 1) for name, ms in result.timings.items()}
    return result
