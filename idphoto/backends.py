"""Tables of backends: a name, the module that holds it, and a `load` function in there.

Faces, segmentation and matting each have such a table. Nothing heavy is imported before a
backend is asked for, and each is opened once per process.
"""

from __future__ import annotations

from importlib import import_module
from threading import Lock
from typing import Generic, TypeVar

from idphoto.errors import BackendError, UnknownBackend

__all__ = ["AUTO", "Backends"]

AUTO = "auto"
"""Name that stands for the first backend of a table that can run here."""

BackendT = TypeVar("BackendT")


class Backends(Generic[BackendT]):
    """A table of backends of one kind.

    Parameters
    ----------
    kind : str
        What they do, for messages: ``face``, ``matting``.
    modules : dict of str to str
        Name to module, in the order in which `auto` tries them.
    """

    def __init__(self, kind: str, modules: dict[str, str]) -> None:
        self.kind, self.modules = kind, modules
        self._open: dict[str, BackendT] = {}
        self._lock = Lock()

    def get(self, name: str = AUTO) -> BackendT:
        """Open a backend, or return it if it is open.

        Raises
        ------
        UnknownBackend
            If there is none of that name.
        BackendError
            If it cannot run here; for `auto`, if none can.
        """
        with self._lock:
            if name in self._open:
                return self._open[name]
            if name == AUTO:
                backend = self._first()
            elif name in self.modules:
                backend = import_module(self.modules[name]).load()
            else:
                raise UnknownBackend(
                    f"There is no {self.kind} backend '{name}'.", f"Choose one of {', '.join([AUTO, *self.modules])}."
                )
            self._open[name] = backend
            return backend

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
