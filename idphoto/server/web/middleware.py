"""What surrounds every request: an id, a log line, figures, safe headers, and a calm end."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from anyio import fail_after, move_on_after
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect

from idphoto.server.observe.logs import describe_error, log

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from idphoto.server.observe.metrics import Metrics

__all__ = ["RequestLogMiddleware", "UploadDrainMiddleware"]

SENDING = 60.0  # seconds that a client may take to accept one piece of an answer
LINGER = 3.0  # seconds, and
DRAINED = 64 * 2**20  # bytes, for which a refused upload is read on and thrown away

# Nothing here is a page that loads anything; /docs is, from this server alone.
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cache-control": "no-store",
}
DOCS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
}


class RequestLogMiddleware:
    """Outermost: gives each request an id, answers what nobody foresaw, counts and logs."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        about: dict[str, Any] = {"request_id": uuid.uuid4().hex, "bytes_in": 0, "bytes_out": 0}
        scope.setdefault("state", {})["log_fields"] = about
        status = 0

        async def receiving() -> Message:
            message = await receive()
            about["bytes_in"] += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                docs = scope["path"].startswith(("/docs", "/static-offline-docs"))
                for name, value in {**HEADERS, **(DOCS if docs else {})}.items():
                    headers.setdefault(name, value)
                headers["x-request-id"] = about["request_id"]
            about["bytes_out"] += len(message.get("body", b""))
            # A client that accepts nothing would hold an answer in memory for ever.
            with fail_after(SENDING):
                await send(message)

        try:
            await self.app(scope, receiving, sending)
        except (ClientDisconnect, TimeoutError):
            status = status or 499
        except Exception as error:  # the last resort: a client gets an answer, and the log no message
            log.error("failed", request_id=about["request_id"], **describe_error(error))
            if not status:
                await _internal(sending, about["request_id"])
            status = 500
        finally:
            self._record(scope, about, status or 499, time.perf_counter() - begun)

    def _record(self, scope: Scope, about: dict[str, Any], status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "none"
        if route in ("/healthz", "/readyz", "/metrics"):
            return
        self.metrics.requests.labels(route, str(status)).inc()
        self.metrics.latency.labels(route).observe(seconds)
        log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1), **about)


async def _internal(send: Send, request_id: str) -> None:
    body = b'{"title":"Internal error","status":500,"instance":"urn:uuid:%s"}' % request_id.encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class UploadDrainMiddleware:
    """Lets a refused client read why, although its upload has not been read to the end.

    A server that answers early and closes makes the client's machine throw the answer away with
    the connection (RFC 9112, 9.6). So the answer is sent at once, and what still arrives is thrown
    away for a moment, before the connection is closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        names = dict(scope["headers"])
        pending = b"transfer-encoding" in names or names.get(b"content-length", b"0") != b"0"
        # Who asks before sending (100-continue) has sent nothing yet; asking for the rest would make it.
        touched = b"expect" not in names

        async def receiving() -> Message:
            nonlocal pending, touched
            touched = True
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body", False):
                pending = False
            return message

        async def sending(message: Message) -> None:
            if pending and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["connection"] = "close"
            if pending and message["type"] == "http.response.body" and not message.get("more_body", False):
                await send({**message, "more_body": True})
                if touched:
                    await discard()
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        async def discard() -> None:
            drained = 0
            with move_on_after(LINGER):
                while pending and drained < DRAINED:
                    drained += len((await receiving()).get("body", b""))

        await self.app(scope, receiving, sending)
