"""Hold everything that the requests of one server share. There is no other state."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

from idphoto.server.access import AccessControl
from idphoto.server.ledger import AnswerStore, CreditStore, KeyStore, ServerLock, open_database
from idphoto.server.ledger.database import is_sqlite
from idphoto.server.observe.logs import log
from idphoto.server.observe.metrics import Metrics
from idphoto.server.results import ResultStore
from idphoto.server.sessions import SessionStore
from idphoto.server.upload_memory import UploadMemory
from idphoto.server.work.pool import WorkerPool
from idphoto.spec import spec_ids

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from sqlalchemy import Engine

    from idphoto.server.ledger import Reservation
    from idphoto.server.settings import Settings

    ResultT = TypeVar("ResultT")

__all__ = ["ServerContext"]

SWEEP_INTERVAL_S = 30.0
POSTGRES_WRITER_THREADS = 8
RESULT_STORE_THREADS = 16


class ServerContext:
    """The ledger, results, workers, memory and metrics of one server.

    Call :meth:`open` before the first request and :meth:`close` after the last one.

    Parameters
    ----------
    settings : Settings
        Settings of the server.

    Attributes
    ----------
    unbooked : dict of Reservation to int
        Reservations that could not be settled or released, since the ledger failed, and the credits that are due for
        them. The clean-up tries again.

    Raises
    ------
    InputError
        If the ledger or the store of results cannot be opened, or if another server uses the ledger's file.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.engine: Engine | None = None
        self.keys: KeyStore | None = None
        self.credits: CreditStore | None = None
        self.answers: AnswerStore | None = None
        self._server_lock: ServerLock | None = None
        if settings.auth:
            self.engine = open_database(settings.database_url)
            self._server_lock = ServerLock(self.engine)
            self.keys = KeyStore(self.engine)
            self.credits = CreditStore(self.engine, self._server_lock.id)
            self.answers = AnswerStore(self.engine, self._server_lock.id, settings.result_seconds)
        self.unbooked: dict[Reservation, int] = {}
        self.results = ResultStore(settings.store_url, settings.result_seconds)
        self.upload_memory = UploadMemory(settings.upload_memory_mb * 2**20)
        self.sessions = SessionStore(settings.sessions, settings.session_memory_mb * 2**20, settings.session_seconds)
        self.access = AccessControl(settings, self.keys)
        self.pool = WorkerPool(settings, self._record_worker_event)
        self.metrics.track_gauges(self.pool, self.upload_memory, self.sessions)
        self.stopping = False
        # SQLite allows one writer at a time. With one thread, calls wait here in their order instead of retrying.
        writers = 1 if self.engine is None or is_sqlite(self.engine) else POSTGRES_WRITER_THREADS
        self._ledger_threads = CapacityLimiter(writers)
        self._store_threads = CapacityLimiter(RESULT_STORE_THREADS)
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the workers, clean up once, and start the task that cleans up regularly."""
        await self.pool.start()
        await to_thread.run_sync(spec_ids)  # loads all specs, so that the first request need not wait for it
        await self._clean_up()
        self._sweeper = asyncio.ensure_future(self._clean_up_regularly())

    async def close(self) -> None:
        """Stop the clean-up and the workers, and close the ledger."""
        self.stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await self.pool.stop()
        if self._server_lock is not None:
            self._server_lock.release()
        if self.engine is not None:
            self.engine.dispose()

    async def run_ledger_write(self, call: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Call a method that writes to the ledger in a thread, and return its result."""
        return await to_thread.run_sync(call, *arguments, limiter=self._ledger_threads)

    async def run_store_call(self, call: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Call a method of the store of results in a thread, and return its result."""
        return await to_thread.run_sync(call, *arguments, limiter=self._store_threads)

    async def _clean_up(self) -> None:
        """Delete expired results, and release the credits that dead servers reserved."""
        self.sessions.end_idle()
        try:
            deleted = await self.run_store_call(self.results.delete_expired)
            self.metrics.swept.inc(deleted)
            if self.credits is not None and self.answers is not None and self._server_lock is not None:
                await self._book_again()
                holders = await to_thread.run_sync(self.credits.list_reserving_servers)
                holders |= await to_thread.run_sync(self.answers.list_working_servers)
                dead = await to_thread.run_sync(self._server_lock.find_dead, holders)
                await self.run_ledger_write(self.answers.clean_up, dead)
                if dead:
                    count = await self.run_ledger_write(self.credits.release_all_of, dead)
                    self.metrics.recovered.inc(count)
                    log.info("recovered", reservations=count, servers=len(dead))
        except Exception:  # the store or the database may be away for a moment; the next clean-up tries again
            log.exception("sweep-failed")

    async def _book_again(self) -> None:
        """Settle or release the reservations for which the ledger failed before."""
        assert self.credits is not None
        for reservation, price in list(self.unbooked.items()):
            await self.run_ledger_write(self.credits.settle, reservation, price)
            self.unbooked.pop(reservation, None)
            log.info("booked-again", credits=price)

    async def _clean_up_regularly(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP_INTERVAL_S, self.settings.result_seconds))
            await self._clean_up()

    def _record_worker_event(self, event: str, **fields: object) -> None:
        self.metrics.workers.labels(event).inc()
        log.info(event, **fields)
