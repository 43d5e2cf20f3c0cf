"""What all tasks share: opening what was sent, and the shape of what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from idphoto.decode import Source
from idphoto.errors import ImageTooLarge, ImageTooSmall, UnreadableImage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Outcome", "describe", "open_picture"]


class Outcome(NamedTuple):
    """What a task gives: plain data, files, and the milliseconds of its stages."""

    head: dict[str, Any]
    blobs: list[bytes]
    timings: Mapping[str, float]


def open_picture(data: bytes, limits: Mapping[str, Any], name: str = "photo") -> Source:
    """Read the header of what was sent. It is called `name`, whatever the client calls it.

    Parameters
    ----------
    data : bytes
        The file.
    limits : mapping
        ``formats``, ``pixel_cap``, and ``sides``: the shortest and the longest one in pixels.

    Raises
    ------
    UnreadableImage, ImageTooLarge, ImageTooSmall
        If it is not within the limits.
    """
    source = Source.open(data, name, pixel_cap=limits["pixel_cap"])
    if source.format not in limits["formats"]:
        raise UnreadableImage(f"The {name} is {source.format.upper()}.", "Send one of the formats that are read here.")
    shortest, longest = limits["sides"]
    width, height = source.size
    if max(width, height) > longest:
        raise ImageTooLarge(
            f"The {name} has {width} x {height} pixels; a side may have {longest}.", "Send a smaller version of it."
        )
    if min(width, height) < shortest:
        raise ImageTooSmall(
            f"The {name} has {width} x {height} pixels; a side must have {shortest}.", "Send it at full size."
        )
    return source


def describe(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Suffix and length of files, in the order of their blobs."""
    return [{"suffix": suffix, "bytes": len(data)} for suffix, data in files.items()]
