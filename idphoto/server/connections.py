"""Bound what connections can take: their number, the time of headers, answers that nobody reads.

The protocol is that of uvicorn on h11, which refuses headers of more than `MAX_HEADER_BYTES`. It is written in Python,
and a request that reaches a worker takes hundreds of times as long as its headers. httptools has no limit on headers.

A client that has sent its request may close its sending half and still read the answer. A client that has gone looks
the same until something is sent to it, so an interim response (RFC 9110, 15.2) is sent: if the client has gone, its
system resets the connection.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from idphoto.server.observe.logs import log

if TYPE_CHECKING:
    from typing import ClassVar

__all__ = ["LISTEN_BACKLOG", "MAX_HEADER_BYTES", "make_protocol_class", "raise_descriptor_limit", "send_at_once"]

MAX_HEADER_BYTES = 32 * 1024
"""Limit of the first line and the headers of a request together."""

HEADER_S = 10.0
"""Time in which the headers must arrive after the connection is made, or after the first byte of a further request."""

UNREAD_S, UNREAD_BYTES = 60.0, 256 * 1024
"""A client reads so many bytes of its answer, or all that is left, in this time."""

LISTEN_BACKLOG = 128
"""Connections that wait to be accepted. asyncio accepts all of them at once, before any is counted."""

OTHER_DESCRIPTORS = 100 + LISTEN_BACKLOG
"""File descriptors that are kept for everything but connections: workers, the ledger, files of results."""

WATCH_INTERVAL_S = 1.0
PROBE_S = 0.05  # after which a client that has gone has answered, on this machine
_TCP_CLOSE = 7  # the state of a connection that was reset, in the kernel of Linux

_TIMEOUT_RESPONSE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_FULL_RESPONSE = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n"


def raise_descriptor_limit(wanted: int) -> int:
    """Let this process open as many files as the system allows, and return the number of connections it can hold.

    Parameters
    ----------
    wanted : int
        Number of connections that the settings allow.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = wanted + OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < need:
        soft = need if hard == resource.RLIM_INFINITY else min(need, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    possible = wanted if soft == resource.RLIM_INFINITY else min(wanted, max(1, soft - OTHER_DESCRIPTORS))
    if possible < wanted:
        log.warning("few-descriptors", connections=possible, wanted=wanted)
    return possible


def send_at_once(listening: socket.socket) -> None:
    """Let accepted connections send small answers at once (TCP_NODELAY).

    asyncio does this only for sockets that were made with the number of the protocol. Those of uvicorn are not.
    """
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def make_protocol_class(max_connections: int) -> type[H11Protocol]:
    """Return the protocol of the connections of one server, of which there are at most `max_connections`."""

    class Protocol(GuardedProtocol):
        watch = _Watch(max_connections)

    return Protocol


class _Watch:
    """Looks at all connections of a server once a second."""

    def __init__(self, max_connections: int) -> None:
        self.max_connections = max_connections
        self.connections: dict[GuardedProtocol, None] = {}  # the oldest first
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: GuardedProtocol) -> bool:
        """Begin to watch a connection. The result is False if there are too many, all of which have a request.

        If there are too many, the oldest one that waits for a request makes room.
        """
        if len(self.connections) >= self.max_connections:
            oldest = next((other for other in self.connections if other.is_idle), None)
            if oldest is None:
                return False
            self.remove(oldest)
            oldest.transport.abort()
        self.connections[connection] = None
        if self._timer is None:
            self._timer = connection.loop.call_later(WATCH_INTERVAL_S, self._look)
        return True

    def remove(self, connection: GuardedProtocol) -> None:
        self.connections.pop(connection, None)

    def _look(self) -> None:
        self._timer = None
        for connection in list(self.connections):
            connection.end_if_overdue()
        if self.connections:
            self._timer = next(iter(self.connections)).loop.call_later(WATCH_INTERVAL_S, self._look)


class GuardedProtocol(H11Protocol):
    """A connection with limits of time, which can be closed by half."""

    watch: ClassVar[_Watch]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._headers_since: float | None = self.loop.time()
        self._unread_since: float | None = None
        self._unread_bytes = 0
        self._is_half_closed = False

    @property
    def awaits_request(self) -> bool:
        """True if no request has come, or the last one has been answered, be it read or not."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def is_idle(self) -> bool:
        """True if the connection awaits a request and its last answer has been read."""
        return self.awaits_request and not self.transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Watch the connection, or refuse it if there are too many."""
        super().connection_made(transport)
        if not self.watch.add(self):
            transport.write(_FULL_RESPONSE)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching the connection."""
        self.watch.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note when the headers of a request begin, and when they have arrived."""
        if self.awaits_request and self._headers_since is None:
            self._headers_since = self.loop.time()
        super().data_received(data)
        if not self.awaits_request:
            self._headers_since = None

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection if a whole request has arrived and its client may still read the answer."""
        if self.awaits_request or self.cycle.more_body or not hasattr(socket, "TCP_INFO"):
            return False
        if self.scope["http_version"] != "1.1":  # earlier versions know no interim responses
            return False
        if not self._is_half_closed:
            self._is_half_closed = True
            self.cycle.keep_alive = False
            if not self.cycle.response_started:
                probe = h11.InformationalResponse(status_code=102, headers=[], reason=b"Processing")
                self.transport.write(self.conn.send(probe) or b"")
            self.loop.call_later(PROBE_S, self._end_if_reset)
        return True

    def end_if_overdue(self) -> None:
        """Close the connection if its headers take too long, its answer is not read, or its client has gone."""
        now = self.loop.time()
        if self._is_half_closed:
            self._end_if_reset()
        if self._headers_since is not None and now - self._headers_since > HEADER_S:
            self._headers_since = None
            self.transport.write(_TIMEOUT_RESPONSE)
            self.transport.close()
        # While an answer is being made, the middleware limits the time of each of its pieces.
        unread = self.transport.get_write_buffer_size() if self.awaits_request else 0
        if not unread:
            self._unread_since = None
        elif self._unread_since is None or unread <= self._unread_bytes - UNREAD_BYTES:
            self._unread_since, self._unread_bytes = now, unread
        elif now - self._unread_since > UNREAD_S:
            self.transport.abort()

    def _end_if_reset(self) -> None:
        connection = self.transport.get_extra_info("socket")
        if self.transport.is_closing() or connection is None:
            return
        if connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _TCP_CLOSE:
            self.transport.abort()
