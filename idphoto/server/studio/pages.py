"""Serve the files of the studio page from memory, with a strict policy for what browsers load for it."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fastapi import Request
from starlette.responses import Response

from idphoto.server.refusals import RefusalReason, RequestRefused

__all__ = ["PAGE_HEADERS", "get_page", "get_page_file"]

HOME = Path(__file__).parents[1] / "page"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}

PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}
"""Headers of the page. Pictures come from memory of the page itself (``blob:``); nothing comes from elsewhere."""


class _PageFile(NamedTuple):
    packed: bytes
    plain: bytes
    media_type: str
    tag: str


@lru_cache(maxsize=1)
def _files() -> dict[str, _PageFile]:
    """Return every file of the page by its name. No other path is ever looked up."""
    found = {}
    for path in sorted(HOME.iterdir()):
        if path.suffix in MEDIA_TYPES:
            data = path.read_bytes()
            tag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
            found[path.name] = _PageFile(gzip.compress(data, mtime=0), data, MEDIA_TYPES[path.suffix], tag)
    return found


async def get_page(request: Request) -> Response:
    """Return the page itself."""
    return _respond(request, "index.html")


async def get_page_file(request: Request, name: str) -> Response:
    """Return a script, a style or a picture of the page."""
    return _respond(request, name)


def _respond(request: Request, name: str) -> Response:
    file = _files().get(name)
    if file is None:
        raise RequestRefused(RefusalReason.NO_CAPABILITY, "There is no such file.", advice="Open the page at /.")
    headers = {**PAGE_HEADERS, "etag": file.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(file.plain, media_type=file.media_type, headers=headers)
