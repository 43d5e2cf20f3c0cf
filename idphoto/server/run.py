"""From settings to a listening server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

from idphoto.errors import InputError
from idphoto.server.app import make_asgi_app
from idphoto.server.context import ServerContext
from idphoto.server.observe.logs import log, set_up

if TYPE_CHECKING:
    from idphoto.server.settings import Settings

__all__ = ["run"]

KEEP_ALIVE = 30  # seconds that an idle connection is kept; more than most balancers do
BACKLOG = 2048


def run(settings: Settings) -> None:
    """Serve until a signal ends it; what runs then is finished first.

    Raises
    ------
    InputError
        If the ledger, the store or the port cannot be had.
    """
    set_up()
    context = ServerContext(settings)
    config = uvicorn.Config(
        make_asgi_app(context),
        host=settings.host,
        port=settings.port,
        backlog=BACKLOG,
        log_config=None,  # ours stays as it is
        access_log=False,  # it would write addresses and paths; see observe/logs.py
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=settings.stop_seconds,
        lifespan="on",
    )
    try:
        listening = config.bind_socket()
    except SystemExit as cause:  # uvicorn's way of saying so
        raise InputError(
            f"{settings.host}:{settings.port} cannot be listened at.", "Choose another with --port."
        ) from cause
    # Whoever asked for port 0 learns here which one it is.
    log.info("listening", host=settings.host, port=listening.getsockname()[1], workers=settings.worker_count)
    uvicorn.Server(config).run(sockets=[listening])
