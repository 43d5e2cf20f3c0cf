"""Write files to disk: all of them or none, never half-written, and without losing existing files.

All files are first written in full beside their places, under hidden names, and flushed to the
disk. Only then are they given their names, each in one step. If anything fails, names given so
far are taken back and files replaced so far return. What cannot be excluded is a power cut
between two renames: then each file is either wholly old or wholly new.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from idphoto.errors import FileExists, InputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["refuse_equal_names", "refuse_existing", "refuse_numbered_names", "write_files"]

_Path = TypeVar("_Path", str, Path)


def refuse_equal_names(
    results: Iterable[tuple[Path, str]],
    advice: str = "Rename one of them, or write them to different folders with --out.",
) -> None:
    """Refuse two results of the same name, before any work is done for one of them.

    Names that differ only in upper and lower case, or in the composition of letters, are the same file on Windows
    and macOS.

    Parameters
    ----------
    results : iterable of (Path, str)
        File, or beginning of the names of several files, and the input that it is made from.
    advice : str
        What to do about equal names.

    Raises
    ------
    InputError
        If two are equal; the message names both inputs.
    """
    makers: dict[str, str] = {}
    for path, maker in results:
        key = unicodedata.normalize("NFC", str(path)).casefold()
        if key in makers:
            both = f"{printable(makers[key])} and {printable(maker)}"
            raise InputError(
                f"{both} would be written to the same file, {printable(str(path))}.",
                advice,
            )
        makers[key] = maker


def refuse_numbered_names(stems: Iterable[Path]) -> None:
    """Refuse a name that people of a group picture of another name could have: ``class-2`` beside ``class``.

    Parameters
    ----------
    stems : iterable of Path
        Beginnings of the names of the results of each picture.

    Raises
    ------
    InputError
        If there is one.
    """
    names = {unicodedata.normalize("NFC", str(stem)).casefold(): stem for stem in stems}
    for name, stem in names.items():
        group, dash, number = name.rpartition("-")
        if dash and number.isdecimal() and group in names:
            raise InputError(
                f"{printable(str(stem))} may be person {number} of {printable(str(names[group]))}, too.",
                "Rename one of the two, or make them one after the other into different folders.",
            )


def refuse_existing(paths: Iterable[str | os.PathLike[str]], *, force: bool = False) -> None:
    """Ask before any work whether files could be written; see `write_files`."""
    for path in map(Path, paths):
        if "\0" in str(path) or not path.name:
            raise InputError(f"{str(path)!r} is not the name of a file.", "Choose another name.")
        if path.is_dir():
            raise InputError(f"{printable(str(path))} is a folder.", "Give the name of a file in it.")
        if os.path.lexists(path) and not force:
            raise _exists(path)


def _exists(path: Path) -> FileExists:
    return FileExists(f"{printable(str(path))} exists already.", "Choose another name, or force it to be replaced.")


def write_files(files: Mapping[_Path, bytes], *, force: bool = False) -> list[Path]:
    """Write all of some files or none of them.

    Parameters
    ----------
    files : mapping of path to bytes
        Folders that do not exist are created.
    force : bool
        Whether files that exist may be replaced.

    Returns
    -------
    list of Path
        The files, in the order given.

    Raises
    ------
    FileExists
        If a file exists already, or comes to exist meanwhile, and `force` is not set.
    InputError
        If a file cannot be written: no permission, no space, a folder in its place.
    """
    targets = {Path(path): data for path, data in files.items()}
    refuse_existing(targets, force=force)
    job = _Job()
    try:
        for target, data in targets.items():
            job.prepare(target, data)
        for target in targets:
            job.publish(target, force=force)
    except BaseException as cause:
        job.undo()
        if isinstance(cause, FileExistsError):
            raise _exists(Path(cause.filename2 or cause.filename)) from cause
        if isinstance(cause, OSError):
            where = printable(str(cause.filename2 or cause.filename or ""))
            raise InputError(
                f"The files cannot be written: {cause.strerror or cause}{f' ({where})' if where else ''}.",
                "Choose another folder, or make room on the disk.",
            ) from cause
        raise
    job.finish()
    return list(targets)


class _Job:
    """The steps that were done so far, to be undone after a failure."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.prepared: dict[Path, Path] = {}
        self.kept: list[Path] = []
        self.published: list[tuple[Path, Path | None]] = []

    def prepare(self, target: Path, data: bytes) -> None:
        """Write a file in full beside its place."""
        missing = [folder for folder in target.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            self.folders.append(folder)
        if not target.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(target.parent))
        self.prepared[target] = _hidden(target)
        with self.prepared[target].open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def publish(self, target: Path, *, force: bool) -> None:
        """Give a file its name, in one step."""
        ready = self.prepared[target]
        if not force:
            self._publish_new(ready, target)
        elif not os.path.lexists(target):
            ready.replace(target)
            self.published.append((target, None))
        else:
            kept = _hidden(target)
            self.kept.append(kept)
            try:
                os.link(target, kept, follow_symlinks=False)
            except (OSError, NotImplementedError):  # not all file systems have hard links
                shutil.copy2(target, kept, follow_symlinks=False)
            self.published.append((target, kept))
            ready.replace(target)

    def _publish_new(self, ready: Path, target: Path) -> None:
        """Give a name that nobody has; a file that appeared meanwhile is never replaced."""
        try:
            os.link(ready, target)
        except FileExistsError:
            raise
        except OSError:
            target.open("xb").close()  # claims the name on file systems without hard links
            self.published.append((target, None))
            ready.replace(target)
        else:
            self.published.append((target, None))

    def undo(self) -> None:
        """Put everything back as it was, as far as the disk allows."""
        for target, kept in reversed(self.published):
            with suppress(OSError):
                target.unlink() if kept is None else kept.replace(target)
        self._clean()
        for folder in reversed(self.folders):
            with suppress(OSError):
                folder.rmdir()

    def finish(self) -> None:
        """Remove what is no longer needed, and make the names last."""
        self._clean()
        for folder in {target.parent for target in self.prepared}:
            with suppress(OSError):  # Windows cannot open folders, and does not need to
                handle = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def _clean(self) -> None:
        for path in (*self.prepared.values(), *self.kept):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _hidden(target: Path) -> Path:
    """A name beside `target` that nobody has."""
    return target.with_name(f".idphoto-{secrets.token_hex(8)}.tmp")
