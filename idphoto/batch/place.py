"""Read and write the files of a batch: in a folder, or in an object store by its URL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from idphoto.batch.job import is_url
from idphoto.errors import InputError, MissingExtra, UnreadableImage, printable

__all__ = ["Place", "open_place", "open_url", "read_photo", "sha256_of"]


class Place(Protocol):
    """The folder for results, or its equal in an object store. Paths are relative to it, with slashes."""

    def read(self, path: str) -> bytes | None:
        """Return a file; None if there is none."""
        ...

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files; each appears in full or not at all, and replaces one of its name."""
        ...

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, if they exist, and folders that become empty."""
        ...

    def list(self, folder: str) -> list[str]:
        """Return the paths of all files in a folder and in the folders inside it, sorted."""
        ...


def open_place(root: str) -> Place:
    """Return the place of a path or URL."""
    return _Store(root) if is_url(root) else _Folder(Path(root))


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes | None:
        with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return (self.root / path).read_bytes()
        return None

    def write(self, files: Mapping[str, bytes]) -> None:
        from idphoto.output.files import write_files

        write_files({self.root / path: data for path, data in files.items()}, force=True)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            (self.root / path).unlink(missing_ok=True)
            folder = (self.root / path).parent
            with suppress(OSError):  # a folder that is not empty stays
                while folder != self.root:
                    folder.rmdir()
                    folder = folder.parent

    def list(self, folder: str) -> list[str]:
        found = (path for path in (self.root / folder).glob("**/*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in found)


class _Store:
    def __init__(self, root: str) -> None:
        self._files, self._root = open_url(root)

    def read(self, path: str) -> bytes | None:
        with suppress(FileNotFoundError):
            data: bytes = self._files.cat_file(f"{self._root}/{path}")
            return data
        return None

    def write(self, files: Mapping[str, bytes]) -> None:
        try:
            for path, data in files.items():
                # One call is one request to an object store, which shows the object when it is complete.
                self._files.pipe_file(f"{self._root}/{path}", data)
        except OSError as cause:
            raise InputError(
                f"The files cannot be written: {cause}.", "Check the store and the rights to it."
            ) from cause

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            with suppress(FileNotFoundError):
                self._files.rm_file(f"{self._root}/{path}")

    def list(self, folder: str) -> list[str]:
        found = self._files.find(f"{self._root}/{folder}".rstrip("/"))
        return sorted(path.removeprefix(f"{self._root}/") for path in found)


def open_url(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it."""
    try:
        import fsspec

        files, path = fsspec.core.url_to_fs(url)
    except ImportError as cause:
        raise MissingExtra(
            f"Packages that {printable(url)} needs are not installed.", "Install them: pip install 'idphoto[ray,s3]'"
        ) from cause
    except ValueError as cause:
        raise InputError(
            f"{printable(url)} is not the URL of a store.", "Give one such as s3://bucket/folder."
        ) from cause
    return files, path.rstrip("/")


def read_photo(path: str) -> bytes:
    """Read a photo from its path or URL.

    Raises
    ------
    UnreadableImage
        If it cannot be read.
    """
    try:
        if is_url(path):
            files, place = open_url(path)
            data: bytes = files.cat_file(place)
            return data
        return Path(path).read_bytes()
    except FileNotFoundError as cause:
        raise UnreadableImage(f"{printable(path)} does not exist.", "Give the path of a picture.") from cause
    except OSError as cause:
        raise UnreadableImage(
            f"{printable(path)} cannot be read: {cause.strerror or cause}.", "Check its permissions."
        ) from cause


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
