"""Describe the ID-photo API in OpenAPI (``/docs``)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from idphoto.job import Job, option_of
from idphoto.report import Report, Status
from idphoto.server.problems import PROBLEM_STATUSES
from idphoto.server.request_job import field_schemas

__all__ = ["CHECKS", "CUTOUTS", "PHOTOS", "SHEETS", "Checks", "Files", "Photos", "describe_answers", "describe_form"]

CHECKS = ("spec", "face", "detector", "segmenter", "language", "accept")
"""Fields of a job that the check of a photo takes. It makes no files, hence no picture and no page of the verdict."""

CUTOUTS = ("form", "background", "blur", "format", "segmenter", "matter")
"""Fields of a job that a cutout takes."""

SHEETS = ("sheet", "gap", "margin", "sheet_format", "sheet_dpi", "enlargement")
"""Fields of a job that a sheet of finished photos takes; `copies` is sent for each photo."""

PHOTOS = tuple(name for name in Job.model_fields if option_of(name).http and name not in ("form", "blur"))
"""Fields of a job that an ID photo takes: all that a request may set, but those of a cutout."""


class Link(BaseModel):
    """A file: at an address for a day, or in the answer."""

    name: str = Field(description="Name to save it under.", examples=["schengen-visa.jpg"])
    bytes: int
    url: str | None = None
    expires_at: int | None = Field(default=None, description="Unix seconds.")
    base64: str | None = Field(default=None, description="With ?response=base64; stored nowhere.")


class Error(BaseModel):
    """The reason why there is no photo for one document."""

    code: str
    message: str
    advice: str


class Judged(BaseModel):
    """The result for one document."""

    spec: str
    status: Status | None = None
    report: Report | None = None
    error: Error | None = None


class Made(Judged):
    """The result for one document, with its files."""

    files: list[Link] | None = None


class Photos(BaseModel):
    """ID photos: the result for each document."""

    request_id: str
    documents: list[Made]


class Checks(BaseModel):
    """Verdicts: one for each document."""

    request_id: str
    documents: list[Judged]


class Files(BaseModel):
    """Files that were made."""

    request_id: str
    files: list[Link]


_BINARY = {"type": "string", "format": "binary"}
_EXAMPLES: dict[str, Any] = {
    "spec": ["schengen-visa"],
    "sheet": "10x15cm",
    "background": "white",
    "form": "rgba",
    "face": "largest",
    "allow_editing": "for a club card",
    "accept": ["eyes=drooping eyelid"],
    "language": "de",
}


def describe_form(
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
                "description": "base64 gives files in the answer and stores nothing.",
            }
        ],
    }


def describe_answers(model: type[BaseModel] | None, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answers of a route: a model as JSON, other media types, and problems."""
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
