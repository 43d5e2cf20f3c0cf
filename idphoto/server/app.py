"""The two faces and what surrounds them, assembled."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from idphoto.errors import IdPhotoError
from idphoto.server import cutouts, photos, public
from idphoto.server.access import KEY_HEADER
from idphoto.server.cutouts import envelope
from idphoto.server.problems import Problem, problem
from idphoto.server.refusals import RefusalReason, RequestRefused, refusal_from_error
from idphoto.server.web.delivery import RESULTS_PATH
from idphoto.server.web.disconnect import ClientDisconnected
from idphoto.server.web.middleware import RequestLogMiddleware, UploadDrainMiddleware
from idphoto.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import Request
    from starlette.types import ASGIApp

    from idphoto.server.context import ServerContext

__all__ = ["make_api", "make_asgi_app"]

NOBODY_LISTENS = 499  # what nginx logs when the client has closed the connection

DESCRIPTION = """
Cutouts and ID photos. Send your key in the header `ailabapi-api-key`, or as a bearer token.
Results are given as addresses, which end a day later; `?response=base64` gives them in the answer and stores nothing.
"""


def make_asgi_app(context: ServerContext) -> ASGIApp:
    """The whole server as an ASGI application."""
    return RequestLogMiddleware(UploadDrainMiddleware(make_api(context)), context.metrics)


def make_api(context: ServerContext) -> FastAPI:
    """The routes, and the ways in which they refuse."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await context.open()
        yield
        await context.close()

    app = FastAPIOffline(
        title="idphoto",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
        openapi_tags=[{"name": "ID-photo API"}, {"name": "Cutout API"}, {"name": "Service"}],
    )
    app.state.context = context
    app.include_router(photos.router())
    app.include_router(cutouts.router())
    app.include_router(public.router())
    if context.settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=context.settings.cors,
            allow_methods=["GET", "POST"],
            allow_headers=[KEY_HEADER, "authorization"],
            expose_headers=["x-request-id", "retry-after"],
        )

    async def refuse(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestRefused)
        context.metrics.rejected.labels(fault.reason.name.lower()).inc()
        about = request.state.log_fields
        about["refused"] = fault.reason.name.lower()
        # One face speaks in envelopes, as its clients expect; the other in problem details.
        speak = envelope.failure if request.url.path.startswith(("/api/", f"{RESULTS_PATH}/")) else problem
        return speak(fault, about["request_id"])

    async def translate(request: Request, error: Exception) -> Response:
        assert isinstance(error, IdPhotoError)
        return await refuse(request, refusal_from_error(error))

    async def lost(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        reason = RefusalReason.WRONG_METHOD if error.status_code == 405 else RefusalReason.NO_CAPABILITY
        answer = await refuse(
            request, RequestRefused(reason, "There is nothing here.", advice="See /docs for what there is.")
        )
        answer.headers.update(error.headers or {})
        return answer

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=NOBODY_LISTENS)

    app.openapi = partial(_describe, app)  # FastAPI's own way of extending it
    app.add_exception_handler(RequestRefused, refuse)
    app.add_exception_handler(IdPhotoError, translate)
    app.add_exception_handler(HTTPException, lost)
    app.add_exception_handler(ClientDisconnected, gone)
    return app


def _describe(app: FastAPI) -> dict[str, Any]:
    """The description of the service, with the problem details that all routes of one face refer to."""
    known = app.openapi_schema is not None
    schema = FastAPI.openapi(app)
    if not known:
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    return schema
