"""Bill requests: a success is paid for, a failure never is.

Credits are reserved before the work begins. They are settled after the response has been sent, and released in every
other case. If the server dies in between, the next server that cleans up releases them. So after a crash a success can
be free, but a failure is never paid for. No other module reserves or settles credits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import CancelScope
from starlette.responses import Response

from idphoto.server.observe.logs import log
from idphoto.server.web.disconnect import run_unless_disconnected
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import Request
    from starlette.types import Receive, Scope, Send

    from idphoto.server.context import ServerContext
    from idphoto.server.ledger import Reservation

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
    context, key, capability = get_context(request), request.state.key, request.state.capability
    if context.credits is None or key is None or not capability.credits * count:
        return (await run_unless_disconnected(request.receive, work))[0]
    reservation = await context.run_ledger_write(context.credits.reserve, key.id, capability, count)
    try:
        response, due_count = await run_unless_disconnected(request.receive, work)
    except BaseException:
        await _release(context, reservation)
        raise
    return _BilledResponse(response, context, reservation, due_count * capability.credits, capability.name)


class _BilledResponse(Response):
    """A response whose reservation is settled when it has been sent."""

    def __init__(
        self, response: Response, context: ServerContext, reservation: Reservation, price: int, capability: str
    ) -> None:
        self._response, self._context = response, context
        self._reservation, self._price, self._capability = reservation, price, capability
        self.status_code = response.status_code
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, then settle."""
        credit_store = self._context.credits
        assert credit_store is not None
        try:
            await self._response(scope, receive, send)
        except BaseException:
            await _release(self._context, self._reservation)
            raise
        with CancelScope(shield=True):
            if await self._context.run_ledger_write(credit_store.settle, self._reservation, self._price):
                self._context.metrics.spent.labels(self._capability).inc(self._price)


async def _release(context: ServerContext, reservation: Reservation) -> None:
    assert context.credits is not None
    with CancelScope(shield=True):
        try:
            await context.run_ledger_write(context.credits.release, reservation)
        except Exception:  # if the ledger cannot be reached, the next server that starts releases the reservation
            log.exception("give-back-failed")
