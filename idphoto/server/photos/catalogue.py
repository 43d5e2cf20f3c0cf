"""Handlers that list documents and papers."""

from __future__ import annotations

import json
from functools import lru_cache

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from idphoto.errors import UnknownSpec
from idphoto.spec import all_specs, load_papers, load_spec, spec_ids

__all__ = ["get_spec", "list_papers", "list_specs"]


async def list_specs() -> Response:
    """Return every document that photos can be made for, with its rules and their sources."""
    return Response(await to_thread.run_sync(_encode_all_specs), media_type="application/json")


async def get_spec(spec_id: str) -> Response:
    """Return one document, or a variant such as `nl-passport:child`."""
    if spec_id not in await to_thread.run_sync(_known_ids):  # load_spec would also open a path
        raise UnknownSpec("There is no such document.", "GET /v1/specs lists all of them.")
    spec = await to_thread.run_sync(load_spec, spec_id)
    return JSONResponse(spec.model_dump(mode="json", by_alias=True))


async def list_papers() -> Response:
    """Return every paper that sheets can be printed on. Other sizes are written like `120x180mm`."""
    rows = [
        {"name": name, "title": paper.title, "aliases": list(paper.aliases), "mm": list(paper.mm)}
        for name, paper in load_papers().items()
    ]
    return JSONResponse({"papers": rows})


@lru_cache(maxsize=1)
def _encode_all_specs() -> bytes:
    rows = [spec.model_dump(mode="json", by_alias=True) for spec in all_specs()]
    return json.dumps({"specs": rows}, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def _known_ids() -> frozenset[str]:
    return frozenset(spec_ids())
