"""Who does the work of a batch: a table of engines. All of them give the same bytes and the same records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Protocol

from idphoto.batch.record import Outcome, Task
from idphoto.batch.work import WorkSettings

__all__ = ["ENGINES", "Engine", "open_engine"]


class Engine(Protocol):
    """Works on tasks in processes of its own. Use it as a context."""

    def __enter__(self) -> Engine:
        """Start."""
        ...

    def __exit__(self, *_: object) -> None:
        """Stop all workers, also those that are at work."""
        ...

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield what comes of the tasks, in the order in which they are finished.

        Raises
        ------
        IdPhotoError
            If workers cannot start, or results cannot be written.
        """
        ...


ENGINES: Mapping[str, str] = {"local": "idphoto.batch.engines.local", "ray": "idphoto.batch.engines.ray_data"}
"""Name of an engine to its module, which has a function `load`."""


def open_engine(name: str, settings: WorkSettings, *, workers: int | None, address: str | None) -> Engine:
    """Return an engine.

    Parameters
    ----------
    name : str
        A key of `ENGINES`.
    settings : WorkSettings
        Of the batch.
    workers : int, optional
        How many; None takes one for each core.
    address : str, optional
        Of a cluster.
    """
    engine: Engine = import_module(ENGINES[name]).load(settings, workers=workers, address=address)
    return engine
