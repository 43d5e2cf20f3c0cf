"""The engine ``local``: worker processes on this machine.

Each worker is a process with models of its own and one thread for each library, and belongs to a slot, which gives it
a task and waits for the outcome; each slot has a thread of this process. A worker that dies or hangs is replaced, and
its photo tried once more; so a photo that kills workers costs two of them and no other photo.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from idphoto.backends.threads import count_cores, thread_environment
from idphoto.batch.engines.frames import read_frame, write_frame
from idphoto.batch.record import QUARANTINED, Fault, Outcome, Record, Task
from idphoto.batch.work import WorkSettings
from idphoto.errors import IdPhotoError, WorkerLost
from idphoto.version import __version__

__all__ = ["LocalEngine", "WorkerSlot", "load"]

START_TIMEOUT_S = 120.0
TASK_TIMEOUT_S = 600.0
ATTEMPTS = 2


def load(settings: WorkSettings, *, workers: int | None, address: str | None) -> LocalEngine:  # noqa: ARG001
    """Return the engine; it has no address."""
    return LocalEngine(settings, workers or count_cores())


class LocalEngine:
    """Worker processes on this machine.

    Parameters
    ----------
    settings : WorkSettings
        Of the batch.
    count : int
        Number of workers.
    """

    def __init__(self, settings: WorkSettings, count: int) -> None:
        self._slots = [WorkerSlot(settings) for _ in range(count)]
        self._stopping = threading.Event()

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for slot in self._slots:
            slot.close()

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield what comes of the tasks; they are taken one by one, as workers become free."""
        feed, feed_lock = iter(tasks), threading.Lock()
        results: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()

        def serve(slot: WorkerSlot) -> None:
            try:
                while not self._stopping.is_set():
                    with feed_lock:
                        task = next(feed, None)
                    if task is None:
                        return
                    results.put(slot.work(task))
            except BaseException as error:
                results.put(error)
            finally:
                slot.close()
                results.put(None)

        threads = [threading.Thread(target=serve, args=(slot,), daemon=True) for slot in self._slots]
        for thread in threads:
            thread.start()
        running = len(threads)
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result


class WorkerSlot:
    """A worker process that is started with the first task, and replaced when it is lost.

    Parameters
    ----------
    settings : WorkSettings
        Of the batch.
    """

    def __init__(self, settings: WorkSettings) -> None:
        self._settings = settings
        self._worker: _Worker | None = None
        self._closed = False
        self._lock = threading.Lock()

    def work(self, task: Task) -> Outcome:
        """Let the worker do a task; replace a worker that is lost, and give up after `ATTEMPTS`.

        Raises
        ------
        IdPhotoError
            If no worker can start, or results cannot be written.
        """
        for _ in range(ATTEMPTS):
            worker = self._get_worker()
            if worker is None:
                break
            answer = worker.ask(task, TASK_TIMEOUT_S)
            if isinstance(answer, IdPhotoError):
                raise answer
            if answer is not None:
                outcome: Outcome = answer
                return outcome
            self._drop_worker()
        return _lost(task)

    def close(self) -> None:
        """End the worker at once, also if it is at work, and start no other."""
        self._closed = True
        self._drop_worker()

    def _get_worker(self) -> _Worker | None:
        """Return the worker; None if the slot is closed."""
        with self._lock:
            if self._closed or self._worker is not None:
                return self._worker
            self._worker = worker = _Worker()
        if worker.ask(self._settings, START_TIMEOUT_S) is None and not self._closed:
            raise WorkerLost("A worker process ended before it was ready.", "Run again with --debug to see why.")
        return worker

    def _drop_worker(self) -> None:
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()


def _lost(task: Task) -> Outcome:
    """Return the outcome of a task on which workers were lost."""
    fault = Fault(
        code=WorkerLost.code,
        message="Several worker processes ended or hung on this photo.",
        advice="The next run tries again; if it fails again, save the photo anew or make it smaller.",
        passing=True,
    )
    records = tuple(
        Record(
            id=task.person.id,
            name=task.person.name,
            row=task.person.row,
            columns=dict(task.person.columns),
            spec=order.spec,
            copies=order.copies,
            stem=order.stem,
            input=task.shown,
            settings=order.settings,
            idphoto=__version__,
            status=QUARANTINED,
            fault=fault,
        )
        for order in task.orders
    )
    return Outcome(task.number, records, 0, 0.0)


class _Worker:
    """A worker process and the pipes to it."""

    def __init__(self) -> None:
        # A worker that shows its tracebacks would print over the bar; --debug lets it.
        silent = subprocess.DEVNULL if os.environ.get("IDPHOTO_WORKER_OUTPUT") != "1" else None
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "idphoto.batch.engines.local_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=silent,
            env={**os.environ, **thread_environment(1), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def ask(self, question: object, seconds: float) -> Any:
        """Send a question and return the answer; None if the process ends, or does not answer in time."""
        timer = threading.Timer(seconds, self.kill)
        timer.start()
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            write_frame(self._process.stdin, pickle.dumps(question))
            return pickle.loads(read_frame(self._process.stdout))  # noqa: S301 - from our own process
        except (OSError, EOFError, pickle.UnpicklingError):
            return None
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
