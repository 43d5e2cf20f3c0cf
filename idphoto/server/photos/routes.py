"""The routes of the ID-photo API."""

from __future__ import annotations

import io
import json
import zipfile
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from idphoto.errors import UnknownSpec
from idphoto.job import bounds_of
from idphoto.output.sheet import paper_mm
from idphoto.server.capabilities import load_capabilities
from idphoto.server.photos import openapi
from idphoto.server.photos.request_fields import choose_media_type, read_integers, read_job_fields, read_single
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.request_job import check_paper, read_job
from idphoto.server.results import MEDIA_TYPES
from idphoto.server.web.billing import run_billed
from idphoto.server.web.delivery import deliver_file
from idphoto.server.web.dispatch import run_task
from idphoto.server.web.route import KEY_IN_OPENAPI, make_route_class
from idphoto.server.web.upload import check_format, read_picture
from idphoto.spec import all_specs, load_papers, load_spec, spec_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["make_router"]

JSON, ZIP, JPEG, PNG, PDF = "application/json", "application/zip", "image/jpeg", "image/png", "application/pdf"
MAX_COPIES: int = bounds_of("copies")["le"]

Files = list[tuple[str, bytes]]
"""Names and contents."""


async def photos(request: Request) -> Response:
    """Make ID photos of one portrait: the photo, a print sheet where a paper is named, and a report.

    As JSON with an address for each file; as one ZIP (`Accept: application/zip`); or, for one document, as the bare
    photo (`Accept: image/jpeg`, `image/png`).
    """
    image = read_picture(request, "photo")
    fields = read_job_fields(request, openapi.PHOTOS)
    documents = _documents(fields)
    kinds = (JSON, ZIP, JPEG, PNG) if len(documents) == 1 else (JSON, ZIP)
    wanted = choose_media_type(request, kinds)
    run = partial(run_task, request, "photos", {"job": fields}, [image])

    async def made() -> tuple[Response, int]:
        done = await run()
        blobs = iter(done.blobs)
        answers, files = [], []
        due = 0
        for document in done.head["documents"]:
            if "error" in document:
                answers.append(document)
                continue
            due += 1
            stem = document["spec"].replace(":", "-")
            own: Files = [(f"{stem}{file['suffix']}", next(blobs)) for file in document["files"]]
            if wanted in (JPEG, PNG):
                return _bare(own[0], wanted), due
            own.append((f"{stem}.json", _json(document["report"])))
            files += own
            if wanted == JSON:
                answers.append({**document, "files": [await _link(request, *file) for file in own]})
        if wanted == ZIP:
            return _zip(files), due
        return _answer(request, documents=answers), due

    return await run_billed(request, made, count=len(documents))


async def checks(request: Request) -> Response:
    """Judge a photo as it is against documents; make nothing and store nothing."""
    image = read_picture(request, "photo")
    fields = read_job_fields(request, openapi.CHECKS)
    documents = _documents(fields)
    choose_media_type(request, (JSON,))
    run = partial(run_task, request, "photos", {"job": fields, "check": True}, [image])

    async def judged() -> tuple[Response, int]:
        done = await run()
        answers = [{name: value for name, value in row.items() if name != "files"} for row in done.head["documents"]]
        return _answer(request, documents=answers), sum("error" not in answer for answer in answers)

    return await run_billed(request, judged, count=len(documents))


async def cutouts(request: Request) -> Response:
    """Cut the person out: transparent, as a mask, on a colour, cropped, or before a background out of focus.

    As JSON with an address, or as the bare picture (`Accept: image/png`, `image/jpeg`). A mask of one's own, white
    where the person is, may be sent along; it is then taken as it is.
    """
    image, mask = read_picture(request, "photo"), read_picture(request, "mask", required=False)
    fields = read_job_fields(request, openapi.CUTOUTS)
    wanted = choose_media_type(request, (JSON, PNG, JPEG))
    if wanted in (PNG, JPEG) and "format" not in fields:
        fields["format"] = wanted.partition("/")[2]
    if fields.get("format") == "jpeg" and fields.get("form", "rgba") in ("rgba", "crop"):
        raise RequestRefused(
            RefusalReason.UNSUPPORTED_VALUE, "JPEG cannot be transparent.", advice="Ask for PNG, or for form=white."
        )
    run = partial(run_task, request, "cutout", {"job": fields}, [image, mask] if mask else [image])

    async def made() -> tuple[Response, int]:
        done = await run()
        name = f"cutout{done.head['files'][0]['suffix']}"
        if wanted != JSON:
            return _bare((name, done.blobs[0]), wanted), 1
        return _answer(request, files=[await _link(request, name, done.blobs[0])]), 1

    return await run_billed(request, made)


async def sheets(request: Request) -> Response:
    """Lay finished photos out on paper, at their true size: `photo` once or more, `copies` for each in the same order.

    As JSON with an address for each file, as one ZIP, or bare, where there is one file.
    """
    images = request.state.form.files.get("photo", [])
    if not images:
        raise RequestRefused(RefusalReason.MISSING, "Send one or more pictures in the field 'photo'.")
    for image in images:
        check_format(image, request.state.capability.formats)
    fields = read_job_fields(request, openapi.SHEETS, ("size", "turn", "copies"))
    if "sheet" not in fields:
        raise RequestRefused(RefusalReason.MISSING, "Name a paper in the field 'sheet'; GET /v1/papers lists them.")
    copies: list[int | None] = [*read_integers(request, "copies", MAX_COPIES)]
    if len(copies) not in (0, len(images)):
        raise RequestRefused(RefusalReason.INVALID, "Send 'copies' once for each photo, or not at all.")
    size, turn = read_single(request, "size"), read_single(request, "turn")
    if turn not in ("", "true", "false"):
        raise RequestRefused(RefusalReason.INVALID, "'turn' is true or false.")
    options = {
        "job": fields,
        "size": _size(size) if size else None,
        "turn": turn == "true",
        "each": copies or [None] * len(images),
    }
    kind = {"jpeg": (JPEG,), "both": ()}.get(fields.get("sheet_format", "pdf"), (PDF,))
    wanted = choose_media_type(request, (JSON, ZIP, *kind))
    run = partial(run_task, request, "sheets", options, images)

    async def made() -> tuple[Response, int]:
        done = await run()
        files = [(file["suffix"].lstrip("."), blob) for file, blob in zip(done.head["files"], done.blobs, strict=True)]
        if wanted == ZIP:
            return _zip(files), 1
        if wanted != JSON:
            if len(files) > 1:
                raise RequestRefused(
                    RefusalReason.NOT_ACCEPTABLE, f"There are {len(files)} files.", advice="Ask for JSON or a ZIP."
                )
            return _bare(files[0], wanted), 1
        return _answer(request, files=[await _link(request, *file) for file in files]), 1

    return await run_billed(request, made)


async def specs() -> Response:
    """Every document that photos can be made for, with its rules and their sources."""
    return Response(await to_thread.run_sync(_all_specs), media_type=JSON)


async def one_spec(spec_id: str) -> Response:
    """One document, or a variant such as `nl-passport:child`."""
    if spec_id not in await to_thread.run_sync(_ids):  # never a path
        raise UnknownSpec("There is no such document.", "GET /v1/specs lists all of them.")
    spec = await to_thread.run_sync(load_spec, spec_id)
    return JSONResponse(spec.model_dump(mode="json", by_alias=True))


async def papers() -> Response:
    """Every paper that sheets can be printed on; any other size is written like `120x180mm`."""
    rows = [
        {"name": name, "title": row.title, "aliases": list(row.aliases), "mm": list(row.mm)}
        for name, row in load_papers().items()
    ]
    return JSONResponse({"papers": rows})


@lru_cache(maxsize=1)
def _all_specs() -> bytes:
    rows = [spec.model_dump(mode="json", by_alias=True) for spec in all_specs()]
    return json.dumps({"specs": rows}, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def _ids() -> frozenset[str]:
    return frozenset(spec_ids())


def _documents(fields: Mapping[str, Any]) -> Sequence[str]:
    documents = read_job(fields).spec
    if not documents:
        raise RequestRefused(RefusalReason.MISSING, "Name a document in the field 'spec'; GET /v1/specs lists them.")
    return documents


def _size(text: str) -> str:
    """Size of a photo on paper, checked."""
    try:
        sides = paper_mm(check_paper(text[:40]))
    except ValueError as cause:
        raise RequestRefused(
            RefusalReason.UNSUPPORTED_VALUE, f"'size' {cause}.", advice="Write it like 35x45mm."
        ) from cause
    return f"{sides[0]:g}x{sides[1]:g}mm"


def _answer(request: Request, **data: Any) -> Response:
    return JSONResponse({"request_id": request.state.log_fields["request_id"], **data})


async def _link(request: Request, name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "bytes": len(data), **await deliver_file(request, data, name)}


def _bare(file: tuple[str, bytes], wanted: str) -> Response:
    name, data = file
    kind = MEDIA_TYPES[name.rpartition(".")[2]]
    if kind != wanted:
        raise RequestRefused(
            RefusalReason.NOT_ACCEPTABLE, f"This document takes {kind}.", advice=f"Send Accept: {kind}."
        )
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _zip(files: Files) -> Response:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:  # pictures do not shrink any further
        for name, data in files:
            # The time is left at 1980, so that the same photo gives the same archive.
            archive.writestr(zipfile.ZipInfo(name), data)
    headers = {"content-disposition": 'attachment; filename="idphoto.zip"'}
    return Response(memory.getvalue(), media_type=ZIP, headers=headers)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def make_router() -> APIRouter:
    """Return the routes of the ID-photo API."""
    routes = APIRouter(prefix="/v1", tags=["ID-photo API"], dependencies=[KEY_IN_OPENAPI])
    portrait = {"photo": "The portrait: JPEG, PNG, WebP, BMP, TIFF; HEIC and AVIF with an extra."}
    number = {"type": "integer", "minimum": 1, "maximum": MAX_COPIES}
    described: dict[str, tuple[Any, dict[str, Any], dict[int | str, dict[str, Any]]]] = {
        "photos": (
            photos,
            openapi.describe_form(portrait, openapi.PHOTOS, ("photo", "spec")),
            openapi.describe_answers(openapi.Photos, ZIP, JPEG, PNG),
        ),
        "checks": (
            checks,
            openapi.describe_form(portrait, openapi.CHECKS, ("photo", "spec")),
            openapi.describe_answers(openapi.Checks),
        ),
        "cutouts": (
            cutouts,
            openapi.describe_form(
                {**portrait, "mask": "Your own mask, white where the person is."}, openapi.CUTOUTS, ("photo",)
            ),
            openapi.describe_answers(openapi.Files, PNG, JPEG),
        ),
        "sheets": (
            sheets,
            openapi.describe_form(
                {},
                openapi.SHEETS,
                ("photo", "sheet"),
                photo={"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
                copies={"type": "array", "items": number, "description": "For each photo; else as many as fit."},
                size={
                    "type": "string",
                    "description": "Of each photo on paper; else as its file says.",
                    "maxLength": 40,
                },
                turn={"type": "boolean", "description": "Let photos lie on their side where more then fit."},
            ),
            openapi.describe_answers(openapi.Files, ZIP, PDF, JPEG),
        ),
    }
    for name, (handler, request_body, answers) in described.items():
        routes.add_api_route(
            f"/{name}",
            handler,
            methods=["POST"],
            summary=load_capabilities()[name].title,
            operation_id=name,
            responses=answers,
            response_model=None,
            openapi_extra=request_body,
            route_class_override=make_route_class(load_capabilities()[name]),
        )
    for path, reader, summary in (
        ("/specs", specs, "All documents"),
        ("/specs/{spec_id}", one_spec, "One document"),
        ("/papers", papers, "All papers"),
    ):
        routes.add_api_route(
            path,
            reader,
            methods=["GET"],
            summary=summary,
            responses=openapi.describe_answers(None),
            response_model=None,
            route_class_override=make_route_class(load_capabilities()["catalogue"]),
        )
    return routes
