"""Store result files for a limited time, under names that cannot be guessed.

The name of a file contains the time at which it expires. So the names and a clock are enough to delete expired files:
a restart or a crash loses nothing, and any server that shares the store can clean it up. The store is a local folder
or a bucket, accessed through fsspec.
"""

from __future__ import annotations

import errno
import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import fsspec

from idphoto.errors import InputError
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["MEDIA_TYPES", "ResultFile", "ResultLink", "ResultStore"]

FOLDER_PERIOD_S = 3600
"""Files that expire within the same period are in the same folder, so that expired ones are found quickly."""

RETRY_AFTER_FULL_S = 60
MIN_FREE_BYTES = 64 * 2**20
"""A local store whose disk has less room is full."""

PRIVATE_FOLDER_MODE = 0o700
READ_CHUNK_BYTES = 256 * 1024
MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "tif": "image/tiff",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "heic": "image/heic",
    "avif": "image/avif",
    "pdf": "application/pdf",
    "json": "application/json",
    "zip": "application/zip",
}
"""File extension to media type."""

# Expiry in Unix seconds, 256 random bits, extension. No other name is ever looked up in the store.
_NAME = re.compile(rf"(?P<expires_at>[0-9]{{10,11}})-[A-Za-z0-9_-]{{43}}\.(?P<extension>{'|'.join(MEDIA_TYPES)})")


class ResultLink(NamedTuple):
    """The name of a stored file, and its expiry in Unix seconds."""

    name: str
    expires_at: int


class ResultFile(NamedTuple):
    """A stored file that has been opened. Read all of `chunks`, or close it."""

    media_type: str
    length: int
    expires_at: int
    chunks: Generator[bytes]


class ResultStore:
    """Files that expire. Its methods block; call them in a thread.

    Parameters
    ----------
    url : str
        URL for fsspec, such as ``file:///var/lib/idphoto/results`` or ``s3://bucket/results``.
    seconds : int
        Time for which a file is kept.
    options : dict, optional
        Further options for fsspec, such as an endpoint. They can also be set by environment variables.

    Raises
    ------
    InputError
        If the store cannot be opened.
    """

    def __init__(self, url: str, seconds: int, options: dict[str, Any] | None = None) -> None:
        self.seconds = seconds
        try:
            self._files, self._root = fsspec.core.url_to_fs(url, use_listings_cache=False, **(options or {}))
            self._root = self._root.rstrip("/")
            if self._is_local:
                self._files.makedirs(self._root, exist_ok=True)
                Path(self._root).chmod(PRIVATE_FOLDER_MODE)
            self.check_connection()
        except Exception as cause:  # each file system has its own errors
            raise InputError(
                f"The store of results cannot be opened: {type(cause).__name__}.", "Check its URL."
            ) from cause

    def save(self, data: bytes, extension: str) -> ResultLink:
        """Store a file. Its extension is a key of `MEDIA_TYPES`.

        Raises
        ------
        RequestRefused
            If the store does not take it, for example because its disk is full.
        """
        expires_at = int(time.time()) + self.seconds
        name = f"{expires_at}-{secrets.token_urlsafe(32)}.{extension}"
        path = self._path(name, expires_at)
        try:
            if self._is_local:
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(path, data)
        except Exception as cause:  # each file system has its own errors
            with suppress(Exception):
                self._files.rm_file(path)
            raise RequestRefused(
                RefusalReason.OVERLOADED, "The result cannot be stored now.", retry_after=RETRY_AFTER_FULL_S
            ) from cause
        return ResultLink(name, expires_at)

    def open(self, name: str) -> ResultFile:
        """Open a stored file.

        Raises
        ------
        RequestRefused
            If the file has expired or does not exist.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise RequestRefused(RefusalReason.NO_RESULT, "There is no such result.")
        expires_at = int(match["expires_at"])
        # An expired file is refused even if it has not been deleted yet.
        if expires_at <= time.time():
            raise RequestRefused(RefusalReason.EXPIRED, "The result has expired and has been deleted.")
        path = self._path(name, expires_at)
        try:
            length = int(self._files.info(path)["size"])
            file = self._files.open(path, "rb", **({} if self._is_local else {"cache_type": "readahead"}))
        except FileNotFoundError:
            raise RequestRefused(RefusalReason.NO_RESULT, "There is no such result.") from None
        return ResultFile(MEDIA_TYPES[match["extension"]], length, expires_at, _read_chunks(file))

    def delete(self, name: str) -> None:
        """Delete a stored file before it expires. A file that does not exist is no error.

        Raises
        ------
        RequestRefused
            If this is no name of a file.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise RequestRefused(RefusalReason.NO_RESULT, "There is no such result.")
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(name, int(match["expires_at"])))

    def check_room(self) -> None:
        """Check that the store can be reached and, if it is a local folder, that its disk is not full.

        Raises
        ------
        OSError
            If it is full. Errors of its file system are passed on.
        """
        self.check_connection()
        if self._is_local and shutil.disk_usage(self._root).free < MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, "the disk of the results is full")

    def check_connection(self) -> None:
        """Query the store once. Errors of its file system are passed on."""
        # A path in a bucket exists only once there is a file in it, so the bucket itself is queried.
        self._files.info(self._root if self._is_local else self._root.split("/", 1)[0])

    def delete_expired(self) -> int:
        """Delete every expired file, and return the number of them."""
        now, count = time.time(), 0
        for folder in self._list(self._root):
            period = folder.rpartition("/")[2]
            if not period.isdigit() or int(period) * FOLDER_PERIOD_S > now:
                continue
            expired = [path for path in self._list(folder) if _expiry(path) <= now]
            for path in expired:
                self._remove(path)
            count += len(expired)
            # An empty folder is removed one period after its last file expired. The margin is for other servers
            # whose clocks are behind and who may still write to it.
            if (int(period) + 2) * FOLDER_PERIOD_S <= now and not self._list(folder):
                self._remove(folder)
        return count

    @property
    def _is_local(self) -> bool:
        return "file" in (self._files.protocol if isinstance(self._files.protocol, tuple) else (self._files.protocol,))

    def _path(self, name: str, expires_at: int) -> str:
        return f"{self._root}/{expires_at // FOLDER_PERIOD_S}/{name}"

    def _list(self, path: str) -> list[str]:
        try:
            return [str(entry) for entry in self._files.ls(path, detail=False) if str(entry).rstrip("/") != path]
        except FileNotFoundError:
            return []

    def _remove(self, path: str) -> None:
        with suppress(OSError):  # another server has removed it, or the folder has got a new file
            self._files.rmdir(path) if self._files.isdir(path) else self._files.rm_file(path)


def _expiry(path: str) -> float:
    """Return the expiry of a file in Unix seconds; infinity for files that the store did not write."""
    match = _NAME.fullmatch(path.rpartition("/")[2])
    return int(match["expires_at"]) if match is not None else float("inf")


def _read_chunks(file: Any) -> Generator[bytes]:
    with file:
        while chunk := file.read(READ_CHUNK_BYTES):
            yield chunk
