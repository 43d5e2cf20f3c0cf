"""Routes of the cutout API, and the balances of credits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request

from idphoto.server.capabilities import COMMON_SIGN, load_capabilities
from idphoto.server.cutouts.envelope import success_response
from idphoto.server.cutouts.openapi import REQUEST_DESCRIPTIONS, RESPONSE_DESCRIPTIONS
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.billing import run_billed
from idphoto.server.web.delivery import deliver_file
from idphoto.server.web.dispatch import run_task
from idphoto.server.web.route import KEY_IN_OPENAPI, get_context, make_route_class
from idphoto.server.web.upload import read_picture

if TYPE_CHECKING:
    from starlette.responses import Response

    from idphoto.server.work.task_result import TaskResult

    Work = Callable[[], Awaitable[TaskResult]]


__all__ = ["ROUTES", "make_router"]

PERSON_FORMS = {"": "rgba", "mask": "mask", "whiteBK": "white", "crop": "crop"}
"""Value of `return_form` to the form of a cutout."""

HEAD_FORMS = {"": "rgba", "mask": "mask"}


async def cut_out_portrait(request: Request) -> Response:
    """Cut the person out: four-channel PNG, `mask`, `whiteBK` (on white) or `crop` (cropped to the person)."""
    work = _prepare_task(request, "cutout", {"job": {"form": _chosen_form(request, PERSON_FORMS)}})
    return await run_billed(request, lambda: _respond_with_person(request, work))


async def cut_out_hd_portrait(request: Request) -> Response:
    """Cut all people out of a large picture, at its full resolution."""
    work = _prepare_task(request, "large-cutout", {})
    return await run_billed(request, lambda: _respond_with_person(request, work, as_elements=True))


async def cut_out_avatars(request: Request) -> Response:
    """Cut out each head with its hair, and return its position in the picture."""
    work = _prepare_task(request, "heads", {"part": "head", "form": _chosen_form(request, HEAD_FORMS)})
    return await run_billed(request, lambda: _respond_with_heads(request, work))


async def cut_out_hairstyles(request: Request) -> Response:
    """Cut out the hair of each head, and return its position in the picture."""
    work = _prepare_task(request, "heads", {"part": "hair", "form": "rgba"})
    return await run_billed(request, lambda: _respond_with_heads(request, work))


async def query_credits(request: Request) -> Response:
    """Return the balance of every kind of credits."""
    context, key = get_context(request), request.state.key
    accounts = await to_thread.run_sync(context.keys.list_accounts, key.id) if context.keys is not None and key else []
    titles = {row.sign: row.title for row in load_capabilities().values()} | {COMMON_SIGN: "Universal credits"}
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
    return success_response(rows, request.state.log_fields["request_id"])


ROUTES = {
    "portrait": ("POST", "/api/cutout/portrait/portrait-background-removal", cut_out_portrait),
    "hd_portrait": ("POST", "/api/cutout/portrait/hd-portrait-background-removal", cut_out_hd_portrait),
    "avatar": ("POST", "/api/cutout/portrait/avatar-extraction", cut_out_avatars),
    "hairstyle": ("POST", "/api/cutout/portrait/hairstyle-extraction", cut_out_hairstyles),
    "credits": ("GET", "/api/common/query-credits", query_credits),
}
"""Method, path and handler by capability."""


def make_router() -> APIRouter:
    """Return the routes of the cutout API."""
    routes = APIRouter(tags=["Cutout API"], dependencies=[KEY_IN_OPENAPI])
    for name, (method, path, handler) in ROUTES.items():
        capability = load_capabilities()[name]
        routes.add_api_route(
            path,
            handler,
            methods=[method],
            summary=capability.title,
            operation_id=f"cutout_{name}",
            responses=RESPONSE_DESCRIPTIONS[name],
            response_model=None,
            openapi_extra=REQUEST_DESCRIPTIONS.get(name),
            route_class_override=make_route_class(capability),
        )
    return routes


def _chosen_form(request: Request, forms: dict[str, str]) -> str:
    """Return the form of a cutout that `return_form` asks for."""
    wanted = request.state.form.fields.get("return_form", [""])[-1]
    if wanted not in forms:
        names = ", ".join(name for name in forms if name)
        raise RequestRefused(RefusalReason.UNSUPPORTED_VALUE, f"return_form is one of: {names}; or it is left out.")
    return forms[wanted]


def _prepare_task(request: Request, task: str, options: dict[str, Any]) -> Work:
    """Check the picture of a request, and return a function that lets a worker run the task on it."""
    return partial(run_task, request, task, options, [read_picture(request, "image")])


async def _respond_with_person(request: Request, work: Work, *, as_elements: bool = False) -> tuple[Response, int]:
    """Run a task that makes one picture; return the response and how often the price is due."""
    result = await work()
    (data,), (file,) = result.blobs, result.head["files"]
    image = _image_field(await deliver_file(request, data, file["suffix"]))
    if as_elements:
        # The hosted service's documentation has the picture at the top, its SDK has it in `elements`. Send both.
        image = {**image, "elements": [image]}
    return success_response(image, request.state.log_fields["request_id"]), 1


async def _respond_with_heads(request: Request, work: Work) -> tuple[Response, int]:
    """Run a task that makes a picture per head; return the response and how often the price is due."""
    result = await work()
    elements = [
        {
            **_image_field(await deliver_file(request, data, file["suffix"])),
            **{name: file[name] for name in ("width", "height", "x", "y")},
        }
        for data, file in zip(result.blobs, result.head["files"], strict=True)
    ]
    return success_response({"elements": elements}, request.state.log_fields["request_id"]), 1


def _image_field(delivered: dict[str, Any]) -> dict[str, Any]:
    """Name a delivered picture as the hosted service does."""
    return {"image_base64": delivered["base64"]} if "base64" in delivered else {"image_url": delivered["url"]}
