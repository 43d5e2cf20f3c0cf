"""The PDF sheet, read back with pypdf and measured on the pages that poppler rasterises."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pypdf
import pytest
from PIL import Image

from idphoto import __version__, colour_profile
from idphoto.errors import InputError, UnreadableImage
from idphoto.layout import Item, Layout, Placed, impose
from idphoto.output.pdf import write_pdf
from idphoto.output.sheet_image import render_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

A4, IN4X6, CM10X15 = (210.0, 297.0), (101.6, 152.4), (100.0, 150.0)
RED, BLUE, GREEN = (190, 40, 50), (40, 60, 200), (30, 140, 60)
DPI = 600
MM = DPI / 25.4

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None, reason="pdftoppm is not installed (Debian: poppler-utils)"
)


def encoded(picture: Image.Image, kind: str = "JPEG") -> bytes:
    file = BytesIO()
    picture.save(file, kind, quality=95)
    return file.getvalue()


def plain(item: Item, colour: tuple[int, int, int], kind: str = "JPEG") -> bytes:
    """Make a picture of one colour at 300 dpi."""
    size = round(item.width_mm / 25.4 * 300), round(item.height_mm / 25.4 * 300)
    return encoded(Image.new("RGB", size, colour), kind)


def printed(pdf: bytes, folder: Path, dpi: int = DPI) -> list[NDArray[np.uint8]]:
    """Rasterise the pages with poppler, (H, W, 3) uint8."""
    (folder / "sheet.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(dpi), str(folder / "sheet.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True)
    return [np.asarray(Image.open(path)) for path in sorted(folder.glob("page-*.ppm"))]


def inked(page: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the pixels of photos; marks and lettering are black, the paper white."""
    return np.ptp(page.astype(np.int16), axis=2) > 60


def measured(page: NDArray[np.uint8], place: Placed, dpi: float = DPI) -> tuple[float, float, float, float]:
    """Measure left, top, right and bottom in mm of the photo that lies within 0.9 mm of a place."""
    scale = dpi / 25.4
    left, top = max(0, round((place.x - 0.9) * scale)), max(0, round((place.y - 0.9) * scale))
    right, bottom = round((place.x + place.width + 0.9) * scale), round((place.y + place.height + 0.9) * scale)
    window = inked(page[top:bottom, left:right])
    columns, rows = np.flatnonzero(window.any(axis=0)), np.flatnonzero(window.any(axis=1))
    return (
        (left + columns[0]) / scale,
        (top + rows[0]) / scale,
        (left + columns[-1] + 1) / scale,
        (top + rows[-1] + 1) / scale,
    )


def images(pdf: bytes) -> list[pypdf.generic.StreamObject]:
    """Return all pictures of the first page."""
    resources = pypdf.PdfReader(BytesIO(pdf)).pages[0]["/Resources"]
    return [reference.get_object() for reference in resources["/XObject"].values()]


SHEETS = {
    "single": ([Item(35, 45)], IN4X6, {}),
    "full": ([Item(35, 45)], A4, {}),
    "inches": ([Item(50.8, 50.8)], IN4X6, {"gap_mm": 2, "margin_mm": 3}),
    "mixed": ([Item(35, 45, 4), Item(50.8, 50.8, 4), Item(25, 35, 5)], A4, {}),
    "metric": ([Item(33, 48, 3), Item(26, 32, 2)], CM10X15, {}),
    "turned": ([Item(40, 60)], (100, 150), {"turn": True, "margin_mm": 0, "gap_mm": 1.9}),
}


@needs_poppler
@pytest.mark.parametrize("name", SHEETS)
def test_photos_are_true_in_size_and_place(name: str, tmp_path: Path) -> None:
    items, paper, options = SHEETS[name]
    layout = impose(items, paper, **options)
    pdf = write_pdf(layout, [plain(item, colour) for item, colour in zip(items, (RED, BLUE, GREEN), strict=False)])
    pages = printed(pdf, tmp_path)
    assert len(pages) == len(layout.pages)
    for image, page in zip(pages, layout.pages, strict=True):
        assert image.shape[:2] == pytest.approx((layout.height_mm * MM, layout.width_mm * MM), abs=1)
        for place in page.photos:
            left, top, right, bottom = measured(image, place)
            assert (left, top) == pytest.approx((place.x, place.y), abs=0.1)
            assert (right - left, bottom - top) == pytest.approx((place.width, place.height), abs=0.1)


@needs_poppler
def test_photos_that_share_a_cut_leave_no_line_between_them(tmp_path: Path) -> None:
    items = [Item(50.8, 50.8)]
    layout = impose(items, IN4X6, gap_mm=0, margin_mm=0)
    (page,) = printed(write_pdf(layout, [plain(items[0], RED)]), tmp_path)
    assert layout.counts == (6,)
    assert inked(page).all()


@needs_poppler
def test_ruler_and_marks_are_true(tmp_path: Path) -> None:
    items = [Item(50.8, 50.8)]
    layout = impose(items, IN4X6, gap_mm=2, margin_mm=3)
    (page,) = printed(write_pdf(layout, [plain(items[0], RED)]), tmp_path, 1200)
    scale = 1200 / 25.4
    dark = page.max(axis=2) < 128
    ruler = layout.pages[0].ruler
    assert ruler is not None
    # A row of pixels through the ten-millimetre ticks only, above the shorter ones.
    row = round((ruler.y + ruler.height - 1.8) * scale)
    columns = np.flatnonzero(dark[row, : round((ruler.x + 51) * scale)])
    ticks = [group.mean() / scale for group in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)]
    assert len(ticks) == 6
    assert np.diff(ticks) == pytest.approx([10] * 5, abs=0.03)
    assert ticks[-1] - ticks[0] == pytest.approx(50, abs=0.03)
    for x0, y0, x1, y1 in layout.pages[0].marks:
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        across = (1, 0) if x0 == x1 else (0, 1)
        reach = np.linspace(-0.4, 0.4, 161)
        hits = [dark[int((middle[1] + t * across[1]) * scale), int((middle[0] + t * across[0]) * scale)] for t in reach]
        assert 0.1 <= np.mean(hits) * 0.8 <= 0.2
        assert reach[hits].mean() == pytest.approx(0, abs=0.03)


@needs_poppler
def test_pdf_and_picture_agree(tmp_path: Path) -> None:
    items = [Item(35, 45, 2), Item(25, 35, 6)]
    layout = impose(items, IN4X6, gap_mm=2, margin_mm=3)
    pictures = [plain(item, colour) for item, colour in zip(items, (RED, BLUE), strict=True)]
    (page,) = printed(write_pdf(layout, pictures), tmp_path, 300)
    (drawn,) = render_sheet(layout, pictures)
    assert page.shape == drawn.shape
    for place in layout.pages[0].photos:
        assert measured(page, place, 300) == pytest.approx(measured(drawn, place, 300), abs=0.13)
    # The tag as sRGB changes no colour.
    centre = layout.pages[0].photos[0]
    x, y = (round((centre.x + 10) / 25.4 * 300), round((centre.y + 10) / 25.4 * 300))
    assert page[y, x].astype(int) == pytest.approx(drawn[y, x].astype(int), abs=2)


@needs_poppler
@pytest.mark.parametrize("turn", [False, True])
def test_pictures_stand_upright_or_turn_clockwise(turn: bool, tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 600), RED)
    picture.paste(BLUE, (0, 0, 200, 300))  # the corner at the top left
    layout = impose([Item(40, 60, 1)], (62, 42) if turn else (42, 62), margin_mm=0)
    if turn:
        photo = Placed(0, 1, 1, 60, 40, turned=True)
        layout = Layout(62, 42, layout.items, (type(layout.pages[0])((photo,)),), 2, 0)
    data = encoded(picture)
    (page,) = printed(write_pdf(layout, [data]), tmp_path, 300)
    (drawn,) = render_sheet(layout, [data])
    for image in (page, drawn):
        corners = image[150, 150], image[150, -150], image[-150, 150], image[-150, -150]
        blue = [corner[2] > corner[0] for corner in corners]
        assert blue == ([False, True, False, False] if turn else [True, False, False, False])


@pytest.mark.parametrize("paper", [A4, IN4X6, CM10X15, (215.9, 279.4), (89.0, 127.0)])
def test_page_is_the_paper(paper: tuple[float, float]) -> None:
    item = Item(35, 45)
    layout = impose([item], paper)
    page = pypdf.PdfReader(BytesIO(write_pdf(layout, [plain(item, RED)]))).pages[0]
    width, height = float(page.mediabox.width) / 72 * 25.4, float(page.mediabox.height) / 72 * 25.4
    assert (width, height) == pytest.approx((layout.width_mm, layout.height_mm), abs=1e-4)
    assert page.mediabox.lower_left == (0, 0)
    assert page.rotation == 0
    assert "/UserUnit" not in page


def test_viewers_are_told_not_to_scale() -> None:
    item = Item(35, 45)
    reader = pypdf.PdfReader(BytesIO(write_pdf(impose([item], A4), [plain(item, RED)], title="照片 für Łukasz")))
    preferences = reader.trailer["/Root"]["/ViewerPreferences"]
    assert preferences["/PrintScaling"] == "/None"
    assert preferences["/PickTrayByPDFSize"].value is True
    assert "/NumCopies" not in preferences
    assert reader.pdf_header == "%PDF-1.7"
    assert reader.metadata is not None
    assert reader.metadata.title == "照片 für Łukasz"
    assert reader.metadata.creator == f"idphoto {__version__}"


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_goes_in_byte_for_byte(mode: str, progressive: bool) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (531, 413, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(noise).convert(mode).save(file, "JPEG", quality=90, progressive=progressive, dpi=(300, 300))
    (image,) = images(write_pdf(impose([Item(35, 45)], A4), [file.getvalue()]))
    assert image["/Filter"] == "/DCTDecode"
    assert image._data == file.getvalue()
    assert (image["/Width"], image["/Height"]) == (413, 531)
    assert image["/Interpolate"].value is False
    kind, profile = image["/ColorSpace"]
    assert kind == "/ICCBased"
    assert profile.get_object()["/N"] == len(mode)
    assert profile.get_object().get_data() == (colour_profile.grey() if mode == "L" else colour_profile.srgb())


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "1"])
def test_other_formats_go_in_without_loss(mode: str) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (531, 413, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).convert(mode)
    if mode == "RGBA":
        picture.putpixel((0, 0), (9, 9, 9, 0))
    (image,) = images(write_pdf(impose([Item(35, 45)], A4), [encoded(picture, "PNG")]))
    assert image["/Filter"] == "/FlateDecode"
    grey = mode in ("L", "1")
    expected = np.asarray(picture.convert("L" if grey else "RGB")).copy()
    if mode == "RGBA":
        expected[0, 0] = 255  # transparent is the white of the paper
    assert np.array_equal(np.frombuffer(image.get_data(), np.uint8), expected.ravel())


def test_one_picture_is_stored_once() -> None:
    items = [Item(35, 45, 10), Item(35, 45, 10), Item(35, 45, 10)]
    red, blue = plain(items[0], RED), plain(items[0], BLUE)
    assert len(images(write_pdf(impose(items, A4), [red, blue, red]))) == 2


def test_equal_input_gives_equal_bytes() -> None:
    items = [Item(35, 45, 4, "a"), Item(25, 35, None, "b")]
    pictures = [plain(items[0], RED), plain(items[1], BLUE, "PNG")]
    assert write_pdf(impose(items, A4), pictures) == write_pdf(impose(items, A4), pictures)


@pytest.mark.parametrize("key", ["de-passport", "王小明", "Łukasz Żółć", "Иванов", "😀", "a\x00b", "(\\)", "م" * 300])
def test_captions_in_any_script(key: str) -> None:
    items = [Item(35, 45, 2, key)]
    reader = pypdf.PdfReader(BytesIO(write_pdf(impose(items, A4), [plain(items[0], RED)])))
    text = " ".join(reader.pages[0].extract_text().split())
    assert "50 mm, print at 100 %" in text
    assert "35 x 45 mm - print at 100 %" in text


def test_long_captions_give_way_to_shorter_ones() -> None:
    items = [Item(35, 45, 2, "a" * 200)]
    text = pypdf.PdfReader(BytesIO(write_pdf(impose(items, A4), [plain(items[0], RED)]))).pages[0].extract_text()
    assert "aaa" not in text
    assert "35 x 45 mm - print at 100 %, no scaling" in text


def test_several_pages() -> None:
    items = [Item(35, 45, 20)]
    reader = pypdf.PdfReader(BytesIO(write_pdf(impose(items, IN4X6, gap_mm=2, margin_mm=3), [plain(items[0], RED)])))
    assert len(reader.pages) == 3


def test_pictures_must_suit_the_layout() -> None:
    layout = impose([Item(35, 45)], A4)
    good = plain(Item(35, 45), RED)
    with pytest.raises(InputError):
        write_pdf(layout, [])
    with pytest.raises(InputError):
        write_pdf(layout, [good, good])
    with pytest.raises(InputError, match="proportions"):
        write_pdf(layout, [plain(Item(50, 50), RED)])
    with pytest.raises(UnreadableImage):
        write_pdf(layout, [good[: len(good) // 2]])
    with pytest.raises(UnreadableImage):
        write_pdf(layout, [b"no picture"])
