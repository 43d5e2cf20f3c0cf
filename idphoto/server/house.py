"""The house of a server: what all requests share. There is no other state."""

from __future__ import annotations

import asyncio
import ipaddress
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread

from idphoto.server.faults import Fault, Reason
from idphoto.server.ledger import Credits, Keys, Presence, open_database
from idphoto.server.ledger.database import is_sqlite
from idphoto.server.observe.logs import log
from idphoto.server.observe.metrics import Metrics
from idphoto.server.results import Results
from idphoto.server.web.body import UploadMemory
from idphoto.server.web.gate import Gate
from idphoto.server.work.pool import Pool
from idphoto.spec import spec_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from sqlalchemy import Engine

    from idphoto.server.settings import Settings

    ResultT = TypeVar("ResultT")

__all__ = ["House"]

SWEEP = 30.0  # seconds between looks for results past their time and for servers that died


class House:
    """Ledger, results, workers, memory and figures of one server.

    Parameters
    ----------
    settings : Settings
        How it is set up.

    Raises
    ------
    InputError
        If the ledger or the store cannot be opened, or belongs to another server.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.engine: Engine | None = None
        self.keys: Keys | None = None
        self.credits: Credits | None = None
        self._presence: Presence | None = None
        if settings.auth:
            self.engine = open_database(settings.database_url)
            self._presence = Presence(self.engine)
            self.keys = Keys(self.engine)
            self.credits = Credits(self.engine, self._presence.id)
        self.results = Results(settings.store_url, settings.result_seconds)
        self.uploads = UploadMemory(settings.upload_memory_mb * 2**20)
        self.gate = Gate(settings, self.keys)
        self.pool = Pool(settings, self._notice)
        self.metrics.watch(self.pool, self.uploads)
        self.stopping = False
        # SQLite has one writer: threads wait for it in a fair line here, rather than by trying again and again there.
        writers = 1 if self.engine is None or is_sqlite(self.engine) else 8
        self._writing = CapacityLimiter(writers)
        self._storing = CapacityLimiter(16)
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the workers, give back what a dead server held, delete what has ended, and go on doing so."""
        await self.pool.start()
        await to_thread.run_sync(spec_ids)  # reads every document, which would keep the first request waiting
        await self._sweep()
        self._sweeper = asyncio.ensure_future(self._sweep_for_ever())

    async def close(self) -> None:
        """Stop everything."""
        self.stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await self.pool.stop()
        if self._presence is not None:
            self._presence.close()
        if self.engine is not None:
            self.engine.dispose()

    async def write(self, call: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Call a method of the ledger that writes, in a thread."""
        return await to_thread.run_sync(call, *arguments, limiter=self._writing)

    async def store(self, call: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Call a method of the store, in a thread."""
        return await to_thread.run_sync(call, *arguments, limiter=self._storing)

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """On a machine without keys, refuse requests that a page of somebody else's makes a browser send.

        Raises
        ------
        Fault
            If the request did not come for this machine by its own name, or from a page of another.
        """
        if self.settings.auth:
            return
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        origin = urlsplit(headers.get("origin", "")).hostname
        if not _local(host) or (origin is not None and not _local(origin)) or headers.get("origin") == "null":
            raise Fault(Reason.FORBIDDEN, "Without keys, this server answers only to its own machine.")

    async def _sweep(self) -> None:
        try:
            ended = await self.store(self.results.sweep)
            self.metrics.swept.inc(ended)
            if self.credits is not None and self._presence is not None:
                holders = await to_thread.run_sync(self.credits.holders)
                dead = await to_thread.run_sync(self._presence.dead, holders)
                if dead:
                    count = await self.write(self.credits.recover, dead)
                    self.metrics.recovered.inc(count)
                    log.info("recovered", reservations=count, servers=len(dead))
        except Exception:  # a store or database that is away for a moment; the next sweep tries again
            log.exception("sweep-failed")

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP, self.settings.result_seconds))
            await self._sweep()

    def _notice(self, event: str, **about: object) -> None:
        self.metrics.workers.labels(event).inc()
        log.info(event, **about)


def _local(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
