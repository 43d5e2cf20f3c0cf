"""The capabilities of the cutout API, and the balance of credits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request

from idphoto.server.capabilities import capabilities
from idphoto.server.cutouts.envelope import success
from idphoto.server.cutouts.openapi import BODIES, RESPONSES
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.billing import run_billed
from idphoto.server.web.delivery import deliver
from idphoto.server.web.dispatch import run_task
from idphoto.server.web.route import KEY_IN_OPENAPI, get_context, make_route_class
from idphoto.server.web.upload import read_picture

if TYPE_CHECKING:
    from starlette.responses import Response


__all__ = ["PATHS", "router"]

FORMS = {"": "rgba", "mask": "mask", "whiteBK": "white", "crop": "crop"}
"""`return_form` to the form of a cutout."""

HEAD_FORMS = {"": "rgba", "mask": "mask"}


async def portrait(request: Request) -> Response:
    """Cut the person out: four-channel PNG, `mask`, `whiteBK` (on white) or `crop` (cut to the person)."""
    done = _job(request, "cutout", {"order": {"form": _form(request, FORMS)}})
    return await run_billed(request, lambda: _single(request, done))


async def hd_portrait(request: Request) -> Response:
    """Cut everybody out of a large picture, at its full resolution."""
    done = _job(request, "large-cutout", {})
    return await run_billed(request, lambda: _single(request, done, as_elements=True))


async def avatar(request: Request) -> Response:
    """Cut out each head, with its hair and its place in the picture."""
    done = _job(request, "heads", {"part": "head", "form": _form(request, HEAD_FORMS)})
    return await run_billed(request, lambda: _elements(request, done))


async def hairstyle(request: Request) -> Response:
    """Cut out the hair of each head, with its place in the picture."""
    done = _job(request, "heads", {"part": "hair", "form": "rgba"})
    return await run_billed(request, lambda: _elements(request, done))


async def query_credits(request: Request) -> Response:
    """The balance of every kind of credits."""
    context, key = get_context(request), request.state.key
    accounts = await to_thread.run_sync(context.keys.accounts, key.id) if context.keys is not None and key else []
    titles = {row.sign: row.title for row in capabilities().values()} | {"common": "Universal credits"}
    rows = [
        {
            "unique_sign": account.sign,
            "name": titles.get(account.sign, account.sign),
            "balance": account.balance,
            "total": account.total,
            "last_recharge_balance": account.last_recharge,
            "balance_warning": account.warning,
            "first_buy_time": account.first_buy_at,
            "last_update_time": account.updated_at,
        }
        for account in accounts
    ]
    return success(rows, request.state.log_fields["request_id"])


PATHS = {
    "portrait": ("POST", "/api/cutout/portrait/portrait-background-removal", portrait),
    "hd_portrait": ("POST", "/api/cutout/portrait/hd-portrait-background-removal", hd_portrait),
    "avatar": ("POST", "/api/cutout/portrait/avatar-extraction", avatar),
    "hairstyle": ("POST", "/api/cutout/portrait/hairstyle-extraction", hairstyle),
    "credits": ("GET", "/api/common/query-credits", query_credits),
}
"""Capability to its method, path and handler."""


def _form(request: Request, forms: dict[str, str]) -> str:
    wanted = request.state.form.fields.get("return_form", [""])[-1]
    if wanted not in forms:
        names = ", ".join(name for name in forms if name)
        raise RequestRefused(RefusalReason.UNSUPPORTED_VALUE, f"return_form is one of: {names}; or is left out.")
    return forms[wanted]


def _job(request: Request, task: str, options: dict[str, Any]) -> Any:
    """Make the call that has the work done."""
    return partial(run_task, request, task, options, [read_picture(request, "image")])


async def _single(request: Request, run: Any, *, as_elements: bool = False) -> tuple[Response, int]:
    done = await run()
    (data,), (file,) = done.blobs, done.head["files"]
    given = _named(await deliver(request, data, file["suffix"]))
    if as_elements:
        # The hosted service's page says one thing and its SDK's types another; clients of both find what they expect.
        given = {**given, "elements": [given]}
    return success(given, request.state.log_fields["request_id"]), 1


async def _elements(request: Request, run: Any) -> tuple[Response, int]:
    done = await run()
    elements = [
        {
            **_named(await deliver(request, data, file["suffix"])),
            **{name: file[name] for name in ("width", "height", "x", "y")},
        }
        for data, file in zip(done.blobs, done.head["files"], strict=True)
    ]
    return success({"elements": elements}, request.state.log_fields["request_id"]), 1


def _named(given: dict[str, Any]) -> dict[str, Any]:
    return {"image_base64": given["base64"]} if "base64" in given else {"image_url": given["url"]}


def router() -> APIRouter:
    """Routes of this face."""
    routes = APIRouter(tags=["Cutout API"], dependencies=[KEY_IN_OPENAPI])
    for name, (method, path, handler) in PATHS.items():
        capability = capabilities()[name]
        routes.add_api_route(
            path,
            handler,
            methods=[method],
            summary=capability.title,
            operation_id=f"cutout_{name}",
            responses=RESPONSES[name],
            response_model=None,
            openapi_extra=BODIES.get(name),
            route_class_override=make_route_class(capability),
        )
    return routes
