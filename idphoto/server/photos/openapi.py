"""What the ID-photo API looks like in the description of the service (``/docs``)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from idphoto.report import Report, Status
from idphoto.server.orders import schema
from idphoto.server.problems import PROBLEM_STATUSES

__all__ = ["CHECKS", "CUTOUTS", "PHOTOS", "SHEETS", "Checks", "Files", "Photos", "body", "responses"]

CHECKS = ("spec", "face", "faces", "segmenter", "language", "accept")
"""Fields of a job that mean something when a photo is judged."""

CUTOUTS = ("form", "background", "blur", "format", "segmenter", "matter")
"""For a cutout."""

SHEETS = ("sheet", "gap", "margin", "sheet_format", "sheet_dpi", "enlargement")
"""For a sheet of finished photos."""

PHOTOS = (
    *CHECKS, "matter", "background", "straighten", "allow_editing", "dpi", "format", *SHEETS, "copies",
    "annotate", "pdf",
)  # fmt: skip
"""For ID photos."""


class Link(BaseModel):
    """A file: at an address for a day, or in the answer."""

    name: str = Field(description="What to call it.", examples=["schengen-visa.jpg"])
    bytes: int
    url: str | None = None
    expires_at: int | None = Field(default=None, description="Unix seconds.")
    base64: str | None = Field(default=None, description="With ?response=base64; stored nowhere.")


class Error(BaseModel):
    """Why there is no photo for one document."""

    code: str
    message: str
    advice: str


class Judged(BaseModel):
    """What came of one document."""

    spec: str
    status: Status | None = None
    report: Report | None = None
    error: Error | None = None


class Made(Judged):
    """What came of one document, with its files."""

    files: list[Link] | None = None


class Photos(BaseModel):
    """ID photos: what came of each document."""

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


def body(files: dict[str, str], names: tuple[str, ...], required: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """Description of a form.

    Parameters
    ----------
    files : dict
        Fields that are files, and what they are.
    names : tuple of str
        Fields of a job.
    required : tuple of str
        Fields that must be there.
    **more
        Schemas of further fields.
    """
    properties: dict[str, Any] = {name: {**_BINARY, "description": text} for name, text in files.items()}
    for name, field in schema(*names).items():
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


def responses(model: type[BaseModel] | None, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Description of the answers: a model as JSON, other media types, and problems."""
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
