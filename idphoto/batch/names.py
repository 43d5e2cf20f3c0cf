"""Make the names of results from templates such as ``{id}_{spec}.jpg``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from string import Formatter

from idphoto.decode.folder import PICTURE_SUFFIXES
from idphoto.errors import InputError, InvalidJob, printable

__all__ = ["NameTemplate", "as_file_name"]

WHO = ("id", "file", "name")
"""Names of a template that tell one person from another."""

LONGEST_SUFFIX = ".annotated.png"


class NameTemplate:
    """A template of names: text, and names of columns in braces.

    Parameters
    ----------
    text : str
        Such as ``{class}/{id}_{spec}.jpg``; a slash begins a folder.
    fields : collection of str
        Names that may stand in braces.

    Attributes
    ----------
    suffix : str
        Ending of a picture that the template has; empty if it has none.

    Raises
    ------
    InvalidJob
        If a name in braces is unknown, or braces do not match.
    """

    def __init__(self, text: str, fields: Collection[str]) -> None:
        try:
            parts = list(Formatter().parse(text))
        except ValueError as cause:
            raise InvalidJob(f"names: '{printable(text)}' is not a template: {cause}.", "See docs/batch.md.") from cause
        known = {field.casefold(): field for field in fields}
        self.fields = []
        for _, field, form, conversion in parts:
            if field is None:
                continue
            if field.casefold() not in known or form or conversion:
                close = difflib.get_close_matches(field.casefold(), list(known), n=1)
                hint = f" (did you mean {{{known[close[0]]}}}?)" if close else ""
                raise InvalidJob(
                    f"names: there is no column for {{{printable(field)}}}{hint}.",
                    f"Use {', '.join(f'{{{name}}}' for name in fields)}.",
                )
            self.fields.append(known[field.casefold()])
        path = PurePosixPath(text)
        self.suffix = path.suffix.lower() if path.suffix.lower() in PICTURE_SUFFIXES else ""
        self._parts = [(literal, known[field.casefold()] if field else None) for literal, field, *_ in parts]
        self._ending = path.suffix if self.suffix else ""
        self._who = next((place for place, (_, field) in enumerate(self._parts) if field in WHO), -1)

    def fill(self, values: Mapping[str, str]) -> tuple[str, int]:
        """Return the name for these values, and how many of its characters follow the name of the person.

        Returns
        -------
        stem : str
            A path below the folder for results, without the ending of the picture.
        tail : int
            Length of what follows the first of `WHO`; the number of a person in a group picture stands before it.

        Raises
        ------
        InputError
            If a value is empty, or a file system refuses the name.
        """
        from pathvalidate import ValidationError, validate_filename

        pieces, after = [], len(self._parts) * 2
        for number, (literal, field) in enumerate(self._parts):
            pieces.append(literal)
            if field is None:
                continue
            value = values[field]
            if field == "folder":
                pieces.append(value)
                continue
            if not value:
                raise InputError(f"there is no value for {{{field}}}", "Fill the cell, or change the template.")
            if "/" in value or "\\" in value:
                raise InputError(f"{{{field}}} is '{printable(value)}', which has a slash", "Use another column.")
            pieces.append(value)
            if number == self._who:
                after = len(pieces)
        name, tail = "".join(pieces), "".join(pieces[after:]).removesuffix(self._ending)
        path = PurePosixPath(name.removesuffix(self._ending))
        parts = [part for part in path.parts if part != "."]
        if not parts or path.is_absolute():
            raise InputError(f"'{printable(name)}' is not a name below the folder for results", "Change the template.")
        for number, part in enumerate(parts):
            try:
                validate_filename(part + (LONGEST_SUFFIX if number == len(parts) - 1 else ""), platform="universal")
            except ValidationError as cause:
                raise InputError(f"'{printable(part)}' is refused: {_reason(cause)}", "Change the template.") from cause
            if part.startswith("."):
                raise InputError(f"'{printable(part)}' is refused: it begins with a dot", "Change the template.")
        return "/".join(parts), len(tail)


def _reason(cause: Exception) -> str:
    """Return why a name is refused, as a clause."""
    from pathvalidate import ErrorReason, ValidationError

    assert isinstance(cause, ValidationError)
    return {
        ErrorReason.INVALID_CHARACTER: "some file systems do not take all of its characters",
        ErrorReason.RESERVED_NAME: "Windows keeps this name for a device",
        ErrorReason.INVALID_LENGTH: "it is too long",
    }.get(cause.reason, "it ends with a dot or a space")


def as_file_name(text: str) -> str:
    """Return a text as the name of a file: what some file system refuses is written as percent and a number."""
    name = re.sub(r'[<>:"/\\|?*%\x00-\x1f\x7f]|^\.|[. ]$', lambda found: f"%{ord(found[0]):02X}", text)
    return name[:150]
