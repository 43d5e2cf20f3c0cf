"""Reading a multipart body into memory, with the limits allocation while reading.

Starlette would spool files of more than a megabyte into a temporary file on the disk. Nothing
here touches one: parts grow in memory until they end or break a limit, and what breaks one is
not read on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from anyio import fail_after
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from idphoto.server.capabilities import FIELDS
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from idphoto.server.capabilities import Capability
    from idphoto.server.upload_memory import UploadAllocation

__all__ = ["MultipartForm", "read_form"]

MOST_PARTS = 64
MOST_HEADER = 4096  # bytes of the headers of one part


@dataclass(frozen=True, slots=True)
class MultipartForm:
    """What was sent: values and files by field, in their order. The names of files are not kept."""

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
    """Read a body.

    Parameters
    ----------
    stream : async iterator of bytes
        The body as it arrives.
    content_type, content_length : str
        Headers, as they came.
    capability : Capability
        Whose limits hold.
    allocation : UploadAllocation
        Memory to take.
    seconds : float
        How long it may take to arrive.

    Raises
    ------
    RequestRefused
        If a limit is broken, or the body is no form.
    """
    kind, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise RequestRefused(RefusalReason.MISSING, "Send a form (multipart/form-data) with a file.")
    if content_length.isdigit() and int(content_length) > capability.body_bytes:
        raise RequestRefused(
            RefusalReason.BODY_TOO_LARGE, f"A request may have {capability.body_bytes / 2**20:.1f} MB."
        )
    parts = _Parts(capability, allocation)
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        with fail_after(seconds):
            async for chunk in stream:
                parts.count(len(chunk))
                parser.write(chunk)
        parser.finalize()
    except TimeoutError:
        raise RequestRefused(RefusalReason.TOO_SLOW, f"The upload took longer than {seconds:g} seconds.") from None
    except FormParserError:
        raise RequestRefused(RefusalReason.INVALID, "The form is broken.") from None
    if not parts.ended:
        raise RequestRefused(RefusalReason.INVALID, "The form ends early.")
    return parts.form()


class _Parts:
    """Collects parts as the parser finds them."""

    def __init__(self, capability: Capability, allocation: UploadAllocation) -> None:
        self._capability = capability
        self._allocation = allocation
        self._received = 0
        self._fields = 0
        self._done: list[tuple[str, bool, BytesIO]] = []
        self._name = ""
        self._is_file = False
        self._data = BytesIO()
        self._header: list[bytes] = [b"", b""]
        self._header_bytes = 0
        self._disposition = b""
        self.ended = False

    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._head(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._head(1, data[start:end]),
            "on_header_end": self._head_end,
            "on_headers_finished": self._named,
            "on_part_data": self._more,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def count(self, length: int) -> None:
        """Count what has arrived, before it is parsed."""
        self._received += length
        if self._received > self._capability.body_bytes:
            raise RequestRefused(
                RefusalReason.BODY_TOO_LARGE, f"A request may have {self._capability.body_bytes / 2**20:.1f} MB."
            )

    def _begin(self) -> None:
        if len(self._done) >= MOST_PARTS:
            raise RequestRefused(RefusalReason.BODY_TOO_LARGE, f"A form may have {MOST_PARTS} parts.")
        self._data, self._disposition, self._header_bytes = BytesIO(), b"", 0

    def _head(self, which: int, piece: bytes) -> None:
        self._header_bytes += len(piece)
        if self._header_bytes > MOST_HEADER:
            raise RequestRefused(RefusalReason.BODY_TOO_LARGE, "The headers of a part are too long.")
        self._header[which] += piece

    def _head_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _named(self) -> None:
        _, parameters = parse_options_header(self._disposition)
        self._name = parameters.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in parameters or b"filename*" in parameters
        if not self._name:
            raise RequestRefused(RefusalReason.INVALID, "A part of the form has no name.")
        if self._is_file and sum(is_file for _, is_file, _ in self._done) >= self._capability.files:
            raise RequestRefused(RefusalReason.INVALID, f"A request may have {self._capability.files} files.")

    def _more(self, data: bytes, start: int, end: int) -> None:
        length = end - start
        if self._is_file:
            if self._data.tell() + length > self._capability.file_bytes:
                raise RequestRefused(RefusalReason.FILE_TOO_LARGE, f"A file may have {self._capability.megabytes} MB.")
        else:
            self._fields += length
            if self._fields > FIELDS:
                raise RequestRefused(
                    RefusalReason.BODY_TOO_LARGE, f"The fields of a form may have {FIELDS // 1024} KB."
                )
        self._allocation.grow(length)
        self._data.write(memoryview(data)[start:end])

    def _end(self) -> None:
        self._done.append((self._name, self._is_file, self._data))

    def _finish(self) -> None:
        self.ended = True

    def form(self) -> MultipartForm:
        """Everything that was sent."""
        form = MultipartForm()
        for name, is_file, data in self._done:
            if is_file:
                form.files.setdefault(name, []).append(data.getvalue())
            else:
                form.fields.setdefault(name, []).append(data.getvalue().decode("utf-8", "replace"))
        return form
