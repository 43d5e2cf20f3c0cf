"""Routes of the studio page: its start, its documents, and the work on one photo in a session."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from idphoto.api import list_documents
from idphoto.messages import ENGLISH, RIGHT_TO_LEFT, catalogue, languages
from idphoto.server.capabilities import load_capabilities
from idphoto.server.photos.responses import PNG, ZIP, encode_json, file_response, zip_response
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.request_job import read_job
from idphoto.server.studio.documents import describe_document, describe_own_size, find_documents
from idphoto.server.studio.pages import get_page, get_page_file
from idphoto.server.web.billing import run_billed
from idphoto.server.web.delivery import parse_accept
from idphoto.server.web.disconnect import run_unless_disconnected
from idphoto.server.web.dispatch import run_task
from idphoto.server.web.route import get_context, make_route_class
from idphoto.server.web.upload import read_picture
from idphoto.spec import load_colours, load_papers
from idphoto.version import __version__

if TYPE_CHECKING:
    from idphoto.server.sessions import Session
    from idphoto.server.work.task_result import TaskResult

__all__ = ["make_router"]

MAX_QUERY_LETTERS = 80


async def start(request: Request, lang: str = ENGLISH) -> Response:
    """Return what the page needs before it asks for a photo: texts, languages, papers, and whether it needs a key.

    `lang` names languages in the order in which they are preferred, with commas.
    """
    language = next((name for name in lang.split(",") if name in languages()), ENGLISH)
    words = catalogue(language)
    statuses = {name: text for name, text in words.words.items() if name.startswith(("status-", "means-", "verdict-"))}
    colours = {f"colour-{name}": words.words.get(name, name) for name in load_colours()}
    papers = [{"name": name, "title": paper.title, "mm": list(paper.mm)} for name, paper in load_papers().items()]
    context = get_context(request)
    return JSONResponse(
        {
            "version": __version__,
            "keys": context.keys is not None,
            "language": language,
            "rtl": language in RIGHT_TO_LEFT,
            "languages": {name: catalogue(name).name for name in languages()},
            "words": {**statuses, **colours, **words.page},
            "titles": words.titles,
            "papers": papers,
            "idle_seconds": context.settings.session_seconds,
            "megabytes": load_capabilities()["studio"].megabytes,
        }
    )


async def search_documents(query: str = "", lang: str = ENGLISH) -> Response:
    """Return the documents that some words find."""
    return JSONResponse(await to_thread.run_sync(find_documents, query[:MAX_QUERY_LETTERS], _language(lang)))


async def get_document(spec_id: str, lang: str = ENGLISH) -> Response:
    """Return the card of one document."""
    return JSONResponse(await to_thread.run_sync(describe_document, spec_id, _language(lang)))


async def describe_size(request: Request, lang: str = ENGLISH) -> Response:
    """Return the card of a size of the user's own."""
    job = read_job(_read_fields(request))
    return JSONResponse(await to_thread.run_sync(describe_own_size, job, _language(lang)))


async def open_session(request: Request) -> Response:
    """Analyse a photo and keep it in memory for the requests that follow."""
    image = read_picture(request, "photo")
    fields = _read_fields(request)

    async def work() -> tuple[Response, int]:
        result = await run_task(request, "studio-open", {"job": fields}, [image])
        sessions = get_context(request).sessions
        token = sessions.open(image, _key_id(request), result.head["analysis"], result.blobs)
        return JSONResponse({"token": token, **result.head["shown"]}), 1

    return await run_billed(request, work)


async def make_photo(request: Request, token: str) -> Response:
    """Make the photo of one document from an open session, and return it with everything that the page shows."""
    session = _find_session(request, token)
    fields = _read_fields(request)
    _require_one_document(fields)
    mask = read_picture(request, "mask", required=False)
    options = {
        "job": fields,
        "analysis": session.analysis,
        "masks": 1 if mask else 0,
        "matte": request.state.form.fields.get("matte") == ["true"],
    }
    blobs = [session.photo, *([mask] if mask else []), *session.blobs]

    as_archive = parse_accept(request)[:1] == [(ZIP, {})]

    async def work() -> Response:
        result = await run_task(request, "studio-photo", options, blobs)
        if as_archive:
            return _archive(result, mask)
        files = [
            {**row, "base64": b64encode(blob).decode()}
            for row, blob in zip(result.head["files"], result.blobs, strict=True)
        ]
        return JSONResponse({**result.head, "files": files, "timings": result.timings})

    return await run_unless_disconnected(request.receive, work)


async def cut_out(request: Request, token: str) -> Response:
    """Cut the person out of the whole photo, and return the transparent PNG."""
    session = _find_session(request, token)
    options = {"job": _read_fields(request)}

    async def work() -> Response:
        result = await run_task(request, "studio-cutout", options, [session.photo])
        return file_response((f"cutout{result.head['files'][0]['suffix']}", result.blobs[0]), PNG)

    return await run_unless_disconnected(request.receive, work)


async def match_photo(request: Request, token: str) -> Response:
    """Tell which documents the photo of a session fits."""
    session = _find_session(request, token)
    options = {"job": _read_fields(request), "analysis": session.analysis}

    async def work() -> Response:
        result = await run_task(request, "studio-match", options, [session.photo, *session.blobs])
        return JSONResponse(result.head)

    return await run_unless_disconnected(request.receive, work)


async def end_session(request: Request, token: str) -> Response:
    """Forget a photo. The page sends this when its tab closes, without a key; the token is secret enough."""
    context = get_context(request)
    context.access.check_origin(request.headers)
    context.sessions.end(token)
    return Response(status_code=204)


async def judge_frame(request: Request) -> Response:
    """Judge one frame of the camera."""
    image = read_picture(request, "photo")
    fields = _read_fields(request)
    _require_one_document(fields)

    async def work() -> Response:
        return JSONResponse((await run_task(request, "studio-frame", {"job": fields}, [image])).head)

    return await run_unless_disconnected(request.receive, work)


def make_router() -> APIRouter:
    """Return the routes of the page. They are made for it alone and are no part of the described API."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/", get_page, methods=["GET"])
    routes.add_api_route("/page/{name}", get_page_file, methods=["GET"])
    routes.add_api_route("/studio/start", start, methods=["GET"])
    routes.add_api_route("/studio/sessions/{token}/end", end_session, methods=["POST"])
    for path, handler, method, capability in (
        ("/studio/documents", search_documents, "GET", "catalogue"),
        ("/studio/documents/{spec_id}", get_document, "GET", "catalogue"),
        ("/studio/sizes", describe_size, "POST", "studio_work"),
        ("/studio/sessions", open_session, "POST", "studio"),
        ("/studio/sessions/{token}/photos", make_photo, "POST", "studio_work"),
        ("/studio/sessions/{token}/cutout", cut_out, "POST", "studio_work"),
        ("/studio/sessions/{token}/matches", match_photo, "POST", "studio_work"),
        ("/studio/frames", judge_frame, "POST", "studio_frame"),
    ):
        routes.add_api_route(
            path,
            handler,
            methods=[method],
            response_model=None,
            route_class_override=make_route_class(load_capabilities()[capability]),
        )
    return routes


def _language(name: str) -> str:
    return name if name in languages() else ENGLISH


def _key_id(request: Request) -> str:
    return request.state.key.id if request.state.key is not None else ""


def _find_session(request: Request, token: str) -> Session:
    return get_context(request).sessions.find(token, _key_id(request))


def _require_one_document(fields: dict[str, Any]) -> None:
    """Refuse a job that is not for exactly one document, or for one size of the user's own."""
    documents = list_documents(read_job(fields))
    if len(documents) != 1 or documents[0] is None:
        raise RequestRefused(RefusalReason.MISSING, "Name one document in the field 'spec', or a size in 'size'.")


def _archive(result: TaskResult, mask: bytes) -> Response:
    """Return all files of a photo as one ZIP, with the report, and with the job and the mask that repeat it."""
    stem = result.head["slug"]
    files = [(f"{stem}{row['suffix']}", blob) for row, blob in zip(result.head["files"], result.blobs, strict=True)]
    files.append((f"{stem}.json", encode_json(result.head["report"])))
    files.append((f"{stem}.job.yaml", result.head["job"].encode()))
    if mask:
        files.append((result.head["mask_name"], mask))
    return zip_response(files)


def _read_fields(request: Request) -> dict[str, Any]:
    """Return the fields of the job that the form holds as one JSON object in the field ``job``."""
    texts = request.state.form.fields.get("job", [])
    if not texts:
        return {}
    try:
        fields = json.loads(texts[0])
    except (ValueError, RecursionError):
        raise RequestRefused(RefusalReason.INVALID, "The field 'job' is no JSON.") from None
    if len(texts) > 1 or not isinstance(fields, dict):
        raise RequestRefused(RefusalReason.INVALID, "Send one JSON object in the field 'job'.")
    read_job(fields)  # refuses early what the worker would refuse
    return fields
