"""Describe the ID-photo API in OpenAPI (``/docs``)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from idphoto.job import Job, bounds_of, option_of
from idphoto.report import Finding, PrintSheet, Report, Status
from idphoto.server.problems import PROBLEM_STATUSES
from idphoto.server.request_job import field_schemas

__all__ = [
    "CHECK_FIELDS",
    "CUTOUT_FIELDS",
    "MAX_COPIES",
    "MAX_SIZE_LENGTH",
    "PHOTO_FIELDS",
    "SHEET_FIELDS",
    "ChecksResponse",
    "CutoutResponse",
    "FilesResponse",
    "PhotosResponse",
    "SheetsResponse",
    "describe_request",
    "describe_responses",
    "describe_sheet_request",
]

CHECK_FIELDS = ("spec", "size", "kb", "head", "face", "points", "detector", "segmenter", "language", "accept")
"""Fields of a job that the check of a photo takes. It makes no files, hence no picture and no page of the verdict."""

CUTOUT_FIELDS = ("form", "face", "background", "blur", "format", "detector", "segmenter", "matter")
"""Fields of a job that a cutout takes."""

SHEET_FIELDS = ("sheet", "gap", "margin", "sheet_format", "sheet_dpi", "enlargement", "language")
"""Fields of a job that a sheet of finished photos takes; `copies` is sent for each photo."""

PHOTO_FIELDS = tuple(name for name in Job.model_fields if option_of(name).http and name not in ("form", "blur"))
"""Fields of a job that an ID photo takes: all that a request may set, but those of a cutout."""

MAX_COPIES: int = bounds_of("copies")["le"]
MAX_SIZE_LENGTH = 40  # characters of the field `size`


class FileLink(BaseModel):
    """A file, as a URL that is valid for a day or as Base64."""

    name: str = Field(description="Name to save it under.", examples=["schengen-visa.jpg"])
    bytes: int
    url: str | None = None
    expires_at: int | None = Field(default=None, description="Unix seconds.")
    base64: str | None = Field(default=None, description="With ?response=base64; it is not stored.")


class DocumentError(BaseModel):
    """The reason why there is no photo for one document."""

    code: str
    message: str
    advice: str


class DocumentVerdict(BaseModel):
    """The verdict for one document."""

    spec: str
    notice: str = Field(
        default="",
        description="Why a photo made at home cannot simply be handed in, and what to do; empty if it can.",
    )
    status: Status | None = None
    report: Report | None = None
    error: DocumentError | None = None


class DocumentPhoto(DocumentVerdict):
    """The verdict for one document, and the files that were made for it."""

    files: list[FileLink] | None = None


class PhotosResponse(BaseModel):
    """ID photos: the result for each document."""

    request_id: str
    documents: list[DocumentPhoto]


class ChecksResponse(BaseModel):
    """Verdicts: one for each document."""

    request_id: str
    documents: list[DocumentVerdict]


class FilesResponse(BaseModel):
    """Files that were made."""

    request_id: str
    files: list[FileLink]


class CutoutResponse(FilesResponse):
    """A cutout, and where it is not certain what belongs to a person."""

    findings: list[Finding]


class SheetsResponse(FilesResponse):
    """Print sheets that were made, and their layout."""

    sheet: PrintSheet


_BINARY = {"type": "string", "format": "binary"}
_EXAMPLES: dict[str, Any] = {
    "spec": ["schengen-visa"],
    "size": "35x45mm",
    "kb": "20..50",
    "head": "70..80%",
    "sheet": "10x15cm",
    "background": "white",
    "form": "rgba",
    "face": "largest",
    "allow_editing": "for a club card",
    "accept": ["eyes=drooping eyelid"],
    "language": "de",
}


def describe_request(
    files: dict[str, str], names: tuple[str, ...], required: tuple[str, ...], **more: Any
) -> dict[str, Any]:
    """Describe a form and the query of its route.

    Parameters
    ----------
    files : dict
        Fields that are files, each with its description.
    names : tuple of str
        Fields of a job.
    required : tuple of str
        Fields that must be sent.
    **more
        Schemas of further fields.
    """
    properties: dict[str, Any] = {name: {**_BINARY, "description": text} for name, text in files.items()}
    for name, field in field_schemas(*names).items():
        properties[name] = {**field, **({"examples": [_EXAMPLES[name]]} if name in _EXAMPLES else {})}
    form = {"type": "object", "properties": {**properties, **more}, "required": list(required)}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "parameters": [
            {
                "name": "response",
                "in": "query",
                "schema": {"type": "string", "enum": ["url", "base64"], "default": "url"},
                "description": "base64 returns files in the response and stores nothing.",
            }
        ],
    }


def describe_sheet_request() -> dict[str, Any]:
    """Describe the form of the route that lays out sheets."""
    number = {"type": "integer", "minimum": 1, "maximum": MAX_COPIES}
    return describe_request(
        {},
        SHEET_FIELDS,
        ("photo", "sheet"),
        photo={"type": "array", "minItems": 1, "items": _BINARY},
        copies={"type": "array", "items": number, "description": "For each photo; as many as fit if not sent."},
        size={
            "type": "string",
            "description": "Size of each photo on paper; as stated in its file if not sent.",
            "maxLength": MAX_SIZE_LENGTH,
        },
        turn={"type": "boolean", "description": "Turn photos by 90 degrees if more fit on the sheet then."},
    )


def describe_responses(model: type[BaseModel] | None, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Describe the responses of a route: a model as JSON, other media types, and problem details."""
    content: dict[str, Any] = {kind: {"schema": _BINARY} for kind in kinds}
    success: dict[str, Any] = {"description": "Success.", **({"content": content} if content else {})}
    if model is not None:
        success["model"] = model
    problems: dict[int | str, dict[str, Any]] = {}
    for status, title in PROBLEM_STATUSES.values():
        known = problems.get(status, {}).get("description")
        problems[status] = {
            "description": f"{known}; {title}" if known else title,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return {200: success, **dict(sorted(problems.items(), key=lambda entry: str(entry[0])))}
