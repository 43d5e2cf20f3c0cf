"""Prepare the pictures and the lettering of a print sheet."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from PIL import Image

from idphoto.decode import Source
from idphoto.errors import InputError
from idphoto.layout.sheet import TEXT_MM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from idphoto.layout import Item, Label, Layout
    from idphoto.output.typesetting import Line

__all__ = [
    "LINE_MM",
    "RULER_LINE_MM",
    "choose_labels",
    "decode_picture",
    "open_pictures",
    "set_names",
    "to_windows_1252",
]

LINE_MM = 0.15
"""Crop marks: fine enough to cut on, and still two dots of a 300 dpi printer."""

RULER_LINE_MM = 0.1

_MAX_STRETCH = 0.02  # pixel sizes are whole numbers, so that some stretch is unavoidable; more would be visible


def open_pictures(layout: Layout, pictures: Sequence[bytes]) -> list[Source]:
    """Open one encoded picture for each item of the layout, and compare its proportions with those of its place.

    Raises
    ------
    UnreadableImage
        If one is not a picture.
    InputError
        If there are more or fewer pictures than items, or the proportions of one differ from
        those of its place by more than 2 %.
    """
    if len(pictures) != len(layout.items):
        raise InputError(
            f"The sheet has places for {len(layout.items)} different photos, but {len(pictures)} were given.",
            "Give one picture per item.",
        )
    return [_open(data, item) for data, item in zip(pictures, layout.items, strict=True)]


def _open(data: bytes, item: Item) -> Source:
    source = Source.open(data, item.key or "photo")
    width, height = source.size
    if abs((width / height) / (item.width_mm / item.height_mm) - 1) > _MAX_STRETCH:
        raise InputError(
            f"A picture of {width} x {height} px does not have the proportions of {item.size}.",
            "Crop it for this size first.",
        )
    return source


def decode_picture(source: Source) -> Image.Image:
    """Decode a picture as every part of idphoto does: upright, in sRGB, transparent parts on white.

    Returns
    -------
    PIL.Image.Image
        Of mode RGB; of mode L if the file has only grey levels.
    """
    picture = Image.fromarray(source.pixels()[0])
    return picture.getchannel(0) if source.mode in ("grey", "grey-alpha") else picture


def choose_labels(layout: Layout, number: int, measure: Callable[[str], float]) -> list[Label]:
    """Return the lettering of a page (counted from 0): the label of the ruler, and the longest caption that fits.

    `measure` returns the width of a text in mm.
    """
    page = layout.pages[number]
    found = [page.ruler.label] if page.ruler else []
    if page.caption:
        texts = (to_windows_1252(text) for text in layout.captions(number))
        fitting = next((text for text in texts if measure(text) <= page.caption.length), None)
        if fitting is not None:
            found.append(page.caption.label(fitting))
    return found


def set_names(layout: Layout, number: int) -> list[tuple[Label, Line]]:
    """Set the names of the photos of a page (counted from 0), each cut to the width of its photo.

    Returns
    -------
    list of (Label, Line)
        The middle of each line in mm, and the line itself; its size is `TEXT_MM`.
    """
    from idphoto.output.typesetting import cut_line

    return [
        (label, cut_line(label.text, photo.height if label.upright else photo.width, TEXT_MM))
        for photo, label in layout.names(number)
    ]


def to_windows_1252(text: str) -> str:
    """Return the text in the letters of Windows-1252, which the built-in fonts have.

    A letter whose mark the fonts lack loses the mark. A word in another script is left out as a whole, since single
    letters of it would mean nothing.
    """
    return " ".join(filter(None, (_word(word) for word in text.split())))


# Letters with a stroke, which Unicode does not decompose.
_STROKES = str.maketrans("ĐđĦħıŁłŊŋŦŧ", "DdHhiLlNnTt")


def _word(word: str) -> str:
    composed = unicodedata.normalize("NFC", word).translate(_STROKES)
    letters = [_letter(letter) for letter in composed]
    return "" if None in letters else "".join(filter(None, letters))


def _letter(letter: str) -> str | None:
    """Return the letter, or the letter without its marks; None if the fonts have neither."""
    parts = unicodedata.normalize("NFKD", letter)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    for form in (letter, bare):
        if form.isprintable() and len(form.encode("cp1252", "ignore")) == len(form):
            return form
    return None
