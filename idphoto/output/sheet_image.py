"""Draw print sheets as pictures, for photo labs and kiosks that take no PDF."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from idphoto.errors import InputError
from idphoto.layout.sheet import TEXT_MM
from idphoto.output import typesetting
from idphoto.output.sheet_content import LINE_MM, RULER_LINE_MM, choose_labels, decode_picture, open_pictures, set_names
from idphoto.output.typefaces import UNITS_PER_EM
from idphoto.units import Size, mm_to_px

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from idphoto.layout import Item, Label, Layout, Line

__all__ = ["render_sheet"]


def render_sheet(
    layout: Layout, pictures: Sequence[bytes], *, dpi: int = 300, enlargement: float = 0.0
) -> Iterator[NDArray[np.uint8]]:
    """Draw the sheets of a layout as pictures of exactly the paper's size, each when it is asked for.

    Faults of the input are found before the first page is drawn. Only one page is in memory at a time.

    Parameters
    ----------
    layout : Layout
        From `idphoto.layout.impose`.
    pictures : sequence of bytes
        One encoded picture per item of the layout. Orientation and colour profile are applied. A picture is
        resampled (Lanczos) only if it does not have the pixels of its place already.
    dpi : int
        Pixels per inch of the sheet.
    enlargement : float
        By how much the lab prints too large, as a share: 0.035 for 3.5 %, which is common for
        borderless prints. Everything is drawn smaller by this around the middle of the
        paper, so that it comes out in its true size.

    Returns
    -------
    iterator of ndarray of uint8, shape (H, W, 3)
        sRGB, one per page; 4 x 6 in at 300 dpi has 1200 x 1800 pixels, either way round.
        Copies of one photo have equal pixels.

    Raises
    ------
    InputError
        If the pictures do not suit the layout, or `dpi` or `enlargement` is out of range.
    """
    if not 72 <= dpi <= 1200:
        raise InputError(f"A sheet cannot be drawn at {dpi} dpi.", "Choose between 72 and 1200; labs print at 300.")
    if not 0 <= enlargement <= 0.2:
        raise InputError(
            f"An enlargement of {enlargement:.1%} cannot be made up for.",
            "Give a share between 0 and 0.2, such as 0.035; measure the 50 mm ruler of a test print.",
        )
    grid = _Grid.of(layout, dpi, enlargement)
    opened = open_pictures(layout, pictures)
    photos = []
    for item in layout.items:
        # Each source is dropped as soon as its photo has the size of its place, and with it the decoded pixels.
        photos.append(_fitted(decode_picture(opened.pop(0)).convert("RGB"), grid.photo(item)))
    return (np.asarray(_page(layout, number, photos, grid)) for number in range(len(layout.pages)))


class _Grid(NamedTuple):
    """From mm on the paper to pixels of the sheet."""

    size: Size
    centre: tuple[float, float]
    scale: float
    shared_cuts: bool

    @classmethod
    def of(cls, layout: Layout, dpi: int, enlargement: float) -> _Grid:
        size = Size(_nearest(mm_to_px(layout.width_mm, dpi)), _nearest(mm_to_px(layout.height_mm, dpi)))
        scale = mm_to_px(1, dpi) / (1 + enlargement)
        return cls(size, (layout.width_mm / 2, layout.height_mm / 2), scale, layout.gap_mm * scale < 1)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.size.width / 2 + (x - self.centre[0]) * self.scale,
            self.size.height / 2 + (y - self.centre[1]) * self.scale,
        )

    def corner(self, x: float, y: float) -> tuple[int, int]:
        across, down = self.at(x, y)
        return _nearest(across), _nearest(down)

    def photo(self, item: Item) -> Size:
        """Pixels of a photo, the same for all of its copies.

        Where photos touch, both sides are rounded down: rounded to the nearest, every other
        copy would lose a column of pixels to its neighbour.
        """
        width, height = item.width_mm * self.scale, item.height_mm * self.scale
        if self.shared_cuts:
            return Size(math.floor(width + 1e-6), math.floor(height + 1e-6))
        return Size(_nearest(width), _nearest(height))


def _nearest(value: float) -> int:
    # round() would go to the even neighbour of a half, differently from one photo to the next.
    return math.floor(value + 0.5 + 1e-9)


def _fitted(picture: Image.Image, size: Size) -> Image.Image:
    return picture if picture.size == tuple(size) else picture.resize(size, Image.Resampling.LANCZOS)


def _page(layout: Layout, number: int, photos: Sequence[Image.Image], grid: _Grid) -> Image.Image:
    page = layout.pages[number]
    sheet = Image.new("RGB", grid.size, "white")
    for place in page.photos:
        photo = photos[place.item]
        if place.turned:
            photo = photo.transpose(Image.Transpose.ROTATE_270)  # Pillow counts counter-clockwise
        sheet.paste(photo, grid.corner(place.x, place.y))
    _strokes(sheet, page.marks, LINE_MM, grid)
    if page.ruler:
        _strokes(sheet, page.ruler.lines, RULER_LINE_MM, grid)
    font = ImageFont.load_default(size=TEXT_MM * grid.scale)
    for label in choose_labels(layout, number, lambda text: font.getlength(text) / grid.scale):
        _write(sheet, label, font, grid)
    for label, line in set_names(layout, number):
        _write_name(sheet, label, line, grid)
    return sheet


def _strokes(sheet: Image.Image, lines: Iterable[Line], width_mm: float, grid: _Grid) -> None:
    """Upright and level lines as filled rectangles, whose ends and width are whole pixels."""
    draw = ImageDraw.Draw(sheet)
    width = max(1, _nearest(width_mm * grid.scale))
    for line in lines:
        (x0, y0), (x1, y1) = grid.at(line.x0, line.y0), grid.at(line.x1, line.y1)
        if line.x0 == line.x1:
            left = _nearest(x0 - width / 2)
            draw.rectangle((left, _nearest(min(y0, y1)), left + width - 1, _nearest(max(y0, y1)) - 1), fill="black")
        else:
            top = _nearest(y0 - width / 2)
            draw.rectangle((_nearest(min(x0, x1)), top, _nearest(max(x0, x1)) - 1, top + width - 1), fill="black")


def _write(sheet: Image.Image, label: Label, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, grid: _Grid) -> None:
    left, top, right, bottom = (math.floor(side) for side in font.getbbox(label.text))
    text = Image.new("L", (right + 1, bottom + 1), 255)
    ImageDraw.Draw(text).text((0, 0), label.text, fill=0, font=font)
    text = text.crop((left, top, right + 1, bottom + 1))
    if label.upright:
        text = text.transpose(Image.Transpose.ROTATE_90)
    x, y = grid.at(label.x, label.y)
    sheet.paste(text, (_nearest(x - text.width / 2), _nearest(y - text.height / 2)))


def _write_name(sheet: Image.Image, label: Label, line: typesetting.Line, grid: _Grid) -> None:
    """Write a name in the middle of its strip."""
    size = TEXT_MM * grid.scale
    text = Image.new("RGB", (math.ceil(line.width * size / UNITS_PER_EM) + 2, math.ceil(1.4 * size)), "white")
    typesetting.draw_line(ImageDraw.Draw(text), (1, 1.06 * size), line, size, (0, 0, 0))
    if label.upright:
        text = text.transpose(Image.Transpose.ROTATE_90)
    x, y = grid.at(label.x, label.y)
    sheet.paste(text, (_nearest(x - text.width / 2), _nearest(y - text.height / 2)))
