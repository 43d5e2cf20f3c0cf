"""Find the pictures that the user names, and use standard streams."""

from __future__ import annotations

import glob
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from idphoto.errors import InputError, printable

if TYPE_CHECKING:
    from idphoto.decode import Source

__all__ = ["STREAM", "InputPicture", "find_pictures", "read_standard_input", "write_to_output"]

STREAM = "-"
"""Name that stands for standard input and standard output."""


@dataclass(frozen=True)
class InputPicture:
    """A picture that the user named, alone, by a pattern or by its folder.

    Attributes
    ----------
    path : str
        Path of the file; ``-`` for standard input.
    folder : Path
        Folder of the file below the one that was named; the results go into a folder of that name.
    person : int
        Number of the person in a group picture, if there is a result for each; otherwise 0.
    """

    path: str
    folder: Path = Path()
    person: int = 0

    @property
    def name(self) -> str:
        """Name of the file."""
        return "stdin" if self.path == STREAM else Path(self.path).name

    @property
    def stem(self) -> Path:
        """Beginning of the names of the results, below the folder for results."""
        stem = "stdin" if self.path == STREAM else Path(self.path).stem
        return self.folder / (f"{stem}-{self.person}" if self.person else stem)

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
    from idphoto.decode.folder import list_pictures

    found: list[InputPicture] = []
    for argument in arguments:
        path = Path(argument)
        if argument == STREAM:
            found.append(InputPicture(argument))
        elif path.is_dir():
            files = list_pictures(path, recursive=recursive)
            found += [InputPicture(str(file), file.parent.relative_to(path)) for file in files]
        elif any(letter in argument for letter in "*?") and not path.exists():
            matches = sorted(glob.glob(argument.replace("[", "[[]")))  # noqa: PTH207 - Path.glob refuses absolute patterns
            if not matches:
                raise InputError(f"No file matches '{printable(argument)}'.", "Check the folder and the pattern.")
            found += [InputPicture(match) for match in matches if not Path(match).is_dir()]
        else:
            found.append(InputPicture(argument))
    if sum(picture.path == STREAM for picture in found) > 1:
        raise InputError("Standard input is named twice.", "Write - once; it holds one picture.")
    return found


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
