"""Serve the routes that need no key: results, health and metrics."""

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

__all__ = ["make_router"]

_routes = APIRouter(tags=["Service"])


@_routes.api_route(
    RESULTS_PATH + "/{name}",
    methods=["GET", "HEAD"],
    summary="Download a result, for a day after it was made",
    response_class=Response,
    operation_id="result",
    include_in_schema=False,
)
async def get_result(request: Request, name: str) -> Response:
    """Return a file that was stored."""
    context = get_context(request)
    stored = await context.run_store_call(context.results.open, name)
    headers = {
        "content-length": str(stored.length),
        # The client's own pages may show the file. No cache may keep it, since it would be kept after its expiry.
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": "private, no-store",
        "x-expires-at": str(stored.expires_at),
    }
    if request.method == "HEAD":
        stored.chunks.close()
        return Response(headers=headers, media_type=stored.media_type)
    return StreamingResponse(stored.chunks, media_type=stored.media_type, headers=headers)


@_routes.delete(
    RESULTS_PATH + "/{name}",
    summary="Delete a result before its day is over",
    response_class=Response,
    status_code=204,
    operation_id="delete_result",
    include_in_schema=False,
)
async def delete_result(request: Request, name: str) -> Response:
    """Delete a file that was stored. Who knows its address may read it, and may delete it."""
    context = get_context(request)
    await context.run_store_call(context.results.delete, name)
    return Response(status_code=204)


@_routes.get("/healthz", summary="Check that the server runs")
async def healthz() -> dict[str, str]:
    """Answer every request with ok."""
    return {"status": "ok"}


@_routes.get(
    "/readyz", summary="Check that the server can take work", responses={503: {"description": "It cannot now."}}
)
async def readyz(request: Request) -> JSONResponse:
    """Check workers, ledger and store of results."""
    context = get_context(request)
    parts = {
        "workers": context.pool.ready_count > 0 and not context.stopping,
        "ledger": await _ledger_works(context),
        "store": await _store_works(context),
    }
    is_ready = all(parts.values())
    body = {"status": "ok" if is_ready else "not ready", **parts}
    return JSONResponse(body, 200 if is_ready else 503, None if is_ready else {"retry-after": "5"})


@_routes.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse, include_in_schema=False)
async def get_metrics(request: Request) -> Response:
    """Return the metrics to requests that send the token, or, if there is no token, to this machine."""
    context = get_context(request)
    token = context.settings.metrics_token
    if token:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), token.encode()):
            raise RequestRefused(RefusalReason.NO_KEY, "Send the bearer token of the metrics.")
    elif not is_loopback(request.client.host if request.client else "") or "x-forwarded-for" in request.headers:
        raise RequestRefused(
            RefusalReason.FORBIDDEN, "The server has no token for its metrics, so only its own machine may read them."
        )
    return Response(context.metrics.render(), media_type=CONTENT_TYPE_LATEST)


def make_router() -> APIRouter:
    """Return the routes that need no key."""
    return _routes


async def _ledger_works(context: ServerContext) -> bool:
    with suppress(Exception):  # each database driver has its own errors
        if context.credits is not None:
            await to_thread.run_sync(context.credits.check_connection)
        return True
    return False


async def _store_works(context: ServerContext) -> bool:
    with suppress(Exception):  # each file system has its own errors
        await context.run_store_call(context.results.check_room)
        return True
    return False
