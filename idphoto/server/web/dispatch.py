"""Having a request worked on, and noting how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

    from idphoto.server.work.pool import Done

__all__ = ["run_task"]


async def run_task(request: Request, task: str, options: Mapping[str, Any], blobs: Sequence[bytes]) -> Done:
    """Have a worker do a task within the limits of the request's capability.

    Raises
    ------
    RequestRefused
        See :meth:`idphoto.server.work.pool.Pool.run`.
    """
    context, capability = get_context(request), request.state.capability
    limits = {"formats": capability.formats, "sides": capability.sides, "pixel_cap": capability.pixel_cap}
    done = await context.pool.run(
        task, {**options, "limits": limits}, blobs, seconds=capability.seconds, heavy=capability.heavy
    )
    context.metrics.time(done.timings)
    request.state.log_fields["timings"] = {name: round(ms, 1) for name, ms in done.timings.items()}
    return done
