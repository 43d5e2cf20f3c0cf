"""Limit the memory that all uploads of a server use together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["UploadAllocation", "UploadMemory"]

RETRY_AFTER_FULL_S = 5

MAX_CLIENT_SHARE = 0.75
"""Share of the memory that one client may use, so that there is always some for the others."""


class UploadMemory:
    """The memory that all uploads share.

    Parameters
    ----------
    total : int
        Limit in bytes.

    Attributes
    ----------
    used : int
        Bytes in use now.
    used_by : Counter of str
        Bytes in use by client.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0
        self.used_by: Counter[str] = Counter()

    def allocate(self, client: str = "") -> UploadAllocation:
        """Return the allocation of one request of a client, empty at first. Use it as a context manager."""
        return UploadAllocation(self, client)


class UploadAllocation:
    """The part of the upload memory that one request uses. It is released when the context ends.

    Attributes
    ----------
    bytes : int
        Bytes in use by this request.
    """

    def __init__(self, memory: UploadMemory, client: str) -> None:
        self._memory = memory
        self._client = client
        self.bytes = 0

    def grow(self, length: int) -> None:
        """Add `length` bytes.

        Raises
        ------
        RequestRefused
            If the limit of all uploads, or the share of the client, would be exceeded.
        """
        own, share = self._memory.used_by[self._client], MAX_CLIENT_SHARE * self._memory.total
        if self._memory.used + length > self._memory.total or own + length > share:
            raise RequestRefused(
                RefusalReason.OVERLOADED,
                "The server has no memory left for more uploads.",
                retry_after=RETRY_AFTER_FULL_S,
            )
        self._memory.used += length
        self._memory.used_by[self._client] += length
        self.bytes += length

    def __enter__(self) -> UploadAllocation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.used -= self.bytes
        self._memory.used_by[self._client] -= self.bytes
        if not self._memory.used_by[self._client]:
            del self._memory.used_by[self._client]
