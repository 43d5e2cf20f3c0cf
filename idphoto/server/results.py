"""What was made, for a day: files at addresses that nobody can guess and nobody can prolong.

The name of a file says when it ends, so that nothing but the clock and the names are needed to
delete it: no list that could be lost, no timer that a restart could forget. Any server that
shares the store may sweep it. Behind the seam is fsspec: a local folder, or S3.
"""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import fsspec

from idphoto.errors import InputError
from idphoto.server.refusals import RefusalReason, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Link", "ResultFile", "ResultStore"]

HOUR = 3600
CHUNK = 256 * 1024
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
}
# When it ends, 256 random bits, and what kind of file it is. Nothing else is ever looked up in the store.
_NAME = re.compile(rf"(?P<end>[0-9]{{10,11}})-[A-Za-z0-9_-]{{43}}\.(?P<kind>{'|'.join(MEDIA_TYPES)})")


class Link(NamedTuple):
    """A file that was stored."""

    name: str
    expires_at: int


class ResultFile(NamedTuple):
    """A file that is handed out."""

    kind: str
    length: int
    expires_at: int
    chunks: Generator[bytes]


class ResultStore:
    """Files that end by themselves. Blocks while it reads and writes; call it from a thread.

    Parameters
    ----------
    url : str
        As fsspec writes it: ``file:///var/lib/idphoto/results``, ``s3://bucket/results``.
    seconds : int
        How long a file lives.
    options : dict, optional
        For fsspec, such as an endpoint; environment variables do as well.

    Raises
    ------
    InputError
        If the store cannot be reached.
    """

    def __init__(self, url: str, seconds: int, options: dict[str, Any] | None = None) -> None:
        self.seconds = seconds
        try:
            self._files, self._root = fsspec.core.url_to_fs(url, use_listings_cache=False, **(options or {}))
            self._root = self._root.rstrip("/")
            if self._local:
                self._files.makedirs(self._root, exist_ok=True)
            self.ping()
        except Exception as cause:  # each file system has errors of its own
            raise InputError(
                f"The store of results cannot be opened: {type(cause).__name__}.", "Look at its address."
            ) from cause

    def put(self, data: bytes, kind: str) -> Link:
        """Store a file, of a kind in `MEDIA_TYPES`."""
        end = int(time.time()) + self.seconds
        name = f"{end}-{secrets.token_urlsafe(32)}.{kind}"
        path = self._path(name, end)
        if self._local:
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(path, data)
        return Link(name, end)

    def get(self, name: str) -> ResultFile:
        """Open a file.

        Raises
        ------
        RequestRefused
            If it has ended, or never was.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise RequestRefused(RefusalReason.NO_RESULT, "There is no such result.")
        end = int(match["end"])
        # Whether or not it is swept already, and whatever a client says: past its time there is nothing to see.
        if end <= time.time():
            raise RequestRefused(RefusalReason.EXPIRED, "The result has been deleted, a day after it was made.")
        path = self._path(name, end)
        try:
            length = int(self._files.info(path)["size"])
            file = self._files.open(path, "rb", **({} if self._local else {"cache_type": "readahead"}))
        except FileNotFoundError:
            raise RequestRefused(RefusalReason.NO_RESULT, "There is no such result.") from None
        return ResultFile(MEDIA_TYPES[match["kind"]], length, end, _chunks(file))

    def ping(self) -> None:
        """Look whether the store is there; raises what its file system raises."""
        # A bucket is there before anything in it is.
        self._files.info(self._root if self._local else self._root.split("/", 1)[0])

    def sweep(self) -> int:
        """Delete every file whose time is over; returns how many that were."""
        now, count = time.time(), 0
        for folder in self._listing(self._root):
            hour = folder.rpartition("/")[2]
            if not hour.isdigit() or int(hour) * HOUR > now:
                continue
            ended = [path for path in self._listing(folder) if _end(path) <= now]
            for path in ended:
                self._remove(path)
            count += len(ended)
            # An hour that is over gets no more files, unless a clock runs behind by as much as that.
            if (int(hour) + 2) * HOUR <= now and not self._listing(folder):
                self._remove(folder)
        return count

    @property
    def _local(self) -> bool:
        return "file" in (self._files.protocol if isinstance(self._files.protocol, tuple) else (self._files.protocol,))

    def _path(self, name: str, end: int) -> str:
        return f"{self._root}/{end // HOUR}/{name}"

    def _listing(self, path: str) -> list[str]:
        try:
            return [str(entry) for entry in self._files.ls(path, detail=False) if str(entry).rstrip("/") != path]
        except FileNotFoundError:
            return []

    def _remove(self, path: str) -> None:
        with suppress(OSError):  # another server was faster, or a file has just come
            self._files.rmdir(path) if self._files.isdir(path) else self._files.rm_file(path)


def _end(path: str) -> float:
    """When a file ends, by its name; what is not ours never does."""
    match = _NAME.fullmatch(path.rpartition("/")[2])
    return int(match["end"]) if match is not None else float("inf")


def _chunks(file: Any) -> Generator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
