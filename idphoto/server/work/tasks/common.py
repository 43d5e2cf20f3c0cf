"""Steps that several tasks share: open what was sent, describe files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.decode import Source
from idphoto.errors import ImageTooLarge, ImageTooSmall, UnreadableImage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["describe_files", "open_within_limits"]


def open_within_limits(data: bytes, limits: Mapping[str, Any], name: str = "photo") -> Source:
    """Open a picture and check its limits.

    Parameters
    ----------
    data : bytes
        The file.
    limits : mapping
        ``formats``; ``pixel_cap``, the limit of its pixels; ``sides``, its shortest and longest side in pixels;
        ``may_halve``, whether the sides are those that are decoded, which may be half of those in the file.
    name : str
        Name of the picture in messages. The client's file name is not known to workers.

    Raises
    ------
    UnreadableImage, ImageTooLarge, ImageTooSmall
        If it is not within the limits.
    """
    source = Source.open(data, name, pixel_cap=limits["pixel_cap"])
    if source.format not in limits["formats"]:
        raise UnreadableImage(f"The {name} is {source.format.upper()}.", "Send one of the formats that are accepted.")
    shortest, longest = limits["sides"]
    width, height = source.size if limits["may_halve"] else source.stored_size
    if max(width, height) > longest:
        raise ImageTooLarge(
            f"The {name} has {width} x {height} pixels; no side may exceed {longest}.", "Send a smaller version of it."
        )
    if min(width, height) < shortest:
        raise ImageTooSmall(
            f"The {name} has {width} x {height} pixels; each side needs at least {shortest}.", "Send it at full size."
        )
    return source


def describe_files(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Return suffix and length of each file, in the order of the blobs of a result."""
    return [{"suffix": suffix, "bytes": len(data)} for suffix, data in files.items()]
