"""Bill requests: a success is paid for, a failure never is.

Credits are reserved before the work begins. They are settled after the response has been sent, and released in every
other case. If the server dies in between, the next server that cleans up releases them. So after a crash a success can
be free, but a failure is never paid for. If the ledger cannot be written, the next clean-up tries again. No other
module reserves or settles credits.

A response counts as sent when all of it was handed to the connection; it may still be lost on the way. A client that
must not pay for a lost answer sends an Idempotency-Key (``idempotency.py``). Then the success is that the answer is
kept.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from idphoto.server.web.disconnect import run_unless_disconnected
from idphoto.server.web.idempotency import run_once
from idphoto.server.web.reservations import BilledResponse, release_reservation
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import Request
    from starlette.responses import Response

__all__ = ["run_billed"]


async def run_billed(request: Request, work: Callable[[], Awaitable[tuple[Response, int]]], count: int = 1) -> Response:
    """Run the work of a request unless its client disconnects, and bill it.

    Parameters
    ----------
    request : Request
        A request on a guarded route.
    work : callable
        Returns the response, and the number of times that the price is due, which is at most `count`.
    count : int
        Number of times that the price is reserved; 0 for a request that costs nothing.

    Raises
    ------
    RequestRefused
        If the credits do not suffice, or the work fails.
    ClientDisconnected
        If the client disconnects.
    """
    return await run_once(request, partial(_run_reserved, request, work, count))


async def _run_reserved(request: Request, work: Callable[[], Awaitable[tuple[Response, int]]], count: int) -> Response:
    context, key, capability = get_context(request), request.state.key, request.state.capability
    if context.credits is None or key is None or not capability.credits * count:
        return (await run_unless_disconnected(request.receive, work))[0]
    reservation = await context.run_ledger_write(context.credits.reserve, key.id, capability, count)
    try:
        response, due_count = await run_unless_disconnected(request.receive, work)
    except BaseException:
        await release_reservation(context, reservation)
        raise
    return BilledResponse(response, context, reservation, due_count * capability.credits, capability.name)
