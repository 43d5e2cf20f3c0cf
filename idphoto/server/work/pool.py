"""A bounded pool of worker processes with a bounded queue before it.

Processes rather than threads, because they can be ended: one that takes too long, holds too much
memory or dies costs one request. ``benchmarks/serve.md`` has the measured difference in speed.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import fail_after

from idphoto.server.refusals import RefusalReason, RequestRefused, reason_for_code
from idphoto.server.work.process import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from idphoto.server.settings import Settings

__all__ = ["Done", "Pool"]

SPARE = 2.0  # seconds that an abandoned job may go on; about what a new worker costs
RESTS = (0.0, 0.5, 2.0, 5.0, 15.0)  # seconds between attempts to start a worker that does not start


class Done(NamedTuple):
    """What a worker gave back."""

    head: dict[str, Any]
    blobs: list[bytes]
    timings: Mapping[str, float]
    """Milliseconds by stage, with `queue` and `work`."""


class Pool:
    """Worker processes, and who waits for them.

    Parameters
    ----------
    settings : Settings
        How many, how large, how long.
    notice : callable
        Called with an event's name and its data: ``worker-started``, ``worker-lost``, ``worker-replaced``,
        ``worker-ended``, ``job-failed``.
    """

    def __init__(self, settings: Settings, notice: Callable[..., None] = lambda *_, **__: None) -> None:
        self.settings = settings
        self.notice = notice
        self.size = settings.worker_count
        self.waiting = 0
        self.running = 0
        self._idle: asyncio.Queue[Process] = asyncio.Queue()
        self._heavy = asyncio.Semaphore(settings.hd_at_once)
        self._tasks: set[asyncio.Task[None]] = set()
        self._processes: set[Process] = set()
        self._busy: set[Process] = set()
        self._stopping = False

    @property
    def ready(self) -> int:
        """How many workers are alive."""
        return sum(process.alive for process in self._processes)

    async def start(self) -> None:
        """Start all workers. Requests may come at once; they wait until one is ready."""
        for _ in range(self.size):
            self._spawn(self._raise_one())

    async def stop(self) -> None:
        """End all workers; whoever still waits is refused."""
        self._stopping = True
        for process in list(self._processes):
            await process.end()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check_room(self) -> None:
        """Refuse at once, before an upload is read, if nobody more may wait.

        Raises
        ------
        RequestRefused
            If so.
        """
        if self._stopping or self.waiting >= max(self.settings.queue, 1):
            raise _full()

    async def run(
        self, task: str, options: Mapping[str, Any], blobs: Sequence[bytes], *, seconds: float, heavy: bool = False
    ) -> Done:
        """Have a job done.

        Parameters
        ----------
        task : str
            A name of :data:`idphoto.server.work.tasks.TASKS`.
        options : mapping
            Plain data.
        blobs : sequence of bytes
            Files.
        seconds : float
            How long the work itself may take.
        heavy : bool
            Whether only few of its kind may run at once.

        Raises
        ------
        RequestRefused
            If the queue is full, the wait or the work takes too long, the worker dies, or the job
            ends in an error of the library.
        """
        if self._stopping or (self._idle.empty() and self.waiting >= self.settings.queue):
            raise _full()
        begun = time.perf_counter()
        self.waiting += 1
        try:
            with fail_after(self.settings.queue_seconds):
                if heavy:
                    await self._heavy.acquire()
                try:
                    process = await self._take()
                except BaseException:
                    if heavy:
                        self._heavy.release()
                    raise
        except TimeoutError:
            raise _full() from None
        finally:
            self.waiting -= 1
        queued = (time.perf_counter() - begun) * 1000
        job = asyncio.ensure_future(process.do({"task": task, "options": options, "seconds": seconds}, blobs))
        self.running += 1
        try:
            with fail_after(seconds):
                frame = await asyncio.shield(job)
        except TimeoutError:
            self._spawn(self._replace(process, job, "worker-ended", patience=0.0))
            raise RequestRefused(RefusalReason.TIMED_OUT, f"The work took longer than {seconds:g} seconds.") from None
        except asyncio.CancelledError:
            self._spawn(self._replace(process, job, "worker-ended", patience=SPARE))
            raise
        except (OSError, EOFError, ValueError) as cause:
            self._spawn(self._replace(process, None, "worker-lost"))
            raise RequestRefused(RefusalReason.FAILED, "The picture could not be worked on.") from cause
        finally:
            self.running -= 1
            if heavy:
                self._heavy.release()
        self._give_back(process, frame.head)
        if "error" in frame.head:
            raise self._fault(task, frame.head)
        return Done(frame.head["result"], frame.blobs, {**frame.head["timings"], "queue": queued})

    async def _take(self) -> Process:
        """Wait for a worker that is alive."""
        while True:
            process = await self._idle.get()
            if process.alive:
                self._busy.add(process)
                return process

    def _fault(self, task: str, head: dict[str, Any]) -> RequestRefused:
        error = head["error"]
        reason = reason_for_code(error["code"])
        if reason is RefusalReason.FAILED:
            # Nothing that quotes the request: only what kind of error, and where.
            self.notice("job-failed", task=task, code=error["code"], cause=head.get("cause"), trace=head.get("trace"))
            return RequestRefused(reason, "The picture could not be worked on.", code=error["code"])
        return RequestRefused(reason, error["message"], code=error["code"], advice=error["advice"])

    def _give_back(self, process: Process, head: dict[str, Any]) -> None:
        if head["rss"] > self.settings.worker_memory_mb * 2**20:
            self._spawn(self._replace(process, None, "worker-replaced"))
        elif not self._stopping:
            self._busy.discard(process)
            self._idle.put_nowait(process)

    async def _replace(
        self, process: Process, job: asyncio.Future[Any] | None, event: str, patience: float = 0.0
    ) -> None:
        """Put a fresh worker in the place of one; or keep it, if its abandoned job ends soon."""
        if job is not None:
            with suppress(Exception):
                with fail_after(patience):
                    frame = await asyncio.shield(job)
                self._give_back(process, frame.head)
                return
            job.cancel()
        self._processes.discard(process)
        self._busy.discard(process)
        await process.end(gently=False)
        self.notice(event, pid=process.pid)
        await self._raise_one()

    async def _raise_one(self) -> None:
        """Start one worker, however often it takes."""
        for attempt in range(1_000_000):
            if self._stopping:
                return
            await asyncio.sleep(RESTS[min(attempt, len(RESTS) - 1)])
            process = Process()
            self._processes.add(process)
            try:
                await process.start()
            except (OSError, EOFError, ValueError, TimeoutError):
                self._processes.discard(process)
                await process.end(gently=False)
                if not self._stopping:
                    self.notice("worker-lost", pid=process.pid)
                continue
            self.notice("worker-started", pid=process.pid)
            self._idle.put_nowait(process)
            self._spawn(self._watch(process))
            return

    async def _watch(self, process: Process) -> None:
        """Replace a worker that dies in its sleep; who dies at work is replaced by whom it worked for."""
        await process.ended()
        if process in self._processes and process not in self._busy and not self._stopping:
            self._processes.discard(process)
            self.notice("worker-lost", pid=process.pid)
            await self._raise_one()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _full() -> RequestRefused:
    return RequestRefused(RefusalReason.OVERLOADED, "All workers are busy and the queue is full.", retry_after=5)
