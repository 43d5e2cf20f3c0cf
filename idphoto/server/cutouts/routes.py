"""The capabilities of the cutout API, and the balance of credits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request

from idphoto.server.capabilities import capabilities
from idphoto.server.cutouts.describing import BODIES, RESPONSES
from idphoto.server.cutouts.envelope import success
from idphoto.server.faults import Fault, Reason
from idphoto.server.web.delivery import deliver
from idphoto.server.web.paying import paid
from idphoto.server.web.route import guarded, house_of
from idphoto.server.web.upload import picture
from idphoto.server.web.working import work

if TYPE_CHECKING:
    from starlette.responses import Response


__all__ = ["PATHS", "router"]

FORMS = {"": "rgba", "mask": "mask", "whiteBK": "white", "crop": "crop"}
"""`return_form` to the form of a cutout."""


async def portrait(request: Request) -> Response:
    """Cut the person out: four-channel PNG, `mask`, `whiteBK` (on white) or `crop` (cut to the person)."""
    done = _job(request, "cutout", {"order": {"form": _form(request, FORMS)}})
    return await paid(request, lambda: _single(request, done))


async def query_credits(request: Request) -> Response:
    """The balance of every kind of credits."""
    house, key = house_of(request), request.state.key
    accounts = await to_thread.run_sync(house.keys.accounts, key.id) if house.keys is not None and key else []
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
    return success(rows, request.state.about["request_id"])


PATHS = {
    "portrait": ("POST", "/api/cutout/portrait/portrait-background-removal", portrait),
    "credits": ("GET", "/api/common/query-credits", query_credits),
}
"""Capability to its method, path and handler."""


def _form(request: Request, forms: dict[str, str]) -> str:
    wanted = request.state.form.fields.get("return_form", [""])[-1]
    if wanted not in forms:
        names = ", ".join(name for name in forms if name)
        raise Fault(Reason.UNSUPPORTED_VALUE, f"return_form is one of: {names}; or is left out.")
    return forms[wanted]


def _job(request: Request, task: str, options: dict[str, Any]) -> Any:
    """Make the call that has the work done."""
    return partial(work, request, task, options, [picture(request, "image")])


async def _single(request: Request, run: Any) -> tuple[Response, int]:
    done = await run()
    (data,), (file,) = done.blobs, done.head["files"]
    given = _named(await deliver(request, data, file["suffix"]))
    return success(given, request.state.about["request_id"]), 1


def _named(given: dict[str, Any]) -> dict[str, Any]:
    return {"image_base64": given["base64"]} if "base64" in given else {"image_url": given["url"]}


def router() -> APIRouter:
    """Routes of this face."""
    routes = APIRouter(tags=["Cutout API"])
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
            route_class_override=guarded(capability),
        )
    return routes
