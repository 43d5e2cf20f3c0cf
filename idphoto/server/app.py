"""Assemble the service: routes, refusals and middleware."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from idphoto.errors import IdPhotoError
from idphoto.server import cutouts, photos, public, studio
from idphoto.server.access import KEY_HEADER
from idphoto.server.cutouts import envelope
from idphoto.server.problems import Problem, problem_response
from idphoto.server.refusals import RefusalReason, RequestRefused, refusal_from_error
from idphoto.server.web.delivery import RESULTS_PATH
from idphoto.server.web.disconnect import ClientDisconnected
from idphoto.server.web.idempotency import IDEMPOTENCY_HEADER, REPLAYED_HEADER
from idphoto.server.web.middleware import (
    STATUS_CLIENT_CLOSED,
    LoopbackMiddleware,
    RequestLogMiddleware,
    SecurityHeadersMiddleware,
    UploadDrainMiddleware,
)
from idphoto.version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import Request
    from starlette.types import ASGIApp

    from idphoto.server.context import ServerContext

__all__ = ["make_api", "make_asgi_app"]

RETRY_AFTER_S = 5  # if the ledger cannot be used

DESCRIPTION = """
Cutouts and ID photos. Send your API key in the header `ailabapi-api-key`, or as a bearer token.
Results are returned as URLs that are valid for a day. With `?response=base64` they are returned in the response, and
nothing is stored.
"""


def make_asgi_app(context: ServerContext) -> ASGIApp:
    """Return the whole service as an ASGI application."""
    api: ASGIApp = UploadDrainMiddleware(make_api(context))
    if not context.settings.auth:
        api = LoopbackMiddleware(api, context.access)
    return SecurityHeadersMiddleware(RequestLogMiddleware(api, context.metrics))


def make_api(context: ServerContext) -> FastAPI:
    """Return the routes of the service, without the outer middleware."""

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
    app.include_router(photos.make_router())
    app.include_router(cutouts.make_router())
    app.include_router(public.make_router())
    app.include_router(studio.make_router())
    if context.settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=context.settings.cors,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=[KEY_HEADER, "authorization", IDEMPOTENCY_HEADER],
            expose_headers=["x-request-id", "retry-after", REPLAYED_HEADER],
        )
    app.openapi = partial(_describe, app)  # FastAPI documents this as the way to extend the description
    _add_exception_handlers(app, context)
    return app


def _add_exception_handlers(app: FastAPI, context: ServerContext) -> None:
    """Turn refusals, errors of the library and unknown routes into responses."""

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestRefused)
        reason = error.reason.name.lower()
        context.metrics.rejected.labels(reason).inc()
        request.state.log_fields["refused"] = reason
        if error.__cause__ is not None:
            request.state.log_fields["cause"] = type(error.__cause__).__name__
        is_cutout_api = request.url.path.startswith(("/api/", f"{RESULTS_PATH}/"))
        respond = envelope.failure_response if is_cutout_api else problem_response
        return respond(error, request.state.log_fields["request_id"])

    async def refuse_library_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, IdPhotoError)
        return await refuse(request, refusal_from_error(error))

    async def refuse_unknown_route(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        reason = RefusalReason.WRONG_METHOD if error.status_code == 405 else RefusalReason.NO_CAPABILITY
        refusal = RequestRefused(reason, "There is no such route.", advice="See /docs for all routes.")
        response = await refuse(request, refusal)
        response.headers.update(error.headers or {})
        return response

    async def refuse_query(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        names = ", ".join(sorted({str(fault["loc"][-1]) for fault in error.errors()}))
        text = f"The request cannot be used: {names}."
        return await refuse(request, RequestRefused(RefusalReason.INVALID, text, advice="See /docs for their bounds."))

    async def refuse_ledger_error(request: Request, error: Exception) -> Response:
        request.state.log_fields["cause"] = type(error).__name__
        refusal = RequestRefused(RefusalReason.OVERLOADED, "The ledger cannot be used now.", retry_after=RETRY_AFTER_S)
        return await refuse(request, refusal)

    async def answer_bug(request: Request, _: Exception) -> Response:
        # The exception is passed on after the answer, and the middleware logs it.
        return await refuse(request, RequestRefused(RefusalReason.FAILED, "The server has failed."))

    async def end_disconnected(_: Request, __: Exception) -> Response:
        return Response(status_code=STATUS_CLIENT_CLOSED)

    app.add_exception_handler(RequestRefused, refuse)
    app.add_exception_handler(IdPhotoError, refuse_library_error)
    app.add_exception_handler(RequestValidationError, refuse_query)
    app.add_exception_handler(HTTPException, refuse_unknown_route)
    app.add_exception_handler(ClientDisconnected, end_disconnected)
    app.add_exception_handler(SQLAlchemyError, refuse_ledger_error)
    app.add_exception_handler(Exception, answer_bug)


def _describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, with the schema of problem details that the ID-photo API refers to."""
    is_cached = app.openapi_schema is not None
    schema = FastAPI.openapi(app)
    if not is_cached:
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    return schema
