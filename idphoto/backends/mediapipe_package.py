"""How MediaPipe is loaded, kept quiet and closed; faces and segmentation both come from it."""

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
    """MediaPipe's `solutions` package, imported late (a second) and told to keep quiet.

    Raises
    ------
    MissingExtra
        If MediaPipe is missing, or is a release without these models.
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

    Its log cannot be switched off from Python, and it greets every model with warnings that mean
    nothing to the reader. Only the file descriptor reaches it.
    """
    with _silence_lock:
        try:
            kept = os.dup(2)
        except OSError:  # there is no standard error to protect
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
    """Close a model of MediaPipe 1.x before the interpreter stops its threads, which it closes itself with.

    `atexit` would be too late. `threading` has a list of its own, which `concurrent.futures` uses
    for the same purpose; it is private, so its absence is borne.
    """
    register = getattr(threading, "_register_atexit", None)
    if register is not None:
        register(model.close)
