"""Build the responses of the ID-photo API: JSON with links to files, ZIP archives, files alone."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.results import MEDIA_TYPES
from idphoto.server.web.delivery import deliver_file

if TYPE_CHECKING:
    from fastapi import Request

__all__ = [
    "JPEG", "JSON", "PDF", "PNG", "ZIP", "NamedFile", "describe_file", "encode_json", "file_response", "json_response",
    "zip_response",
]  # fmt: skip

JSON, ZIP, JPEG, PNG, PDF = "application/json", "application/zip", "image/jpeg", "image/png", "application/pdf"

NamedFile = tuple[str, bytes]
"""Name and content of a file."""


def json_response(request: Request, **data: Any) -> Response:
    """Return `data` and the id of the request as JSON."""
    return JSONResponse({"request_id": request.state.log_fields["request_id"], **data})


async def describe_file(request: Request, file: NamedFile) -> dict[str, Any]:
    """Deliver a file, and return its entry for a JSON response: name, length, and URL or Base64."""
    name, data = file
    return {"name": name, "bytes": len(data), **await deliver_file(request, data, name)}


def file_response(file: NamedFile, media_type: str) -> Response:
    """Return a file alone.

    Raises
    ------
    RequestRefused
        If the file is not of the `media_type` that the client asks for.
    """
    name, data = file
    actual = MEDIA_TYPES[name.rpartition(".")[2]]
    if actual != media_type:
        raise RequestRefused(
            RefusalReason.NOT_ACCEPTABLE, f"This file is only available as {actual}.", advice=f"Send Accept: {actual}."
        )
    return Response(data, media_type=actual, headers={"content-disposition": f'attachment; filename="{name}"'})


def zip_response(files: list[NamedFile]) -> Response:
    """Return files as a ZIP archive."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:  # the files are compressed already
        for name, data in files:
            # ZipInfo sets the time of a file to 1980, so the same photo gives the same archive.
            archive.writestr(zipfile.ZipInfo(name), data)
    headers = {"content-disposition": 'attachment; filename="idphoto.zip"'}
    return Response(memory.getvalue(), media_type=ZIP, headers=headers)


def encode_json(data: Any) -> bytes:
    """Return `data` as an indented JSON file."""
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"
