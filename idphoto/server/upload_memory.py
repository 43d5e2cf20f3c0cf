"""Limit the memory that all uploads of a server use together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["UploadAllocation", "UploadMemory"]

RETRY_AFTER_FULL_S = 5


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
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0

    def allocate(self) -> UploadAllocation:
        """Return the allocation of one request, which is empty at first. Use it as a context manager."""
        return UploadAllocation(self)


class UploadAllocation:
    """The part of the upload memory that one request uses. It is released when the context ends.

    Attributes
    ----------
    bytes : int
        Bytes in use by this request.
    """

    def __init__(self, memory: UploadMemory) -> None:
        self._memory = memory
        self.bytes = 0

    def grow(self, length: int) -> None:
        """Add `length` bytes.

        Raises
        ------
        RequestRefused
            If the limit of all uploads would be exceeded.
        """
        if self._memory.used + length > self._memory.total:
            raise RequestRefused(
                RefusalReason.OVERLOADED,
                "The server has no memory left for more uploads.",
                retry_after=RETRY_AFTER_FULL_S,
            )
        self._memory.used += length
        self.bytes += length

    def __enter__(self) -> UploadAllocation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.used -= self.bytes
