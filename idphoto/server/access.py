"""Control access to the service: API keys, request rates, and requests at the same time."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anyio import to_thread
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from idphoto.errors import InputError
from idphoto.server.loopback import is_loopback
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.datastructures import Headers

    from idphoto.server.ledger import ApiKey, KeyStore
    from idphoto.server.settings import Settings

__all__ = ["KEY_HEADER", "AccessControl"]

KEY_HEADER = "ailabapi-api-key"
"""Request header with the API key, as the hosted service names it. ``Authorization: Bearer`` is accepted as well."""

MAX_KEY_LENGTH = 200  # characters
RETRY_AFTER_CONCURRENCY_S = 1

FAILED_WORK_SHARE = 0.5
"""Share of the time of one worker that the work of a key may fail for without end."""


class AccessControl:
    """Check who may send a request, and how often.

    Parameters
    ----------
    settings : Settings
        The rates, the number of requests at the same time, and whether keys are needed.
    keys : KeyStore, optional
        The keys of the ledger. If it is None, no key is needed.

    Raises
    ------
    InputError
        If a rate of the settings cannot be parsed.
    """

    def __init__(self, settings: Settings, keys: KeyStore | None) -> None:
        self._keys = keys
        self._needs_keys = settings.auth
        self._max_concurrent = settings.at_once
        self._concurrent: Counter[str] = Counter()
        self._max_failed_s = settings.failing_seconds
        self._failed: dict[str, tuple[float, float]] = {}  # by key: seconds, and when they were counted
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._key_rates = _parse_rates(settings.rate)
        # Requests without a valid key are counted by address, so that guessing keys costs the server little.
        self._stranger_rates = _parse_rates(settings.stranger_rate)

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """Refuse requests from web pages of other hosts if no keys are needed.

        A page on any site can make a browser of this machine send requests to loopback. Such a request
        has a foreign ``Origin``, or a foreign ``Host`` if the page's own name resolves to loopback.

        Raises
        ------
        RequestRefused
            If the ``Host`` or the ``Origin`` of the request is not this machine.
        """
        if self._needs_keys:
            return
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        origin = urlsplit(headers.get("origin", "")).hostname
        is_foreign_page = (origin is not None and not is_loopback(origin)) or headers.get("origin") == "null"
        if is_foreign_page or not is_loopback(host):
            raise RequestRefused(
                RefusalReason.FORBIDDEN, "A server that runs without keys answers only requests of its own machine."
            )

    async def check_key(self, headers: Headers, address: str) -> ApiKey | None:
        """Find the API key of a request and count the request against its rate.

        Parameters
        ----------
        headers : Headers
            Headers of the request.
        address : str
            Network address of the client.

        Returns
        -------
        ApiKey or None
            None if no keys are needed.

        Raises
        ------
        RequestRefused
            If the key is missing, unknown or locked, or if the rate is exceeded.
        """
        if self._keys is None:
            return None
        sent = headers.get(KEY_HEADER, "")
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if not sent and scheme.lower() == "bearer":
            sent = bearer.strip()
        # The key is found before a rate is counted. Otherwise somebody without it could use up its rate.
        key = await to_thread.run_sync(self._keys.find, sent) if 0 < len(sent) <= MAX_KEY_LENGTH else None
        if key is None or key.disabled_at is not None:
            self._count(self._stranger_rates, "stranger", address)
        if key is None:
            raise RequestRefused(RefusalReason.NO_KEY, f"Send your API key in the header '{KEY_HEADER}'.")
        if key.disabled_at is not None:
            raise RequestRefused(RefusalReason.LOCKED_KEY, "This key has been locked.")
        self._count(self._key_rates, "key", key.id)
        return key

    def count_failed_work(self, key: ApiKey | None, seconds: float) -> None:
        """Count the time for which a worker worked on a request that then failed. Failures cost no credits."""
        if key is not None and seconds:
            self._failed[key.id] = (self._failed_seconds(key.id) + seconds, time.monotonic())

    def check_failed_work(self, key: ApiKey | None) -> None:
        """Refuse a request of a key whose requests have failed for too long.

        Raises
        ------
        RequestRefused
            If that is so.
        """
        if key is None:
            return
        excess = self._failed_seconds(key.id) - self._max_failed_s
        if excess > 0:
            raise RequestRefused(
                RefusalReason.TOO_MANY_REQUESTS,
                "Too much work for this key has failed.",
                advice="Send pictures that can be used.",
                retry_after=max(1, round(excess / FAILED_WORK_SHARE)),
            )

    def _failed_seconds(self, key_id: str) -> float:
        seconds, at = self._failed.get(key_id, (0.0, 0.0))
        left = max(0.0, seconds - FAILED_WORK_SHARE * (time.monotonic() - at))
        if not left:
            self._failed.pop(key_id, None)
        return left

    @asynccontextmanager
    async def limit_concurrency(self, key: ApiKey | None) -> AsyncIterator[None]:
        """Count a request of a key as running while the context is open.

        Raises
        ------
        RequestRefused
            If too many requests of this key run already.
        """
        client = key.id if key is not None else ""
        if self._concurrent[client] >= self._max_concurrent:
            raise RequestRefused(
                RefusalReason.TOO_MANY_REQUESTS,
                "Too many requests of this key run at the same time.",
                retry_after=RETRY_AFTER_CONCURRENCY_S,
            )
        self._concurrent[client] += 1
        try:
            yield
        finally:
            self._concurrent[client] -= 1
            if not self._concurrent[client]:
                del self._concurrent[client]

    def _count(self, rates: list[RateLimitItem], kind: str, client: str) -> None:
        """Count one request; raise RequestRefused if one of the rates is exceeded."""
        for rate in rates:
            if not self._limiter.hit(rate, kind, client):
                wait = max(1, round(self._limiter.get_window_stats(rate, kind, client).reset_time - time.time()))
                raise RequestRefused(RefusalReason.TOO_MANY_REQUESTS, "Requests come too fast.", retry_after=wait)


def _parse_rates(text: str) -> list[RateLimitItem]:
    try:
        return parse_many(text)
    except ValueError as cause:
        raise InputError(f"'{text}' is no rate.", "Write it like '20/second; 600/minute'.") from cause
