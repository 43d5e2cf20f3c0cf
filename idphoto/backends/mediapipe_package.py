"""Import MediaPipe late, keep it quiet, and close its models at exit."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from idphoto.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["close_at_exit", "import_solutions", "silenced"]

_silence_lock = threading.RLock()


@lru_cache(maxsize=1)
def import_solutions() -> Any:
    """Import MediaPipe's `solutions` package, which takes a second, and return it.

    Raises
    ------
    MissingExtra
        If MediaPipe is missing, or its release has no such package.
    """
    os.environ.setdefault("GLOG_minloglevel", "3")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import mediapipe

        found = mediapipe.solutions
    except (ImportError, AttributeError) as cause:
        raise MissingExtra(
            "This face backend needs MediaPipe 0.10.21, which runs on Python 3.10 to 3.12.",
            "Install it there with 'pip install mediapipe==0.10.21', or use the backend 'mediapipe-tasks'.",
        ) from cause
    return found


@contextmanager
def silenced() -> Iterator[None]:
    """Keep MediaPipe's native code from writing to the terminal while it opens a model.

    Its log cannot be switched off from Python, and it writes warnings for each model that do not help the
    user. Therefore the file descriptor of standard error is redirected.
    """
    with _silence_lock:
        try:
            kept = os.dup(2)
        except OSError:  # the process has no standard error
            yield
            return
        try:
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device, not a path
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def close_at_exit(model: Any) -> None:
    """Close a model of MediaPipe 1.x before the interpreter stops the threads that closing needs.

    `atexit` runs too late. The private list of `threading`, which `concurrent.futures` uses for the same
    purpose, runs in time. If a Python release has no such list, nothing is registered.
    """
    register = getattr(threading, "_register_atexit", None)
    if register is not None:
        register(model.close)
