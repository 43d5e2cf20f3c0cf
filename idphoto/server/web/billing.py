"""Success costs, failure never does: the one place where requests are paid for.

Credits are held before the work begins. They are settled after the answer has been sent, and
given back on every other way out. A crash in between leaves them held; they are then given back
by the next server that looks. So a crash can make a success free, but never a failure dear.
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
    """Do paid work, unless the client leaves.

    Parameters
    ----------
    request : Request
        Through a guarded route.
    work : callable
        Gives the answer, and how often the price is due: at most `count` times.
    count : int
        How often the price is held.

    Raises
    ------
    RequestRefused
        If the credits do not suffice, or the work fails.
    ClientDisconnected
        If the client leaves.
    """
    context, key, capability = get_context(request), request.state.key, request.state.capability
    if context.credits is None or key is None or not capability.credits:
        return (await run_unless_disconnected(request.receive, work))[0]
    reservation = await context.run_ledger_write(context.credits.reserve, key.id, capability, count)
    try:
        response, due = await run_unless_disconnected(request.receive, work)
    except BaseException:
        await _give_back(context, reservation)
        raise
    return _Paid(response, context, reservation, due * capability.credits, capability.name)


class _Paid(Response):
    """An answer that is paid for once it is sent."""

    def __init__(
        self, answer: Response, context: ServerContext, reservation: Reservation, price: int, capability: str
    ) -> None:
        self._answer, self._context = answer, context
        self._reservation, self._price, self._capability = reservation, price, capability
        self.status_code = answer.status_code
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and settle."""
        assert self._context.credits is not None
        try:
            await self._answer(scope, receive, send)
        except BaseException:
            await _give_back(self._context, self._reservation)
            raise
        with CancelScope(shield=True):
            if await self._context.run_ledger_write(self._context.credits.settle, self._reservation, self._price):
                self._context.metrics.spent.labels(self._capability).inc(self._price)


async def _give_back(context: ServerContext, reservation: Reservation) -> None:
    assert context.credits is not None
    with CancelScope(shield=True):
        try:
            await context.run_ledger_write(context.credits.give_back, reservation)
        except Exception:  # the ledger is away; what is held comes back when a server starts
            log.exception("give-back-failed")
