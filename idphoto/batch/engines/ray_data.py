"""The engine ``ray``: a pool of actors of Ray Data, on this machine or on a cluster.

Each actor has one core and the same worker process as the engine ``local``, which it replaces if a photo kills it. Ray
keeps no more tasks under way than there are actors to take them, starts actors anew on other nodes when theirs is
lost, and gives the tasks of a lost actor to another one. Files are written in one step each, and this process alone
keeps the records, so that a task that was done twice leaves one result.
"""

from __future__ import annotations

import logging
import math
import os
import pickle
from collections.abc import Iterable, Iterator
from typing import Any

from idphoto.backends.threads import count_cores
from idphoto.batch.engines.local import WorkerSlot
from idphoto.batch.record import Outcome, Task
from idphoto.batch.work import WorkSettings
from idphoto.errors import IdPhotoError, MissingExtra, WorkerLost

__all__ = ["RayEngine", "load"]

MAX_BLOCKS = 10_000
"""Ray keeps facts on each block of tasks. Up to this number of tasks, each is a block, and recorded when it is done."""


def load(settings: WorkSettings, *, workers: int | None, address: str | None) -> RayEngine:
    """Return the engine.

    Raises
    ------
    MissingExtra
        If Ray is not installed.
    """
    try:
        import ray.data
    except ImportError as cause:
        raise MissingExtra("Ray is not installed.", "Install it: pip install 'idphoto[ray]'") from cause
    assert ray.data is not None
    return RayEngine(settings, workers, address)


class RayEngine:
    """A pool of actors.

    Parameters
    ----------
    settings : WorkSettings
        Of the batch.
    workers : int, optional
        Greatest number of actors; as many as the cluster has cores if not given.
    address : str, optional
        Of a cluster, such as ``ray://head:10001`` or ``auto``; Ray is started on this machine if not given.
    """

    def __init__(self, settings: WorkSettings, workers: int | None, address: str | None) -> None:
        self.settings, self.workers, self.address = settings, workers, address
        self._started = False

    def __enter__(self) -> RayEngine:
        import ray

        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        if ray.is_initialized():
            return self
        here: dict[str, Any] = {"num_cpus": self.workers or count_cores(), "include_dashboard": False}
        try:
            ray.init(
                address=self.address,
                log_to_driver=False,
                logging_level=logging.ERROR,
                **({} if self.address else here),
            )
        except (ConnectionError, RuntimeError, ValueError) as cause:
            raise WorkerLost(
                f"There is no Ray cluster at {self.address}: {str(cause).splitlines()[0]}.",
                "Start one with 'ray start --head', or leave out --address.",
            ) from cause
        self._started = True
        return self

    def __exit__(self, *_: object) -> None:
        import ray

        if self._started:
            ray.shutdown()

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield what comes of the tasks, which must be known in advance."""
        import ray
        from ray.data import ActorPoolStrategy, DataContext

        rows = [{"task": pickle.dumps(task)} for task in tasks]
        if not rows:
            return
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        most = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        blocks = math.ceil(len(rows) / math.ceil(len(rows) / MAX_BLOCKS))
        dataset = ray.data.from_items(rows, override_num_blocks=blocks).map(
            _Actor,
            fn_constructor_args=(pickle.dumps(self.settings),),
            compute=ActorPoolStrategy(min_size=1, max_size=most, max_tasks_in_flight_per_actor=2),
            num_cpus=1,
        )
        for row in dataset.iter_rows():
            outcome = pickle.loads(row["outcome"])  # noqa: S301 - from our own actor
            if isinstance(outcome, IdPhotoError):
                raise outcome
            yield outcome


class _Actor:
    """A worker within Ray."""

    def __init__(self, settings: bytes) -> None:
        self._slot = WorkerSlot(pickle.loads(settings))  # noqa: S301 - from our own process

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do one task; an error that ends the batch is returned, since Ray would try again after an exception."""
        try:
            outcome: object = self._slot.work(pickle.loads(row["task"]))  # noqa: S301 - from our own process
        except IdPhotoError as error:
            outcome = error
        return {"outcome": pickle.dumps(outcome)}
