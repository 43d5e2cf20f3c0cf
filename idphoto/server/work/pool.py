"""Run tasks in a limited number of worker processes, with a limited queue before them.

Workers are processes and not threads, because a process can be killed: if a task takes too long, needs too much memory
or crashes, one request fails. ``benchmarks/README.md`` has the measured cost in speed.
"""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from anyio import fail_after

from idphoto.server.refusals import RefusalReason, RequestRefused, reason_for_code
from idphoto.server.work.process import WorkerProcess
from idphoto.server.work.task_result import OUT_OF_MEMORY, TaskResult
from idphoto.server.work.turns import QueueFull, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from idphoto.server.settings import Settings
    from idphoto.server.work.frames import Frame

__all__ = ["WorkerPool"]

ABANDONED_TASK_GRACE_S = 2.0
"""A task whose client has left may run on for this time. It is about what the start of a new worker costs."""

RESTART_DELAYS_S = (0.0, 0.5, 2.0, 5.0, 15.0)
"""Pauses before the first, second, ... attempt to start a worker; the last one is repeated."""

RETRY_AFTER_BUSY_S = 5


class WorkerPool:
    """Worker processes, and the requests that wait for one.

    Parameters
    ----------
    settings : Settings
        Number of workers, their memory, and the length of the queue.
    on_event : callable
        Called with the name of an event and its data. The events are ``worker-started``, ``worker-lost``,
        ``worker-replaced``, ``worker-ended`` and ``job-failed``.

    Attributes
    ----------
    running_count : int
        Number of requests that a worker works on.
    """

    def __init__(self, settings: Settings, on_event: Callable[..., None] = lambda *_, **__: None) -> None:
        self.settings = settings
        self.on_event = on_event
        self.size = settings.worker_count
        self.running_count = 0
        self._idle: Turns[WorkerProcess] = Turns(settings.queue)
        self._heavy_slots: Turns[None] = Turns(settings.queue)
        for _ in range(settings.hd_at_once):
            self._heavy_slots.put(None)
        self._background: set[asyncio.Task[None]] = set()
        self._processes: set[WorkerProcess] = set()
        self._busy: set[WorkerProcess] = set()
        self._stopping = False

    @property
    def ready_count(self) -> int:
        """Number of workers that are alive."""
        return sum(process.is_alive for process in self._processes)

    @property
    def waiting_count(self) -> int:
        """Number of requests that wait for a worker."""
        return self._idle.waiting_count + self._heavy_slots.waiting_count

    async def start(self) -> None:
        """Begin to start all workers, and return. Requests that come earlier wait until a worker is ready."""
        for _ in range(self.size):
            self._run_in_background(self._start_worker())

    async def stop(self) -> None:
        """Stop all workers. Requests that still wait are refused."""
        self._stopping = True
        for process in list(self._processes):
            await process.stop()
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    def check_room(self, client: str = "") -> None:
        """Check that a request of a client may join the queue. Call it before its upload is read.

        Raises
        ------
        RequestRefused
            If the queue is full.
        """
        # Without a queue, a request may still be sent while the worker is busy with the one before.
        if self._stopping or not (self._idle.has_room(client) or self.waiting_count < max(self.settings.queue, 1)):
            raise _queue_full()

    async def run(
        self,
        task: str,
        options: Mapping[str, Any],
        blobs: Sequence[bytes],
        *,
        seconds: float,
        cpu_seconds: float | None = None,
        heavy: bool = False,
        client: str = "",
    ) -> TaskResult:
        """Let a worker run a task.

        Parameters
        ----------
        task : str
            A key of :data:`idphoto.server.work.tasks.TASKS`.
        options : mapping
            Plain data.
        blobs : sequence of bytes
            Files.
        seconds : float
            Time limit of the work, without the wait for a worker.
        cpu_seconds : float, optional
            Limit of its computing time; the same if not given.
        client : str
            Whose request it is. Clients are served in turn.
        heavy : bool
            The task needs much memory; only `hd_at_once` tasks of this kind run at the same time.

        Raises
        ------
        RequestRefused
            If the queue is full, the wait or the work takes too long, the worker crashes, or the task raises an
            error of the library.
        """
        if self._stopping:
            raise _queue_full()
        begun = time.perf_counter()
        process = await self._wait_for_worker(heavy, client)
        queue_ms = (time.perf_counter() - begun) * 1000
        working = time.perf_counter()
        try:
            limits = {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds or seconds,
                "memory_mb": self.settings.hd_memory_mb if heavy else self.settings.job_memory_mb,
            }
            frame = await self._run_on(process, {"task": task, "options": options, **limits}, blobs)
        except RequestRefused as refusal:
            refusal.work_seconds = time.perf_counter() - working
            raise
        finally:
            if heavy:
                self._heavy_slots.put(None)
        self._return_worker(process, frame.head)
        if "error" in frame.head:
            failure = self._refusal(task, frame.head)
            failure.work_seconds = time.perf_counter() - working
            raise failure
        return TaskResult(frame.head["result"], frame.blobs, {**frame.head["timings"], "queue": queue_ms})

    async def _wait_for_worker(self, heavy: bool, client: str) -> WorkerProcess:
        """Wait for a slot if the task is heavy, then for an idle worker."""
        try:
            with fail_after(self.settings.queue_seconds):
                if heavy:
                    await self._heavy_slots.get(client)
                try:
                    return await self._take_idle_worker(client)
                except BaseException:
                    if heavy:
                        self._heavy_slots.put(None)
                    raise
        except (TimeoutError, QueueFull):
            raise _queue_full() from None

    async def _take_idle_worker(self, client: str) -> WorkerProcess:
        while True:
            process = await self._idle.get(client)
            if process.is_alive:
                self._busy.add(process)
                return process

    async def _run_on(self, process: WorkerProcess, head: dict[str, Any], blobs: Sequence[bytes]) -> Frame:
        """Send a task to a worker and wait for its answer. A worker that does not answer is replaced."""
        job = asyncio.ensure_future(process.run_task(head, blobs))
        self.running_count += 1
        try:
            with fail_after(head["seconds"]):
                return await asyncio.shield(job)
        except TimeoutError:
            self._run_in_background(self._replace_unless_done(process, job, patience_s=0.0))
            raise RequestRefused(
                RefusalReason.TIMED_OUT, f"The work took longer than {head['seconds']:g} seconds."
            ) from None
        except asyncio.CancelledError:
            self._run_in_background(self._replace_unless_done(process, job, patience_s=ABANDONED_TASK_GRACE_S))
            raise
        except (OSError, EOFError, ValueError) as cause:
            raise await self._end_lost(process) from cause
        finally:
            self.running_count -= 1

    async def _end_lost(self, process: WorkerProcess) -> RequestRefused:
        """Replace a worker that ended during a task, and return the refusal of the task."""
        self._processes.discard(process)
        await process.stop(kill=True)
        self._run_in_background(self._replace(process, "worker-lost"))
        if process.end_signal == signal.SIGXCPU:
            return RequestRefused(
                RefusalReason.TIMED_OUT, "The work took more computing time than one request may use."
            )
        return RequestRefused(
            RefusalReason.CRASHED, "The picture could not be processed.", advice="Save it anew as a JPEG."
        )

    def _refusal(self, task: str, head: dict[str, Any]) -> RequestRefused:
        """Return the refusal for an error that a worker reports."""
        error = head["error"]
        reason = reason_for_code(error["code"])
        if reason is RefusalReason.FAILED:
            # The event is logged, so it has the type and the place of the error only, and no message.
            self.on_event("job-failed", task=task, code=error["code"], cause=head.get("cause"), trace=head.get("trace"))
            return RequestRefused(reason, "The picture could not be processed.", code=error["code"])
        return RequestRefused(reason, error["message"], code=error["code"], advice=error["advice"])

    def _return_worker(self, process: WorkerProcess, head: dict[str, Any]) -> None:
        """Put a worker back after a task, or replace it if it uses too much memory."""
        # After a failed allocation a library may be in any state.
        is_broken = head.get("error", {}).get("code") == OUT_OF_MEMORY
        if is_broken or head["rss"] > self.settings.worker_memory_mb * 2**20:
            self._run_in_background(self._replace(process, "worker-replaced"))
        elif not self._stopping:
            self._busy.discard(process)
            self._idle.put(process)

    async def _replace_unless_done(self, process: WorkerProcess, job: asyncio.Future[Frame], patience_s: float) -> None:
        """Keep a worker if its abandoned task ends within `patience_s`, otherwise replace it."""
        with suppress(Exception):
            with fail_after(patience_s):
                frame = await asyncio.shield(job)
            self._return_worker(process, frame.head)
            return
        job.cancel()
        await self._replace(process, "worker-ended")

    async def _replace(self, process: WorkerProcess, event: str) -> None:
        """Kill a worker and start another one."""
        self._processes.discard(process)
        self._busy.discard(process)
        await process.stop(kill=True)
        self.on_event(event, pid=process.pid)
        await self._start_worker()

    async def _start_worker(self) -> None:
        """Start one worker. If it fails, try again until it works or the pool is stopped."""
        attempt = 0
        while not self._stopping:
            await asyncio.sleep(RESTART_DELAYS_S[min(attempt, len(RESTART_DELAYS_S) - 1)])
            attempt += 1
            process = WorkerProcess(confine=self.settings.confine)
            self._processes.add(process)
            try:
                await process.start()
            except (OSError, EOFError, ValueError, TimeoutError):
                self._processes.discard(process)
                await process.stop(kill=True)
                if not self._stopping:
                    self.on_event("worker-lost", pid=process.pid)
                continue
            self.on_event(
                "worker-started", pid=process.pid, **{f"no_{name}": taken for name, taken in process.confined.items()}
            )
            self._idle.put(process)
            self._run_in_background(self._replace_when_lost(process))
            return

    async def _replace_when_lost(self, process: WorkerProcess) -> None:
        """Replace a worker that ends while it is idle. If it ends during a task, `_run_on` replaces it."""
        await process.wait_for_exit()
        if process in self._processes and process not in self._busy and not self._stopping:
            self._processes.discard(process)
            self.on_event("worker-lost", pid=process.pid)
            await self._start_worker()

    def _run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _queue_full() -> RequestRefused:
    return RequestRefused(
        RefusalReason.OVERLOADED, "All workers are busy and the queue is full.", retry_after=RETRY_AFTER_BUSY_S
    )
