"""What a print sheet shows besides geometry: pictures that suit their places, and lettering."""

from __future__ import annotations

import unicodedata
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from idphoto.errors import InputError, UnreadableImage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from idphoto.layout import Item, Label, Layout

__all__ = ["LINE_MM", "RULER_LINE_MM", "flat", "labels", "legible", "open_pictures"]

LINE_MM = 0.15
"""Crop marks: fine enough to cut on, and still two dots of a 300 dpi printer."""

RULER_LINE_MM = 0.1

_STRETCH = 0.02  # pixel sizes are whole numbers; beyond this a face would look squeezed


def open_pictures(layout: Layout, pictures: Sequence[bytes]) -> list[Image.Image]:
    """Open one encoded picture per item of the layout, decoded and checked against its place.

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


def _open(data: bytes, item: Item) -> Image.Image:
    try:
        picture = Image.open(BytesIO(data))
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as cause:
        raise UnreadableImage("A picture for the sheet cannot be read.", "Give a JPEG or PNG file.") from cause
    stretch = (picture.width / picture.height) / (item.width_mm / item.height_mm)
    if abs(stretch - 1) > _STRETCH:
        raise InputError(
            f"A picture of {picture.width} x {picture.height} px does not have the proportions of {item.size}.",
            "Crop it for this size first.",
        )
    return picture


def flat(picture: Image.Image) -> Image.Image:
    """The picture in 8-bit grey or RGB; what is transparent becomes white, as paper is."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")
    return picture.convert("RGB")


def labels(layout: Layout, number: int, measure: Callable[[str], float]) -> list[Label]:
    """All lettering of a page (counted from 0): the ruler's, and the longest caption that fits.

    `measure` gives the width of a text in mm.
    """
    page = layout.pages[number]
    found = [page.ruler.label] if page.ruler else []
    if page.caption:
        texts = (legible(text) for text in layout.captions(number))
        fitting = next((text for text in texts if measure(text) <= page.caption.length), None)
        if fitting is not None:
            found.append(page.caption.label(fitting))
    return found


def legible(text: str) -> str:
    """Text in the letters of Windows-1252, which the built-in fonts have.

    Letters with marks lose those that the fonts lack. A word in another script is left out
    whole: what would remain of it says nothing.
    """
    return " ".join(filter(None, (_word(word) for word in text.split())))


# Letters with a stroke, which Unicode does not take apart.
_STROKES = str.maketrans("ĐđĦħıŁłŊŋŦŧ", "DdHhiLlNnTt")


def _word(word: str) -> str:
    composed = unicodedata.normalize("NFC", word).translate(_STROKES)
    letters = [_letter(letter) for letter in composed]
    return "" if None in letters else "".join(filter(None, letters))


def _letter(letter: str) -> str | None:
    """The letter itself, or what it is without its marks; None if the fonts have neither."""
    parts = unicodedata.normalize("NFKD", letter)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    for form in (letter, bare):
        if form.isprintable() and len(form.encode("cp1252", "ignore")) == len(form):
            return form
    return None
