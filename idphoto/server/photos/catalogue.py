"""Handlers that list documents and papers."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated

from anyio import to_thread
from fastapi import Query
from starlette.responses import JSONResponse, Response

from idphoto.errors import UnknownSpec
from idphoto.spec import all_specs, find_specs, load_papers, load_spec, spec_ids

__all__ = ["get_spec", "list_papers", "list_specs"]

MAX_QUERY_LETTERS = 100


async def list_specs(
    q: Annotated[str, Query(max_length=MAX_QUERY_LETTERS, description="Words in any language, or a size.")] = "",
    language: Annotated[str, Query(pattern="^[a-z]{2}$", description="Language of the user.")] = "en",
    limit: Annotated[int, Query(ge=1, le=1000, description="Number of documents, at most.")] = 1000,
) -> Response:
    """Return every document that photos can be made for, with its rules and their sources.

    With `q`, return only the documents that the words mean, the best first: `usa`, `germany visa`, `35x45`, `护照`. If
    there is none, `nearest` is true, `unknown` lists the words that mean nothing here, and the documents are those that
    come nearest.
    """
    if not q.strip():
        return Response(await to_thread.run_sync(_encode_all_specs), media_type="application/json")
    found = await to_thread.run_sync(find_specs, q, language)
    rows = [spec.model_dump(mode="json", by_alias=True) for spec in found.specs[:limit]]
    return JSONResponse({"specs": rows, "nearest": found.nearest, "unknown": list(found.unknown)})


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
