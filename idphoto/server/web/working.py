"""Having a request worked on, and noting how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.server.web.route import house_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

    from idphoto.server.work.pool import Done

__all__ = ["work"]


async def work(request: Request, task: str, options: Mapping[str, Any], blobs: Sequence[bytes]) -> Done:
    """Have a worker do a task within the limits of the request's capability.

    Raises
    ------
    Fault
        See :meth:`idphoto.server.work.pool.Pool.run`.
    """
    house, capability = house_of(request), request.state.capability
    limits = {"formats": capability.formats, "sides": capability.sides, "pixel_cap": capability.pixel_cap}
    done = await house.pool.run(
        task, {**options, "limits": limits}, blobs, seconds=capability.seconds, heavy=capability.heavy
    )
    house.metrics.time(done.timings)
    request.state.about["timings"] = {name: round(ms, 1) for name, ms in done.timings.items()}
    return done
