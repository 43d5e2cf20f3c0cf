"""Who may come in: a key that is known and not locked, not too often and not too many at once."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import to_thread
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from idphoto.errors import InputError
from idphoto.server.faults import Fault, Reason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import Headers

    from idphoto.server.ledger import Key, Keys
    from idphoto.server.settings import Settings

__all__ = ["HEADER", "Gate"]

HEADER = "ailabapi-api-key"
"""Header of the key, as the hosted service calls it; ``Authorization: Bearer`` does as well."""


class Gate:
    """Lets requests in.

    Parameters
    ----------
    settings : Settings
        Rates.
    keys : Keys, optional
        Of the ledger; without, everybody is let in.

    Raises
    ------
    InputError
        If the rate is written wrongly.
    """

    def __init__(self, settings: Settings, keys: Keys | None) -> None:
        self._keys = keys
        self._at_once = settings.at_once
        self._inside: Counter[str] = Counter()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rates = _rates(settings.rate)
        # By address: one who guesses keys shall not cost much.
        self._stranger_rates = _rates(settings.stranger_rate)

    async def admit(self, headers: Headers, address: str) -> Key | None:
        """Check the key of a request; None where no keys are needed.

        Raises
        ------
        Fault
            If it is missing, unknown or locked, or comes too often.
        """
        if self._keys is None:
            return None
        sent = headers.get(HEADER, "")
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if not sent and scheme.lower() == "bearer":
            sent = bearer.strip()
        # Looked up before any rate is counted, so that nobody can use up the rate of another.
        key = await to_thread.run_sync(self._keys.find, sent) if 0 < len(sent) <= 200 else None
        if key is None:
            self._count(self._stranger_rates, "stranger", address)
            raise Fault(Reason.NO_KEY, f"Send your key in the header '{HEADER}'.")
        if key.disabled_at is not None:
            raise Fault(Reason.LOCKED_KEY, "This key has been locked.")
        self._count(self._rates, "key", key.id)
        return key

    def _count(self, rates: list[RateLimitItem], kind: str, who: str) -> None:
        for rate in rates:
            if not self._limiter.hit(rate, kind, who):
                wait = max(1, round(self._limiter.get_window_stats(rate, kind, who).reset_time - time.time()))
                raise Fault(Reason.TOO_MANY_REQUESTS, "Requests come too fast.", retry_after=wait)

    @asynccontextmanager
    async def inside(self, key: Key | None) -> AsyncIterator[None]:
        """Count a request of a key while it runs.

        Raises
        ------
        Fault
            If too many run already.
        """
        who = key.id if key is not None else ""
        if self._inside[who] >= self._at_once:
            raise Fault(Reason.TOO_MANY_REQUESTS, "Too many requests at once.", retry_after=1)
        self._inside[who] += 1
        try:
            yield
        finally:
            self._inside[who] -= 1
            if not self._inside[who]:
                del self._inside[who]


def _rates(text: str) -> list[RateLimitItem]:
    try:
        return parse_many(text)
    except ValueError as cause:
        raise InputError(f"'{text}' is no rate.", "Write it like '20/second; 600/minute'.") from cause
