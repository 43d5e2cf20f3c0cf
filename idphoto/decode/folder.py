"""Find the pictures in a folder."""

from __future__ import annotations

from pathlib import Path

from idphoto.errors import InputError, printable

__all__ = ["PICTURE_SUFFIXES", "list_pictures"]

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"}
)
"""Suffixes of the files that are taken from a folder."""


def list_pictures(folder: Path, *, recursive: bool = False) -> list[Path]:
    """Return the pictures of a folder, sorted by name; hidden files are left out.

    Parameters
    ----------
    folder : Path
        The folder.
    recursive : bool
        Take the pictures of folders inside it, too.

    Raises
    ------
    InputError
        If there is none.
    """
    files = sorted(
        path
        for path in folder.glob("**/*" if recursive else "*")
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        advice = "Name the folder with the pictures" + ("." if recursive else ", or add --recursive.")
        raise InputError(f"There is no picture in the folder {printable(str(folder))}.", advice)
    return files
