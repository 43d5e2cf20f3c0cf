"""Download a file whose hash is known: interrupted downloads are resumed, wrong files are refused.

A file that does not have the expected SHA-256 is deleted, so the transport need not be trusted.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from idphoto.errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["compute_sha256", "fetch_file"]

CHUNK_BYTES = 1 << 20
SILENCE_LIMIT_S = 30.0


def compute_sha256(path: Path) -> str:
    """Compute the SHA-256 of a file, as lower-case hexadecimal."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            total.update(chunk)
    return total.hexdigest()


def fetch_file(
    url: str, path: Path, sha256: str, size: int, progress: Callable[[int, int], None] = lambda _done, _size: None
) -> Path:
    """Download a file, unless it exists already.

    The download is written to ``NAME.part`` beside `path`. It gets its name only after its hash has been
    verified. If a part of an earlier attempt exists, the download resumes from there, if the server allows.

    Parameters
    ----------
    url : str
        ``https:`` or ``http:``.
    path : Path
        Path of the finished file; missing folders are made.
    sha256 : str
        Expected hash of the file.
    size : int
        Expected number of bytes; if the server sends more, the download stops.
    progress : callable
        Called after each block with the bytes received so far and `size`.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    FetchFailed
        If the file cannot be downloaded, or is not the expected one.
    """
    if urllib.parse.urlsplit(url).scheme not in ("https", "http"):
        raise FetchFailed(f"{url} is not an address on the web.", "Correct it in the manifest.")
    part = path.with_name(path.name + ".part")
    try:
        if path.is_file() and compute_sha256(path) == sha256:
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        resumed = part.is_file() and 0 < part.stat().st_size <= size
        if not resumed:
            part.unlink(missing_ok=True)
        _transfer(url, part, size, progress)
        if compute_sha256(part) != sha256 and resumed:
            # The earlier part may be damaged or of another file: download again from the beginning.
            part.unlink()
            _transfer(url, part, size, progress)
        if compute_sha256(part) != sha256:
            part.unlink()
            raise FetchFailed(
                f"What {url} sent is not the file that was expected: its SHA-256 is another.",
                "Try again later; if that does not help, the publisher has changed the file.",
            )
        part.replace(path)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as cause:
        reason = getattr(cause, "reason", None) or cause
        raise FetchFailed(
            f"{url} could not be fetched: {str(reason).rstrip('.') or type(cause).__name__}.",
            f"Run the same command again to go on, or put the file there yourself: {path}",
        ) from cause
    return path


def _transfer(url: str, part: Path, size: int, progress: Callable[[int, int], None]) -> None:
    """Download the missing bytes of `part`, or all bytes if the server cannot resume."""
    have = part.stat().st_size if part.exists() else 0
    if have == size:
        return
    headers = {"Accept-Encoding": "identity", "User-Agent": "idphoto"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    with urllib.request.urlopen(request, timeout=SILENCE_LIMIT_S) as answer:  # noqa: S310
        goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if have and not goes_on:
            have = 0
        with part.open("ab" if have else "wb") as file:
            while chunk := answer.read(CHUNK_BYTES):
                have += len(chunk)
                if have > size:
                    file.close()
                    part.unlink()
                    raise FetchFailed(
                        f"What {url} sends is larger than the file that was expected.",
                        "The publisher has changed the file; this version does not know the new one.",
                    )
                file.write(chunk)
                progress(have, size)
            file.flush()
            os.fsync(file.fileno())
    if have < size:
        raise http.client.IncompleteRead(b"", size - have)
