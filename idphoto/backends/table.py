"""Tables of backends: for each name, the module whose `load` function opens the backend.

Faces, segmentation and matting each have such a table. A backend is imported when it is first used, and opened
once per process.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from idphoto.errors import BackendError, UnknownBackend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AUTO", "Backends"]

AUTO = "auto"
"""Name for the first backend of a table that can run on this machine."""

BackendT = TypeVar("BackendT")


class Backends(Generic[BackendT]):
    """A table of backends of one kind.

    Parameters
    ----------
    kind : str
        Purpose of the backends, for messages: ``face``, ``matting``.
    modules : dict of str to str
        Names and modules, in the order in which ``auto`` tries them.
    rows : str, optional
        Module with backends that are rows of a manifest: ``all_networks()`` lists them, ``load(name)`` opens one.
        ``auto`` never tries these.
    """

    def __init__(self, kind: str, modules: dict[str, str], rows: str | None = None) -> None:
        self.kind, self.modules, self.rows = kind, modules, rows
        self._open: dict[str, BackendT] = {}
        self._lock = Lock()

    def get(self, name: str = AUTO) -> BackendT:
        """Return a backend; open it first if it is not open yet.

        Raises
        ------
        UnknownBackend
            If no backend has that name.
        BackendError
            If the backend cannot run on this machine; for ``auto``, if no backend can.
        """
        with self._lock:
            if name in self._open:
                return self._open[name]
            if name == AUTO:
                backend = self._first()
            elif name in self.modules:
                backend = import_module(self.modules[name]).load()
            else:
                self.require(name)
                backend = import_module(str(self.rows)).load(name)
            self._open[name] = backend
            return backend

    def require(self, name: str) -> None:
        """Check that there is a backend of this name, without opening it.

        Raises
        ------
        UnknownBackend
            If no backend has that name.
        """
        if name != AUTO and name not in self._open and name not in self.modules:
            more = [] if self.rows is None else list(import_module(self.rows).all_networks())
            if name not in more:
                raise UnknownBackend(
                    f"There is no {self.kind} backend '{name}'.",
                    f"Choose one of {', '.join([AUTO, *self.modules, *more])}.",
                )

    @contextmanager
    def using(self, backends: Mapping[str, BackendT]) -> Iterator[None]:
        """Let names stand for other backends within a ``with`` block, for all threads.

        After the block, the table is as it was before it: backends that were opened within the block are forgotten.
        Fakes for tests are in :mod:`idphoto.testing`.

        Parameters
        ----------
        backends : dict of str to backend
            What `get` returns within the block, by name. ``auto`` is a name like any other.
        """
        with self._lock:
            before = self._open
            self._open = {**before, **backends}
        try:
            yield
        finally:
            with self._lock:
                self._open = before

    def _first(self) -> BackendT:
        problems = []
        for name, module in self.modules.items():
            try:
                backend: BackendT = import_module(module).load()
            except BackendError as problem:
                problems.append(f"{name}: {problem}")
                continue
            self._open[name] = backend
            return backend
        raise BackendError(f"No {self.kind} backend can run here.", " ".join(problems))
