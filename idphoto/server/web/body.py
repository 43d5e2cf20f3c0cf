"""Read a multipart body into memory, and check its limits while it arrives.

Starlette would write files of more than a megabyte to a temporary file. Uploads must not touch a disk, so this module
keeps every part in memory. As soon as a limit is exceeded, reading stops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from anyio import fail_after
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from idphoto.server.capabilities import MAX_FORM_FIELDS_BYTES
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from idphoto.server.capabilities import Capability
    from idphoto.server.upload_memory import UploadAllocation

__all__ = ["MultipartForm", "read_form"]

MAX_PARTS = 64
MAX_PART_HEADER_BYTES = 4096
MAX_BOUNDARY_BYTES = 200


@dataclass(frozen=True, slots=True)
class MultipartForm:
    """The values and files of a form by field, in the order in which they were sent. File names are not kept."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)


async def read_form(
    stream: AsyncIterator[bytes],
    content_type: str,
    content_length: str,
    capability: Capability,
    allocation: UploadAllocation,
    seconds: float,
) -> MultipartForm:
    """Read a multipart form.

    Parameters
    ----------
    stream : async iterator of bytes
        The body as it arrives.
    content_type, content_length : str
        Values of these headers; empty if they were not sent.
    capability : Capability
        The capability whose limits apply.
    allocation : UploadAllocation
        Grows by the bytes of the parts.
    seconds : float
        Time limit of the upload.

    Raises
    ------
    RequestRefused
        If a limit is exceeded, or the body is not a valid form.
    """
    kind, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= MAX_BOUNDARY_BYTES:
        raise RequestRefused(RefusalReason.MISSING, "Send a form (multipart/form-data) with a file.")
    if content_length.isdigit() and int(content_length) > capability.max_body_bytes:
        raise _body_too_large(capability)
    parts = _PartCollector(capability, allocation)
    try:
        parser = MultipartParser(boundary, parts.parser_callbacks())
        with fail_after(seconds):
            async for chunk in stream:
                parts.count_received(len(chunk))
                parser.write(chunk)
        parser.finalize()
    except TimeoutError:
        raise RequestRefused(RefusalReason.TOO_SLOW, f"The upload took longer than {seconds:g} seconds.") from None
    except FormParserError:
        raise RequestRefused(RefusalReason.INVALID, "The form cannot be parsed.") from None
    if not parts.is_complete:
        raise RequestRefused(RefusalReason.INVALID, "The form ends before its last boundary.")
    return parts.make_form()


class _PartCollector:
    """Collects the parts of a form while the parser finds them."""

    def __init__(self, capability: Capability, allocation: UploadAllocation) -> None:
        self._capability = capability
        self._allocation = allocation
        self._received_bytes = 0
        self._field_bytes = 0
        self._finished: list[tuple[str, bool, BytesIO]] = []  # name, is a file, content
        self._name = ""
        self._is_file = False
        self._data = BytesIO()
        self._header_name = b""
        self._header_value = b""
        self._header_bytes = 0
        self._disposition = b""
        self.is_complete = False

    def parser_callbacks(self) -> Any:
        """Return the callbacks for `MultipartParser`."""
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_end": self._end_form,
        }

    def count_received(self, length: int) -> None:
        """Count bytes that have arrived; refuse a body that is too large. Call it before they are parsed."""
        self._received_bytes += length
        if self._received_bytes > self._capability.max_body_bytes:
            raise _body_too_large(self._capability)

    def make_form(self) -> MultipartForm:
        """Return the form made of all parts."""
        form = MultipartForm()
        for name, is_file, data in self._finished:
            if is_file:
                form.files.setdefault(name, []).append(data.getvalue())
            else:
                form.fields.setdefault(name, []).append(data.getvalue().decode("utf-8", "replace"))
        return form

    def _begin_part(self) -> None:
        if len(self._finished) >= MAX_PARTS:
            raise RequestRefused(RefusalReason.BODY_TOO_LARGE, f"A form may have {MAX_PARTS} parts.")
        self._data, self._disposition, self._header_bytes = BytesIO(), b"", 0

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_value += data[start:end]

    def _count_header(self, length: int) -> None:
        self._header_bytes += length
        if self._header_bytes > MAX_PART_HEADER_BYTES:
            raise RequestRefused(RefusalReason.BODY_TOO_LARGE, "The headers of a part are too long.")

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name, self._header_value = b"", b""

    def _end_headers(self) -> None:
        _, parameters = parse_options_header(self._disposition)
        self._name = parameters.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in parameters or b"filename*" in parameters
        if not self._name:
            raise RequestRefused(RefusalReason.INVALID, "A part of the form has no name.")
        if self._is_file and sum(is_file for _, is_file, _ in self._finished) >= self._capability.files:
            raise RequestRefused(RefusalReason.INVALID, f"A request may have {self._capability.files} files.")

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        length = end - start
        if self._is_file:
            if self._data.tell() + length > self._capability.max_file_bytes:
                raise RequestRefused(RefusalReason.FILE_TOO_LARGE, f"A file may have {self._capability.megabytes} MB.")
        else:
            self._field_bytes += length
            if self._field_bytes > MAX_FORM_FIELDS_BYTES:
                raise RequestRefused(
                    RefusalReason.BODY_TOO_LARGE,
                    f"The fields of a form may have {MAX_FORM_FIELDS_BYTES // 1024} KB together.",
                )
        self._allocation.grow(length)
        self._data.write(memoryview(data)[start:end])

    def _end_part(self) -> None:
        self._finished.append((self._name, self._is_file, self._data))

    def _end_form(self) -> None:
        self.is_complete = True


def _body_too_large(capability: Capability) -> RequestRefused:
    return RequestRefused(
        RefusalReason.BODY_TOO_LARGE, f"A request may have {capability.max_body_bytes / 2**20:.1f} MB."
    )
