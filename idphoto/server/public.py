"""What needs no key: results at their addresses, health, figures."""

from __future__ import annotations

import hmac
import ipaddress
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from idphoto.server.faults import Fault, Reason
from idphoto.server.web.delivery import RESULTS
from idphoto.server.web.route import house_of

if TYPE_CHECKING:
    from idphoto.server.house import House

__all__ = ["router"]

routes = APIRouter(tags=["Service"])


@routes.api_route(
    RESULTS + "/{name}",
    methods=["GET", "HEAD"],
    summary="A result, for a day after it was made",
    response_class=Response,
    operation_id="result",
    include_in_schema=False,
)
async def result(request: Request, name: str) -> Response:
    """Hand out a file that was stored."""
    house = house_of(request)
    stored = await house.store(house.results.get, name)
    headers = {
        "content-length": str(stored.length),
        # Pages of the client's own may show it, and nobody may keep it longer than we do.
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": "private, no-store",
        "x-expires-at": str(stored.expires_at),
    }
    if request.method == "HEAD":
        stored.chunks.close()
        return Response(headers=headers, media_type=stored.kind)
    return StreamingResponse(stored.chunks, media_type=stored.kind, headers=headers)


@routes.get("/healthz", summary="Whether the server lives")
async def healthz() -> dict[str, str]:
    """Answer, that is all."""
    return {"status": "ok"}


@routes.get("/readyz", summary="Whether the server can take work", responses={503: {"description": "Not now."}})
async def readyz(request: Request) -> JSONResponse:
    """Look at workers, ledger and store."""
    house = house_of(request)
    parts = {
        "workers": house.pool.ready > 0 and not house.stopping,
        "ledger": await _works(house, "ledger"),
        "store": await _works(house, "store"),
    }
    ready = all(parts.values())
    body = {"status": "ok" if ready else "not ready", **parts}
    return JSONResponse(body, 200 if ready else 503, None if ready else {"retry-after": "5"})


@routes.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Figures; for this machine, or for whoever has the token."""
    house = house_of(request)
    token = house.settings.metrics_token
    if token:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), token.encode()):
            raise Fault(Reason.NO_KEY, "Send the token of the figures.")
    elif not _is_local(request.client.host if request.client else ""):
        raise Fault(Reason.FORBIDDEN, "Without a token, figures are for this machine alone.")
    return Response(house.metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def _works(house: House, part: str) -> bool:
    with suppress(Exception):  # whatever a database or a store raises when it is away
        if part == "ledger":
            if house.credits is not None:
                await to_thread.run_sync(house.credits.ping)
        else:
            await house.store(house.results.ping)
        return True
    return False


def _is_local(address: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(address).is_loopback
    return False


def router() -> APIRouter:
    """Routes that need no key."""
    return routes
