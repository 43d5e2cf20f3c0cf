"""Find the pictures that the user names, settle the names of all results before any work, and use standard streams."""

from __future__ import annotations

import glob
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from idphoto.errors import InputError, printable

if TYPE_CHECKING:
    from idphoto.decode import Source

__all__ = ["STREAM", "InputPicture", "find_pictures", "read_standard_input", "refuse_equal_names", "write_to_output"]

STREAM = "-"
"""Name that stands for standard input and standard output."""

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"}
)
"""Suffixes of the files that are taken from a folder."""


@dataclass(frozen=True)
class InputPicture:
    """A picture that the user named, alone, by a pattern or by its folder.

    Attributes
    ----------
    path : str
        Path of the file; ``-`` for standard input.
    folder : Path
        Folder of the file below the one that was named; the results go into a folder of that name.
    """

    path: str
    folder: Path = Path()

    @property
    def name(self) -> str:
        """Name of the file."""
        return "stdin" if self.path == STREAM else Path(self.path).name

    @property
    def stem(self) -> Path:
        """Beginning of the names of the results, below the folder for results."""
        return self.folder / ("stdin" if self.path == STREAM else Path(self.path).stem)

    def open(self) -> Source:
        """Read the file and open it.

        Raises
        ------
        InputError
            If it is no picture.
        """
        from idphoto.decode import Source

        return Source.open(read_standard_input(), "stdin") if self.path == STREAM else Source.read(self.path)


def find_pictures(arguments: Sequence[str], *, recursive: bool = False) -> list[InputPicture]:
    """Return the pictures that the arguments of a command name.

    A folder stands for all pictures in it, sorted by name; hidden files are left out. An argument with ``*`` or ``?``
    that names no file is a pattern, since the shells of Windows do not expand patterns.

    Parameters
    ----------
    arguments : sequence of str
        Paths of files and folders, patterns, or ``-``.
    recursive : bool
        Take the pictures of folders inside folders, too.

    Raises
    ------
    InputError
        If a folder holds no picture, nothing matches a pattern, or standard input is named twice.
    """
    found: list[InputPicture] = []
    for argument in arguments:
        path = Path(argument)
        if argument == STREAM:
            found.append(InputPicture(argument))
        elif path.is_dir():
            found += _list_folder(path, recursive=recursive)
        elif any(letter in argument for letter in "*?") and not path.exists():
            matches = sorted(glob.glob(argument))  # noqa: PTH207 - Path.glob refuses absolute patterns
            if not matches:
                raise InputError(f"No file matches '{printable(argument)}'.", "Check the folder and the pattern.")
            found += [InputPicture(match) for match in matches if not Path(match).is_dir()]
        else:
            found.append(InputPicture(argument))
    if sum(picture.path == STREAM for picture in found) > 1:
        raise InputError("Standard input is named twice.", "Write - once; it holds one picture.")
    return found


def _list_folder(folder: Path, *, recursive: bool) -> list[InputPicture]:
    files = sorted(
        path
        for path in folder.glob("**/*" if recursive else "*")
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        advice = "Name the folder with the pictures" + ("." if recursive else ", or add --recursive.")
        raise InputError(f"There is no picture in the folder {printable(str(folder))}.", advice)
    return [InputPicture(str(path), path.parent.relative_to(folder)) for path in files]


def refuse_equal_names(results: Iterable[tuple[Path, str]]) -> None:
    """Refuse two results of the same name, before any work is done for one of them.

    Names that differ only in upper and lower case, or in the composition of letters, are the same file on Windows
    and macOS.

    Parameters
    ----------
    results : iterable of (Path, str)
        File, or beginning of the names of several files, and the input that it is made from.

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
                "Rename one of them, or write them to different folders with --out.",
            )
        makers[key] = maker


def read_standard_input() -> bytes:
    """Return all bytes of standard input."""
    return sys.stdin.buffer.read()


def write_to_output(data: bytes) -> None:
    """Write a file to standard output.

    Raises
    ------
    InputError
        If standard output is a terminal.
    """
    if sys.stdout.isatty():
        raise InputError("A picture cannot be shown in a terminal.", "Send the output to a file or a program.")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
