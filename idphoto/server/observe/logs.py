"""Write structured logs: one JSON object per line, with request ids, sizes and timings.

File names, keys, addresses of results and all other values that a client sent are never logged. So a route is logged
by its template, and an exception without its message.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import PurePath
from typing import Any

import structlog

__all__ = ["configure_logging", "describe_error", "log"]

MAX_TRACE_FRAMES = 6

log: structlog.stdlib.BoundLogger = structlog.get_logger("idphoto.server")


def configure_logging(level: int = logging.INFO) -> None:
    """Write everything that is logged in this process to standard output, as JSON."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _replace_exception,
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


def _replace_exception(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its type and trace, without its message, which may quote a request."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    return {**event, **describe_error(error)} if isinstance(error, BaseException) else event


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return the type of an exception, and the file and line of its innermost frames."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_TRACE_FRAMES:]
    return {
        "cause": type(error).__name__,
        "trace": [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames],
    }
