"""Settle or release what was reserved for a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio import CancelScope
from starlette.responses import Response

from idphoto.server.observe.logs import log

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from idphoto.server.context import ServerContext
    from idphoto.server.ledger import Reservation

__all__ = ["BilledResponse", "release_reservation"]


class BilledResponse(Response):
    """A response whose reservation is settled when it has been sent, or before if its answer is kept.

    Attributes
    ----------
    response : Response
        What is sent.
    """

    def __init__(
        self, response: Response, context: ServerContext, reservation: Reservation, price: int, capability: str
    ) -> None:
        self.response, self._context = response, context
        self._reservation, self._price, self._capability = reservation, price, capability
        self._is_settled = False
        self.status_code = response.status_code
        self.background = None

    async def settle(self, *answered: Any) -> None:
        """Settle the reservation; `answered` are row and content of an answer that is kept.

        If the ledger fails, an answer that is kept is not given, and the exception is passed on. Otherwise the answer
        has been given, and the next clean-up settles.
        """
        credit_store = self._context.credits
        assert credit_store is not None
        try:
            is_booked = await self._context.run_ledger_write(
                credit_store.settle, self._reservation, self._price, answered or None
            )
        except Exception:
            self._context.unbooked[self._reservation] = 0 if answered else self._price
            if answered:
                raise
            log.exception("settle-failed")
            return
        self._is_settled = True
        if is_booked:
            self._context.metrics.spent.labels(self._capability).inc(self._price)

    async def release(self) -> None:
        """Return the reservation, unless it has been settled."""
        if not self._is_settled:
            await release_reservation(self._context, self._reservation)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, then settle."""
        try:
            await self.response(scope, receive, send)
        except BaseException:
            await self.release()
            raise
        if not self._is_settled:
            with CancelScope(shield=True):
                await self.settle()


async def release_reservation(context: ServerContext, reservation: Reservation) -> None:
    """Return a reservation to its account. If the ledger fails, the next clean-up does it."""
    assert context.credits is not None
    with CancelScope(shield=True):
        try:
            await context.run_ledger_write(context.credits.release, reservation)
        except Exception:
            context.unbooked[reservation] = 0
            log.exception("give-back-failed")
