"""Take the picture out of a form, and refuse files of other formats by their first bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.decode.container import detect_format
from idphoto.errors import UnreadableImage
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from fastapi import Request

__all__ = ["check_format", "read_picture"]


def read_picture(request: Request, name: str, *, required: bool = True) -> bytes:
    """Return the picture that was sent in the field `name`; empty if there is none and it is not required.

    Raises
    ------
    RequestRefused
        If the field is missing, is not a file, has several files, or has a format that this capability does not take.
    """
    form, capability = request.state.form, request.state.capability
    files = form.files.get(name, [])
    if not files and name in form.fields:
        raise RequestRefused(RefusalReason.INVALID, f"Send '{name}' as a file.")
    if not files and required:
        raise RequestRefused(RefusalReason.MISSING, f"Send a picture in the field '{name}'.")
    if len(files) > 1:
        raise RequestRefused(RefusalReason.INVALID, f"Send one file in the field '{name}'.")
    if not files:
        return b""
    check_format(files[0], capability.formats)
    return files[0]


def check_format(data: bytes, formats: tuple[str, ...]) -> None:
    """Refuse a file whose first bytes are not those of one of the `formats`.

    Raises
    ------
    RequestRefused
        If the file has another format.
    """
    try:
        found = detect_format(data, "The file")
    except UnreadableImage:
        found = ""
    if found not in formats:
        listing = ", ".join(name.upper() for name in formats)
        raise RequestRefused(
            RefusalReason.UNSUPPORTED_TYPE, f"The picture must be one of: {listing}.", code="input.unreadable"
        )
