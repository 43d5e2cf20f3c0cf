"""Structured logs: one JSON object per line, with request ids, sizes and timings.

Never a name, a value or a path that a client sent: file names, keys and the addresses of results
stay out of here. That is why routes are logged by their templates, and errors without messages.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import PurePath
from typing import Any

import structlog

__all__ = ["describe_error", "log", "set_up"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("idphoto.server")


def set_up(level: int = logging.INFO) -> None:
    """Send everything that is logged in this process to standard output, as JSON."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _bare,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("python_multipart", "alembic", "botocore", "s3fs", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _bare(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its kind and the places it went through: its message may quote a request."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    return {**event, **describe_error(error)} if isinstance(error, BaseException) else event


def describe_error(error: BaseException) -> dict[str, Any]:
    """Kind of an exception, and the last places it went through, by file and line."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return {
        "cause": type(error).__name__,
        "trace": [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames],
    }
