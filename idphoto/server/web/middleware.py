"""ASGI middleware around every request: security headers, logs and metrics, and a clean end of refused uploads."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from anyio import fail_after, move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from idphoto.server.observe.logs import describe_error, log
from idphoto.server.problems import problem_response
from idphoto.server.refusals import RequestRefused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from idphoto.server.access import AccessControl
    from idphoto.server.observe.metrics import Metrics

__all__ = [
    "STATUS_CLIENT_CLOSED",
    "LoopbackMiddleware",
    "RequestLogMiddleware",
    "SecurityHeadersMiddleware",
    "UploadDrainMiddleware",
]

STATUS_CLIENT_CLOSED = 499
"""Status that is logged if the client has closed the connection, as nginx does."""

SEND_TIMEOUT_S = 60.0  # for one piece of a response
DRAIN_TIMEOUT_S = 3.0  # for the rest of a refused upload
MAX_DRAINED_BYTES = 64 * 2**20

# The responses of the API are not pages, so browsers are told to load nothing for them and to show them nowhere.
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cache-control": "no-store",
}
# /docs is a page. It loads scripts and styles from this server only.
DOCS_PATHS = ("/docs", "/static-offline-docs")
DOCS_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
}
UNLOGGED_ROUTES = ("/healthz", "/readyz", "/metrics")


class SecurityHeadersMiddleware:
    """Add security headers to every response, unless the route has set them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        defaults = {**SECURITY_HEADERS, **(DOCS_HEADERS if scope["path"].startswith(DOCS_PATHS) else {})}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class RequestLogMiddleware:
    """Give each request an id, log and count it, and answer exceptions that no handler has caught.

    Handlers find ``request.state.log_fields``: a dict with ``request_id``, to which they can add fields of the log.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        fields: dict[str, Any] = {"request_id": uuid.uuid4().hex, "bytes_in": 0, "bytes_out": 0}
        scope.setdefault("state", {})["log_fields"] = fields
        status = 0

        async def counting_receive() -> Message:
            message = await receive()
            fields["bytes_in"] += len(message.get("body", b""))
            return message

        async def counting_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = fields["request_id"]
            fields["bytes_out"] += len(message.get("body", b""))
            # A client that does not read its response would keep it in memory without end.
            with fail_after(SEND_TIMEOUT_S):
                await send(message)

        try:
            await self.app(scope, counting_receive, counting_send)
        except (ClientDisconnect, TimeoutError):
            status = status or STATUS_CLIENT_CLOSED
        except Exception as error:  # the last resort: the client gets a response, and the log gets no message
            log.error("failed", request_id=fields["request_id"], **describe_error(error))
            if not status:
                await _send_internal_error(counting_send, fields["request_id"])
            status = 500
        finally:
            self._record(scope, fields, status or STATUS_CLIENT_CLOSED, time.perf_counter() - begun)

    def _record(self, scope: Scope, fields: dict[str, Any], status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "none"
        if route in UNLOGGED_ROUTES:
            return
        self.metrics.requests.labels(route, str(status)).inc()
        self.metrics.latency.labels(route).observe(seconds)
        log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1), **fields)


async def _send_internal_error(send: Send, request_id: str) -> None:
    body = b'{"title":"Internal error","status":500,"instance":"urn:uuid:%s"}' % request_id.encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class LoopbackMiddleware:
    """Refuse every request that does not belong to this machine, on a server without keys; also of its pages."""

    def __init__(self, app: ASGIApp, access: AccessControl) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            try:
                self.access.check_origin(Headers(scope=scope))
            except RequestRefused as refusal:
                response = problem_response(refusal, scope["state"]["log_fields"]["request_id"])
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


class UploadDrainMiddleware:
    """Let a client read why its upload was refused, although the upload has not been read to its end.

    If a server closes a connection while data still arrives, the client's system can discard a response that
    has already been received (RFC 9112, 9.6). So the response is sent at once, then the rest of the upload is read and
    discarded, within `DRAIN_TIMEOUT_S` and `MAX_DRAINED_BYTES`, and then the connection is closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_headers = dict(scope["headers"])
        body_pending = b"transfer-encoding" in request_headers or request_headers.get(b"content-length", b"0") != b"0"
        # A client that sends `Expect: 100-continue` has sent no body yet. To receive would ask it to send one.
        may_receive = b"expect" not in request_headers

        async def watching_receive() -> Message:
            nonlocal body_pending, may_receive
            may_receive = True
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body", False):
                body_pending = False
            return message

        async def draining_send(message: Message) -> None:
            if body_pending and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["connection"] = "close"
            if body_pending and message["type"] == "http.response.body" and not message.get("more_body", False):
                await send({**message, "more_body": True})
                if may_receive:
                    await drain()
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        async def drain() -> None:
            drained = 0
            with move_on_after(DRAIN_TIMEOUT_S):
                while body_pending and drained < MAX_DRAINED_BYTES:
                    drained += len((await watching_receive()).get("body", b""))

        await self.app(scope, watching_receive, draining_send)
