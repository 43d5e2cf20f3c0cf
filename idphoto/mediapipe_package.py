"""MediaPipe 0.10's `solutions` package: imported late, and told to keep quiet.

The one module that knows how that package is loaded; faces and segmentation both come from it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import lru_cache
from threading import RLock
from typing import TYPE_CHECKING, Any

from idphoto.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hushed", "solutions"]

_hush = RLock()


@lru_cache(maxsize=1)
def solutions() -> Any:
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
def hushed() -> Iterator[None]:
    """Keep MediaPipe's native code from writing to the terminal while it opens a model.

    Its log cannot be switched off from Python, and it greets every model with warnings that mean
    nothing to the reader. Only the file descriptor reaches it.
    """
    with _hush:
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
