"""The route of a capability: everything that happens before its own code, in this order.

Key, rate, room in the queue, then the body into memory within limits; nobody without a key makes
the server read a byte of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader

from idphoto.server.web.body import Form, read_form
from idphoto.server.web.gate import HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request
    from starlette.responses import Response

    from idphoto.server.capabilities import Capability
    from idphoto.server.house import House

__all__ = ["KEY", "guarded", "house_of"]

KEY = Depends(APIKeyHeader(name=HEADER, auto_error=False, scheme_name="key", description="Your key."))
"""Says in the description of the service that a key is needed; whether it is a good one is asked elsewhere."""


def house_of(request: Request) -> House:
    """Everything that a request may use."""
    house: House = request.app.state.house
    return house


def guarded(capability: Capability) -> type[APIRoute]:
    """Class of the routes of a capability."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            original = super().get_route_handler()

            async def handler(request: Request) -> Response:
                house = house_of(request)
                address = request.client.host if request.client else ""
                house.check_origin(request.headers)
                key = await house.gate.admit(request.headers, address)
                about = request.state.about
                if key is not None:
                    about["key"] = key.id
                request.state.key, request.state.capability = key, capability
                async with house.gate.inside(key):
                    if not capability.megabytes:
                        return await original(request)
                    house.pool.check_room()
                    with house.uploads.hold() as held:
                        request.state.form = await read_form(
                            request.stream(),
                            request.headers.get("content-type", ""),
                            request.headers.get("content-length", ""),
                            capability,
                            held,
                            house.settings.upload_seconds,
                        )
                        house.metrics.received.inc(held.bytes)
                        try:
                            return await original(request)
                        finally:
                            request.state.form = Form()  # the upload goes as soon as it is not needed

            return handler

    return Guarded
