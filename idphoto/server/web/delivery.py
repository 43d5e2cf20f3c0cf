"""Handing results over: stored for a day at an address, or in the answer and stored nowhere."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from fastapi import Request

__all__ = ["RESULTS_PATH", "deliver", "parse_accept", "wants_base64"]

RESULTS_PATH = "/results"
BASE64 = "base64"


def parse_accept(request: Request) -> list[tuple[str, dict[str, str]]]:
    """Media types that the client takes, with their parameters, the dearest to it first."""
    types = []
    for part in (request.headers.get("accept") or "*/*").split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        pairs = dict(pair.partition("=")[::2] for pair in parameters)
        try:
            weight = float(pairs.pop("q", "1"))
        except ValueError:
            weight = 0.0
        types.append((weight, name.lower(), {key.strip().lower(): value.strip(' "') for key, value in pairs.items()}))
    types.sort(key=lambda entry: -entry[0])
    return [(name, pairs) for weight, name, pairs in types if weight > 0]


def wants_base64(request: Request) -> bool:
    """Whether results are asked for in the answer.

    That is ``?response=base64``, or ``Accept: application/json;response=base64``.

    Raises
    ------
    RequestRefused
        If they are asked for in a way that is unknown.
    """
    wish = request.query_params.get("response")
    if wish is not None and wish not in ("url", BASE64):
        raise RequestRefused(RefusalReason.UNSUPPORTED_VALUE, "response is url or base64.")
    return wish == BASE64 or (
        wish is None and any(pairs.get("response") == BASE64 for _, pairs in parse_accept(request))
    )


async def deliver(request: Request, data: bytes, suffix: str) -> dict[str, Any]:
    """Hand one file over.

    Returns
    -------
    dict
        ``base64``, or ``url`` and ``expires_at`` (Unix seconds).
    """
    if wants_base64(request):
        return {"base64": b64encode(data).decode()}
    context = get_context(request)
    link = await context.run_store_call(context.results.put, data, suffix.rpartition(".")[2])
    context.metrics.stored.inc()
    base = context.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return {"url": f"{base}{RESULTS_PATH}/{link.name}", "expires_at": link.expires_at}
