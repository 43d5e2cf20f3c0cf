"""Answer a request that is sent again with its Idempotency-Key as the first time, without work and without credits.

The header is that of draft-ietf-httpapi-idempotency-key-header. An answer is kept as long as results are, in the store
of results, also if it holds pictures. Only successes are kept: a request that failed is worked on again.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from anyio import CancelScope
from starlette.responses import Response, StreamingResponse

from idphoto.server.ledger import KeptAnswer
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.reservations import BilledResponse
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import Request

__all__ = ["IDEMPOTENCY_HEADER", "REPLAYED_HEADER", "run_once"]

IDEMPOTENCY_HEADER = "idempotency-key"
REPLAYED_HEADER = "idempotency-replayed"
"""Header of an answer that was given before."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_EXTENSIONS = {
    "application/json": "json",
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/zip": "zip",
}


async def run_once(request: Request, handle: Callable[[], Awaitable[Response]]) -> Response:
    """Handle a request whose form has been read, or return the answer that it got before.

    Raises
    ------
    RequestRefused
        If the key has been used for another request, or its request is still worked on.
    """
    context, key = get_context(request), request.state.key
    name = request.headers.get(IDEMPOTENCY_HEADER)
    if name is None or context.answers is None or key is None:
        return await handle()
    if not _KEY.fullmatch(name):
        raise RequestRefused(RefusalReason.INVALID, "An Idempotency-Key has 1 to 200 printable characters, no spaces.")
    row, kept = await context.run_ledger_write(context.answers.begin, key.id, name, _hash_request(request))
    if kept is not None:
        request.state.log_fields["replayed"] = True
        stored = await context.run_store_call(context.results.open, kept.result)
        headers = {REPLAYED_HEADER: "true", "content-length": str(stored.length)}
        if kept.disposition:
            headers["content-disposition"] = kept.disposition
        return StreamingResponse(stored.chunks, media_type=kept.media_type, headers=headers)
    response: Response | None = None
    try:
        response = await handle()
        made = response.response if isinstance(response, BilledResponse) else response
        media_type = (made.media_type or "application/json").partition(";")[0]
        link = await context.run_store_call(context.results.save, bytes(made.body), _EXTENSIONS[media_type])
        answer = KeptAnswer(media_type, made.headers.get("content-disposition", ""), link.name)
        # From here on the answer can be had again, so this is the success that is paid for.
        with CancelScope(shield=True):
            if isinstance(response, BilledResponse):
                await response.settle(row, answer)
            else:
                await context.run_ledger_write(context.answers.finish, row, answer)
    except BaseException:
        with CancelScope(shield=True):
            if isinstance(response, BilledResponse):
                await response.release()
            await context.run_ledger_write(context.answers.forget, row)
        raise
    return response


def _hash_request(request: Request) -> str:
    """Return the hash of all that the answer depends on: the route, its query, the form, and the wanted media type."""
    form = request.state.form
    digest = hashlib.sha256()
    parts = [request.url.path, request.url.query, request.headers.get("accept", "")]
    parts += [f"{field}={value}" for field, values in sorted(form.fields.items()) for value in values]
    for part in parts:
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    for field, files in sorted(form.files.items()):
        for file in files:
            digest.update(hashlib.sha256(field.encode("utf-8", "surrogatepass")).digest())
            digest.update(hashlib.sha256(file).digest())
    return digest.hexdigest()
