"""Routes of the ID-photo API."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from idphoto.api import list_documents
from idphoto.output.sheet import paper_mm, refuse_idle_sheet_options
from idphoto.server.capabilities import load_capabilities
from idphoto.server.photos import openapi
from idphoto.server.photos.catalogue import get_spec, list_papers, list_specs
from idphoto.server.photos.request_fields import choose_media_type, read_integers, read_job_fields, read_single
from idphoto.server.photos.responses import (
    JPEG,
    JSON,
    PDF,
    PNG,
    ZIP,
    NamedFile,
    describe_file,
    encode_json,
    file_response,
    json_response,
    zip_response,
)
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.request_job import check_paper, read_job
from idphoto.server.sheet_order import MAX_ORDER_PIXELS, SheetOrder, check_page, count_priced_units
from idphoto.server.web.billing import run_billed
from idphoto.server.web.dispatch import run_task
from idphoto.server.web.route import KEY_IN_OPENAPI, make_route_class
from idphoto.server.web.upload import check_format, read_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from idphoto.server.work.task_result import TaskResult
    from idphoto.spec import Spec

__all__ = ["make_router"]

FINDINGS_HEADER = "idphoto-findings"
"""Header of a cutout that names the codes of its findings, where there are some."""


async def make_photos(request: Request) -> Response:
    """Make ID photos of one portrait: the photo, a report, and a print sheet if a paper is named.

    The response is JSON with a URL for each file, or one ZIP (`Accept: application/zip`), or, for one document, the
    photo alone (`Accept: image/jpeg`, `image/png`). If a `mask` is sent, white where the person is, it is used
    instead of the automatic matte.
    """
    image, mask = read_picture(request, "photo"), read_picture(request, "mask", required=False)
    fields = read_job_fields(request, openapi.PHOTO_FIELDS)
    documents = _read_documents(fields)
    media_type = choose_media_type(request, (JSON, ZIP, JPEG, PNG) if len(documents) == 1 else (JSON, ZIP))
    run = partial(run_task, request, "photos", {"job": fields}, [image, mask] if mask else [image])

    async def work() -> tuple[Response, int]:
        return await _respond_with_photos(request, await run(), media_type)

    return await run_billed(request, work, count=len(documents))


async def judge_photo(request: Request) -> Response:
    """Judge a photo as it is against one or several documents. No file is made or stored."""
    image = read_picture(request, "photo")
    fields = read_job_fields(request, openapi.CHECK_FIELDS)
    documents = _read_documents(fields)
    choose_media_type(request, (JSON,))
    run = partial(run_task, request, "photos", {"job": fields, "check": True}, [image])

    async def work() -> tuple[Response, int]:
        result = await run()
        rows = [{name: value for name, value in row.items() if name != "files"} for row in result.head["documents"]]
        return json_response(request, documents=rows), sum("error" not in row for row in rows)

    return await run_billed(request, work, count=len(documents))


async def cut_out(request: Request) -> Response:
    """Cut the person out: transparent, as a mask, on a colour, cropped, or before a blurred background.

    The response is JSON with a URL, or the picture alone (`Accept: image/png`, `image/jpeg`). If a `mask` is sent,
    white where the person is, it is used instead of the automatic one. Where it is not certain what belongs to a
    person, `findings` names the places, and the header `idphoto-findings` the code `cutout.doubtful`.
    """
    image, mask = read_picture(request, "photo"), read_picture(request, "mask", required=False)
    fields = read_job_fields(request, openapi.CUTOUT_FIELDS)
    media_type = choose_media_type(request, (JSON, PNG, JPEG))
    if media_type in (PNG, JPEG) and "format" not in fields:
        fields["format"] = media_type.partition("/")[2]
    if fields.get("format") == "jpeg" and fields.get("form", "rgba") in ("rgba", "crop"):
        raise RequestRefused(
            RefusalReason.UNSUPPORTED_VALUE, "JPEG cannot be transparent.", advice="Ask for PNG, or for form=white."
        )
    run = partial(run_task, request, "cutout", {"job": fields}, [image, mask] if mask else [image])

    async def work() -> tuple[Response, int]:
        result = await run()
        file = (f"cutout{result.head['files'][0]['suffix']}", result.blobs[0])
        findings = result.head["findings"]
        if media_type != JSON:
            response = file_response(file, media_type)
        else:
            response = json_response(request, files=[await describe_file(request, file)], findings=findings)
        if findings:
            response.headers[FINDINGS_HEADER] = ", ".join(sorted({finding["code"] for finding in findings}))
        return response, 1

    return await run_billed(request, work)


async def lay_out_sheets(request: Request) -> Response:
    """Lay finished photos out on paper in true size.

    Send `photo` once or several times, and `copies` for each in the same order. The response is JSON with a URL for
    each file, one ZIP, or the file alone if there is only one.
    """
    images = request.state.form.files.get("photo", [])
    if not images:
        raise RequestRefused(RefusalReason.MISSING, "Send one or more pictures in the field 'photo'.")
    for image in images:
        check_format(image, request.state.capability.formats)
    fields = read_job_fields(request, openapi.SHEET_FIELDS, ("size", "turn", "copies"))
    if "sheet" not in fields:
        raise RequestRefused(RefusalReason.MISSING, "Name a paper in the field 'sheet'; GET /v1/papers lists them.")
    options = _read_sheet_options(request, fields, len(images))
    kind = fields.get("sheet_format", "pdf")
    refuse_idle_sheet_options(read_job(fields), kind)
    single_type = {"jpeg": (JPEG,), "both": ()}.get(kind, (PDF,))
    media_type = choose_media_type(request, (JSON, ZIP, *single_type))
    run = partial(run_task, request, "sheets", options, images)

    async def work() -> tuple[Response, int]:
        result = await run()
        return await _respond_with_sheets(request, result, media_type), result.head["priced"]

    # At worst each photo has a page of its own. The worker counts the pages that are due.
    most_pages = sum(copies or 1 for copies in options["each"])
    most_pixels = min(most_pages * check_page(read_job(fields)), MAX_ORDER_PIXELS)
    return await run_billed(request, work, count=count_priced_units(SheetOrder(most_pages, most_pixels)))


def make_router() -> APIRouter:
    """Return the routes of the ID-photo API."""
    routes = APIRouter(prefix="/v1", tags=["ID-photo API"], dependencies=[KEY_IN_OPENAPI])
    photo = {"photo": "The portrait: JPEG, PNG, WebP, BMP, TIFF; HEIC and AVIF with an extra."}
    photo_and_mask = {**photo, "mask": "Your own mask, white where the person is."}
    _add_post_route(
        routes,
        "photos",
        make_photos,
        openapi.describe_request(photo_and_mask, openapi.PHOTO_FIELDS, ("photo",)),
        openapi.describe_responses(openapi.PhotosResponse, ZIP, JPEG, PNG),
    )
    _add_post_route(
        routes,
        "checks",
        judge_photo,
        openapi.describe_request(photo, openapi.CHECK_FIELDS, ("photo",)),
        openapi.describe_responses(openapi.ChecksResponse),
    )
    _add_post_route(
        routes,
        "cutouts",
        cut_out,
        openapi.describe_request(photo_and_mask, openapi.CUTOUT_FIELDS, ("photo",)),
        openapi.describe_responses(openapi.CutoutResponse, PNG, JPEG),
    )
    _add_post_route(
        routes,
        "sheets",
        lay_out_sheets,
        openapi.describe_sheet_request(),
        openapi.describe_responses(openapi.SheetsResponse, ZIP, PDF, JPEG),
    )
    _add_catalogue_routes(routes)
    return routes


def _add_post_route(
    routes: APIRouter,
    name: str,
    handler: Any,
    request_description: dict[str, Any],
    responses: dict[int | str, dict[str, Any]],
) -> None:
    """Add the route of a capability."""
    capability = load_capabilities()[name]
    routes.add_api_route(
        f"/{name}",
        handler,
        methods=["POST"],
        summary=capability.title,
        operation_id=name,
        responses=responses,
        response_model=None,
        openapi_extra=request_description,
        route_class_override=make_route_class(capability),
    )


def _add_catalogue_routes(routes: APIRouter) -> None:
    # Generated clients name their methods after the operation ids, so these must not change.
    for path, handler, summary, operation_id in (
        ("/specs", list_specs, "All documents", "specs_v1_specs_get"),
        ("/specs/{spec_id}", get_spec, "One document", "one_spec_v1_specs__spec_id__get"),
        ("/papers", list_papers, "All papers", "papers_v1_papers_get"),
    ):
        routes.add_api_route(
            path,
            handler,
            methods=["GET"],
            summary=summary,
            operation_id=operation_id,
            responses=openapi.describe_responses(None),
            response_model=None,
            route_class_override=make_route_class(load_capabilities()["catalogue"]),
        )


async def _respond_with_photos(request: Request, result: TaskResult, media_type: str) -> tuple[Response, int]:
    """Return the response with the photos of all documents, and the number of documents that were made."""
    blobs = iter(result.blobs)
    rows: list[dict[str, Any]] = []
    all_files: list[NamedFile] = []
    made_count = 0
    for document in result.head["documents"]:
        if "error" in document:
            rows.append(document)
            continue
        made_count += 1
        stem = document["spec"].replace(":", "-")
        files: list[NamedFile] = [(f"{stem}{file['suffix']}", next(blobs)) for file in document["files"]]
        if media_type in (JPEG, PNG):
            return file_response(files[0], media_type), made_count
        files.append((f"{stem}.json", encode_json(document["report"])))
        all_files += files
        if media_type == JSON:
            rows.append({**document, "files": [await describe_file(request, file) for file in files]})
    if media_type == ZIP:
        return zip_response(all_files), made_count
    return json_response(request, documents=rows), made_count


async def _respond_with_sheets(request: Request, result: TaskResult, media_type: str) -> Response:
    """Return the response with all sheets."""
    described = zip(result.head["files"], result.blobs, strict=True)
    files = [(file["suffix"].lstrip("."), blob) for file, blob in described]
    if media_type == ZIP:
        return zip_response(files)
    if media_type == JSON:
        links = [await describe_file(request, file) for file in files]
        return json_response(request, files=links, sheet=result.head["sheet"])
    if len(files) > 1:
        raise RequestRefused(
            RefusalReason.NOT_ACCEPTABLE, f"There are {len(files)} files.", advice="Ask for JSON or a ZIP."
        )
    return file_response(files[0], media_type)


def _read_documents(fields: Mapping[str, Any]) -> Sequence[str | Spec | None]:
    """Return the documents that the fields of a job name, or the one of its own size."""
    job = read_job(fields)
    if not job.spec and job.size is None:
        raise RequestRefused(
            RefusalReason.MISSING,
            "Name a document in the field 'spec', or a size in 'size'; GET /v1/specs lists documents.",
        )
    return list_documents(job)


def _read_sheet_options(request: Request, fields: dict[str, Any], photo_count: int) -> dict[str, Any]:
    """Return the options of the task that lays out sheets, from the fields of the form."""
    copies: list[int | None] = [*read_integers(request, "copies", openapi.MAX_COPIES)]
    if len(copies) not in (0, photo_count):
        raise RequestRefused(RefusalReason.INVALID, "Send 'copies' once for each photo, or not at all.")
    size, turn = read_single(request, "size"), read_single(request, "turn")
    if turn not in ("", "true", "false"):
        raise RequestRefused(RefusalReason.INVALID, "'turn' is true or false.")
    return {
        "job": fields,
        "size": _check_size(size) if size else None,
        "turn": turn == "true",
        "each": copies or [None] * photo_count,
    }


def _check_size(text: str) -> str:
    """Check the size of a photo on paper, and return it in millimetres, such as ``35x45mm``."""
    try:
        sides = paper_mm(check_paper(text[: openapi.MAX_SIZE_LENGTH]))
    except ValueError as cause:
        raise RequestRefused(
            RefusalReason.UNSUPPORTED_VALUE, f"'size' {cause}.", advice="Write it like 35x45mm."
        ) from cause
    return f"{sides[0]:g}x{sides[1]:g}mm"
