"""Start a server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import uvicorn

from idphoto.errors import InputError
from idphoto.server.app import make_asgi_app
from idphoto.server.connections import (
    LISTEN_BACKLOG,
    MAX_HEADER_BYTES,
    make_protocol_class,
    raise_descriptor_limit,
    send_at_once,
)
from idphoto.server.context import ServerContext
from idphoto.server.observe.logs import configure_logging, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from idphoto.server.settings import Settings

__all__ = ["run_server"]

KEEP_ALIVE_TIMEOUT_S = 30  # of an idle connection; longer than most load balancers keep theirs


def run_server(settings: Settings, on_listening: Callable[[int], None] = lambda _: None) -> None:
    """Serve until a signal arrives. Running requests are finished first.

    Parameters
    ----------
    settings : Settings
        Settings of the server.
    on_listening : callable
        Called with the port as soon as connections are accepted; they wait until the server has started.

    Raises
    ------
    InputError
        If the ledger or the store of results cannot be opened, or the port cannot be used.
    """
    configure_logging()
    os.umask(0o077)  # results and the ledger are for this user alone
    context = ServerContext(settings)
    config = uvicorn.Config(
        make_asgi_app(context),
        host=settings.host,
        port=settings.port,
        http=make_protocol_class(raise_descriptor_limit(settings.connections)),
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        backlog=LISTEN_BACKLOG,
        # A client could name any address in X-Forwarded-For, so it is believed of the operator's own proxies alone.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        log_config=None,  # keeps the configuration of configure_logging
        access_log=False,  # it would write client addresses and paths; see observe/logs.py
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_TIMEOUT_S,
        timeout_graceful_shutdown=settings.stop_seconds,
        lifespan="on",
    )
    try:
        listening = config.bind_socket()
    except SystemExit as cause:  # uvicorn exits if it cannot bind
        raise InputError(
            f"The server cannot listen on {settings.host}:{settings.port}.", "Choose another port with --port."
        ) from cause
    send_at_once(listening)
    # With port 0 the system chooses a free port. The log tells which one.
    log.info("listening", host=settings.host, port=listening.getsockname()[1], workers=settings.worker_count)
    listening.listen(LISTEN_BACKLOG)
    on_listening(listening.getsockname()[1])
    uvicorn.Server(config).run(sockets=[listening])
