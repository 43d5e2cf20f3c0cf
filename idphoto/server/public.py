"""What needs no key: results at their addresses, health, figures."""

from __future__ import annotations

import hmac
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from idphoto.server.loopback import is_loopback
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.delivery import RESULTS_PATH
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from idphoto.server.context import ServerContext

__all__ = ["router"]

routes = APIRouter(tags=["Service"])


@routes.api_route(
    RESULTS_PATH + "/{name}",
    methods=["GET", "HEAD"],
    summary="A result, for a day after it was made",
    response_class=Response,
    operation_id="result",
    include_in_schema=False,
)
async def result(request: Request, name: str) -> Response:
    """Hand out a file that was stored."""
    context = get_context(request)
    stored = await context.run_store_call(context.results.get, name)
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
    context = get_context(request)
    parts = {
        "workers": context.pool.ready > 0 and not context.stopping,
        "ledger": await _works(context, "ledger"),
        "store": await _works(context, "store"),
    }
    ready = all(parts.values())
    body = {"status": "ok" if ready else "not ready", **parts}
    return JSONResponse(body, 200 if ready else 503, None if ready else {"retry-after": "5"})


@routes.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Figures; for this machine, or for whoever has the token."""
    context = get_context(request)
    token = context.settings.metrics_token
    if token:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), token.encode()):
            raise RequestRefused(RefusalReason.NO_KEY, "Send the token of the figures.")
    elif not is_loopback(request.client.host if request.client else ""):
        raise RequestRefused(RefusalReason.FORBIDDEN, "Without a token, figures are for this machine alone.")
    return Response(context.metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def _works(context: ServerContext, part: str) -> bool:
    with suppress(Exception):  # whatever a database or a store raises when it is away
        if part == "ledger":
            if context.credits is not None:
                await to_thread.run_sync(context.credits.ping)
        else:
            await context.run_store_call(context.results.ping)
        return True
    return False


def router() -> APIRouter:
    """Routes that need no key."""
    return routes
