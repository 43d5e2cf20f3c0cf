"""Deliver files: as a URL that is valid for a day, or as Base64 in the response."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from fastapi import Request

__all__ = ["RESULTS_PATH", "deliver_file", "parse_accept", "wants_base64"]

RESULTS_PATH = "/results"


def parse_accept(request: Request) -> list[tuple[str, dict[str, str]]]:
    """Return the media types of the ``Accept`` header with their parameters, the preferred one first."""
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
    """Return True if files shall be returned as Base64 in the response.

    A client asks for it by ``?response=base64`` or by ``Accept: application/json;response=base64``.

    Raises
    ------
    RequestRefused
        If ``response`` has any other value than ``url`` or ``base64``.
    """
    wanted = request.query_params.get("response")
    if wanted is not None and wanted not in ("url", "base64"):
        raise RequestRefused(RefusalReason.UNSUPPORTED_VALUE, "response is url or base64.")
    if wanted is not None:
        return wanted == "base64"
    return any(parameters.get("response") == "base64" for _, parameters in parse_accept(request))


async def deliver_file(request: Request, data: bytes, name: str) -> dict[str, Any]:
    """Return the part of a response that delivers one file.

    Parameters
    ----------
    request : Request
        The request.
    data : bytes
        The file.
    name : str
        Its name or suffix; the text after the last dot is its extension.

    Returns
    -------
    dict
        ``base64``, or ``url`` and ``expires_at`` (Unix seconds).
    """
    if wants_base64(request):
        return {"base64": b64encode(data).decode()}
    context = get_context(request)
    link = await context.run_store_call(context.results.save, data, name.rpartition(".")[2])
    context.metrics.stored.inc()
    base = context.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return {"url": f"{base}{RESULTS_PATH}/{link.name}", "expires_at": link.expires_at}
