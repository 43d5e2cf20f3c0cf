"""The sheet as a picture: whole pixels, equal copies, and compensation for the enlargement by photo labs."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from idphoto.errors import InputError
from idphoto.layout import Item, Placed, impose
from idphoto.output.sheet_image import render_sheet

A4, IN4X6, CM10X15 = (210.0, 297.0), (101.6, 152.4), (100.0, 150.0)
RED, BLUE = (190, 40, 50), (40, 60, 200)


def png(picture: Image.Image | NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(file, "PNG")
    return file.getvalue()


def plain(item: Item, colour: tuple[int, int, int] = RED) -> bytes:
    return png(Image.new("RGB", (round(item.width_mm * 10), round(item.height_mm * 10)), colour))


def extent(sheet: NDArray[np.uint8], place: Placed, shrink: float, dpi: int) -> tuple[int, int, int, int]:
    """Measure left, top, width and height in px of the coloured area near a place."""
    height, width = sheet.shape[:2]
    scale = dpi / 25.4 * shrink
    middle = width / 2 / scale, height / 2 / scale
    x, y = place.x - width / (dpi / 25.4) / 2 + middle[0], place.y - height / (dpi / 25.4) / 2 + middle[1]
    left, top = max(0, int((x - 0.9) * scale)), max(0, int((y - 0.9) * scale))
    window = sheet[top : int((y + place.height + 0.9) * scale) + 1, left : int((x + place.width + 0.9) * scale) + 1]
    ink = np.ptp(window.astype(np.int16), axis=2) > 60
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    return left + columns[0], top + rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1


@pytest.mark.parametrize(
    ("paper", "dpi", "size"),
    [
        (IN4X6, 300, (1200, 1800)),
        (IN4X6, 600, (2400, 3600)),
        (CM10X15, 300, (1181, 1772)),
        (CM10X15, 600, (2362, 3543)),
        (A4, 300, (2480, 3508)),
        ((89.0, 127.0), 300, (1051, 1500)),
        ((127.0, 178.0), 300, (1500, 2102)),
        ((215.9, 279.4), 300, (2550, 3300)),
    ],
)
def test_pixels_of_the_paper(paper: tuple[float, float], dpi: int, size: tuple[int, int]) -> None:
    item = Item(35, 45)
    (sheet,) = render_sheet(impose([item], paper), [plain(item)], dpi=dpi)
    assert sorted(sheet.shape[:2]) == list(size)
    assert sheet.dtype == np.uint8


def test_a_picture_with_the_right_pixels_is_not_resampled() -> None:
    picture = np.random.default_rng(3).integers(0, 255, (531, 413, 3), dtype=np.uint8)
    layout = impose([Item(35, 45)], IN4X6)
    (sheet,) = render_sheet(layout, [png(picture)])
    for place in layout.pages[0].photos:
        x, y = round(place.x / 25.4 * 300), round(place.y / 25.4 * 300)
        assert np.array_equal(sheet[y : y + 531, x : x + 413], picture)


def test_no_pixel_outside_the_photos_is_coloured() -> None:
    item = Item(35, 45)
    layout = impose([item], A4)
    (sheet,) = render_sheet(layout, [plain(item)])
    coloured = np.ptp(sheet.astype(np.int16), axis=2) > 0
    assert coloured.sum() == len(layout.pages[0].photos) * 413 * 531


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([(35, 45), (50.8, 50.8), (33, 48), (26, 32), (40, 60)]),
    st.sampled_from([IN4X6, CM10X15, (89.0, 127.0)]),
    st.sampled_from([0.0, 0.03, 0.035, 0.04]),
    st.sampled_from([300, 360, 600]),
)
def test_true_size_after_the_labs_enlargement(
    size: tuple[float, float], paper: tuple[float, float], enlargement: float, dpi: int
) -> None:
    layout = impose([Item(*size)], paper, gap_mm=2, margin_mm=3)
    (sheet,) = render_sheet(layout, [plain(layout.items[0])], dpi=dpi, enlargement=enlargement)
    shrink = 1 / (1 + enlargement)
    extents = [extent(sheet, place, shrink, dpi) for place in layout.pages[0].photos]
    assert len({box[2:] for box in extents}) == 1  # equal copies have equal pixels
    width, height = (side * (1 + enlargement) / dpi * 25.4 for side in extents[0][2:])
    pixel = 25.4 / dpi
    assert (width, height) == pytest.approx(size, abs=0.6 * pixel)
    for place, (left, top, *_) in zip(layout.pages[0].photos, extents, strict=True):
        # On the print, enlarged about its middle, each photo lies where the layout has it.
        x = (left - sheet.shape[1] / 2) * pixel / shrink + layout.width_mm / 2
        y = (top - sheet.shape[0] / 2) * pixel / shrink + layout.height_mm / 2
        assert (x, y) == pytest.approx((place.x, place.y), abs=0.6 * pixel)


def test_what_the_lab_cuts_off_is_white() -> None:
    item = Item(50.8, 50.8)
    layout = impose([item], IN4X6, gap_mm=0, margin_mm=0)
    (sheet,) = render_sheet(layout, [plain(item)], enlargement=0.04)
    coloured = np.ptp(sheet.astype(np.int16), axis=2) > 60
    rows, columns = np.flatnonzero(coloured.any(axis=1)), np.flatnonzero(coloured.any(axis=0))
    border = 1800 * (1 - 1 / 1.04) / 2, 1200 * (1 - 1 / 1.04) / 2
    assert sorted((rows[0], columns[0])) == pytest.approx(sorted(border), abs=2)
    assert (sheet[: rows[0]] == 255).all()
    assert (sheet[:, : columns[0]] == 255).all()


@pytest.mark.parametrize("size", [(35, 45), (50.8, 50.8), (33, 48), (30, 40), (25.03, 35.03)])
def test_copies_that_share_a_cut_are_whole(size: tuple[float, float]) -> None:
    # Each copy is framed in blue; if a neighbour covered part of it, the frame would be gone.
    item = Item(*size)
    layout = impose([item], A4, gap_mm=0, margin_mm=0)
    width, height = int(size[0] / 25.4 * 300 + 1e-6), int(size[1] / 25.4 * 300 + 1e-6)
    picture = np.full((height, width, 3), RED, np.uint8)
    picture[[0, -1]] = BLUE
    picture[:, [0, -1]] = BLUE
    (sheet,) = render_sheet(layout, [png(picture)])
    for place in layout.pages[0].photos:
        x = int((place.x - layout.width_mm / 2) / 25.4 * 300 + sheet.shape[1] / 2 + 0.5 + 1e-6)
        y = int((place.y - layout.height_mm / 2) / 25.4 * 300 + sheet.shape[0] / 2 + 0.5 + 1e-6)
        assert np.array_equal(sheet[y : y + height, x : x + width], picture)


def test_marks_and_ruler_are_drawn_off_the_photos() -> None:
    item = Item(50.8, 50.8)
    layout = impose([item], IN4X6, gap_mm=2, margin_mm=3)
    (sheet,) = render_sheet(layout, [plain(item)])
    for x0, y0, x1, y1 in layout.pages[0].marks:
        x, y = int((x0 + x1) / 2 / 25.4 * 300), int((y0 + y1) / 2 / 25.4 * 300)
        assert sheet[y - 1 : y + 2, x - 1 : x + 2].min() == 0
    ruler = layout.pages[0].ruler
    assert ruler is not None
    row = sheet[round((ruler.y + ruler.height - 1.8) / 25.4 * 300), :, 0]
    ticks = np.flatnonzero(row < 128)
    assert len(ticks) == 6
    assert (ticks[-1] - ticks[0]) / 300 * 25.4 == pytest.approx(50, abs=0.1)


def test_a_sheet_without_extras_is_white_but_for_its_photos() -> None:
    item = Item(35, 45, 1)
    layout = impose([item], A4, marks=False, ruler=False, caption=False)
    (sheet,) = render_sheet(layout, [plain(item)])
    assert (sheet != 255).any(axis=2).sum() == 413 * 531


def test_greyscale_and_several_pages() -> None:
    item = Item(35, 45, 12)
    sheets = render_sheet(impose([item], IN4X6, gap_mm=2, margin_mm=3), [png(Image.new("L", (350, 450), 90))])
    assert [sheet.shape for sheet in sheets] == [(1800, 1200, 3)] * 2


def test_equal_input_gives_equal_pixels() -> None:
    items = [Item(35, 45, 4, "a"), Item(25, 35, 3, "b")]
    pictures = [plain(items[0]), plain(items[1], BLUE)]
    first, second = (render_sheet(impose(items, A4), pictures) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("options", [{"dpi": 0}, {"dpi": 30000}, {"enlargement": -0.1}, {"enlargement": 3.5}])
def test_what_cannot_be_drawn(options: dict[str, float]) -> None:
    item = Item(35, 45)
    with pytest.raises(InputError) as caught:
        render_sheet(impose([item], IN4X6, gap_mm=2, margin_mm=3), [plain(item)], **options)
    assert caught.value.advice
