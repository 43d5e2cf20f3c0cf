"""Guard the routes of the service: check a request and read its body before the handler is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader

from idphoto.server.access import KEY_HEADER
from idphoto.server.web.body import MultipartForm, read_form

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request
    from starlette.responses import Response

    from idphoto.server.capabilities import Capability
    from idphoto.server.context import ServerContext

__all__ = ["KEY_IN_OPENAPI", "get_context", "make_route_class"]

KEY_IN_OPENAPI = Depends(
    APIKeyHeader(name=KEY_HEADER, auto_error=False, scheme_name="key", description="Your API key.")
)
"""Dependency that adds the API key to the OpenAPI description. It checks nothing; `make_route_class` does."""


def get_context(request: Request) -> ServerContext:
    """Return the context of the server that a request came to."""
    context: ServerContext = request.app.state.context
    return context


def make_route_class(capability: Capability) -> type[APIRoute]:
    """Return a class for the routes of a capability, which guards their handlers.

    Before the handler is called: the origin and the key are checked, the request is counted, and, if the
    capability takes files, the balance and the room in the queue are checked and the body is read. A request
    that fails a check is refused before a byte of its body is read. The handler finds ``request.state.key``,
    ``request.state.capability`` and ``request.state.form``.
    """

    class GuardedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def guarded_handler(request: Request) -> Response:
                context = get_context(request)
                context.access.check_origin(request.headers)
                address = request.client.host if request.client else ""
                key = await context.access.check_key(request.headers, address)
                if key is not None:
                    request.state.log_fields["key"] = key.id
                request.state.key, request.state.capability = key, capability
                async with context.access.limit_concurrency(key):
                    if not capability.megabytes:
                        return await handler(request)
                    return await _call_with_form(handler, request, capability)

            return guarded_handler

    return GuardedRoute


async def _call_with_form(
    handler: Callable[[Request], Coroutine[Any, Any, Response]], request: Request, capability: Capability
) -> Response:
    """Read the form of a request into ``request.state.form``, and call the handler."""
    context, key = get_context(request), request.state.key
    client = key.id if key is not None else ""
    context.access.check_failed_work(key)
    context.pool.check_room(client)
    if key is not None and context.credits is not None:
        await to_thread.run_sync(context.credits.check_balance, key.id, capability)
    with context.upload_memory.allocate(client) as allocation:
        request.state.form = await read_form(
            request.stream(),
            request.headers.get("content-type", ""),
            request.headers.get("content-length", ""),
            capability,
            allocation,
            context.settings.upload_seconds,
        )
        context.metrics.received.inc(allocation.bytes)
        try:
            return await handler(request)
        finally:
            request.state.form = MultipartForm()  # frees the upload before the answer is sent
