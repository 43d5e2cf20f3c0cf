"""Imposition: known numbers of copies, and properties of every sheet."""

from __future__ import annotations

import itertools
import math
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from idphoto.errors import DoesNotFit, InputError
from idphoto.layout import Item, Layout, Page, Placed, impose
from idphoto.output.sheet import SheetOptions, make_sheets

PAPERS = {
    "4x6 in": (101.6, 152.4),
    "10x15 cm": (100, 150),
    "L": (89, 127),
    "2L": (127, 178),
    "A4": (210, 297),
    "Letter": (215.9, 279.4),
}
# The column "51x51" of the table is the photo of 2 x 2 inches.
SIZES = [(50.8, 50.8), (35, 45), (33, 48), (25, 35), (50, 70), (40, 60), (30, 40), (26, 32)]
# Copies per sheet with 2 mm gap and 3 mm margin / edge to edge: shared/facts/specs_notes.md, section 5.
COPIES = {
    "4x6 in": "2/6 8/8 4/9 12/16 2/4 4/4 9/10 12/15",
    "10x15 cm": "2/2 6/8 4/9 10/16 2/4 4/4 9/10 12/15",
    "L": "2/2 4/4 4/4 9/10 2/2 2/4 6/8 9/9",
    "2L": "6/6 9/10 9/10 18/25 4/4 4/8 12/16 20/20",
    "A4": "15/20 30/36 32/36 50/66 12/16 18/21 36/49 60/72",
    "Letter": "20/20 28/36 30/32 50/66 12/15 20/20 40/45 56/64",
}
CELLS = [
    (paper, size, *map(int, cell.split("/")))
    for paper, row in COPIES.items()
    for size, cell in zip(SIZES, row.split(), strict=True)
]
MM = 1e-5  # lengths are exact to a nanometre; float sums of them are not
CLEAR = 0.5  # mm between a mark and any photo


@pytest.mark.parametrize(("paper", "size", "spaced", "edge_to_edge"), CELLS)
def test_copies_per_sheet(paper: str, size: tuple[float, float], spaced: int, edge_to_edge: int) -> None:
    item = Item(*size)
    assert impose([item], PAPERS[paper], gap_mm=2, margin_mm=3).counts == (spaced,)
    assert impose([item], PAPERS[paper], gap_mm=0, margin_mm=0).counts == (edge_to_edge,)


@pytest.mark.parametrize(
    ("paper", "size", "count"),
    [
        ("4x6 in", (50.8, 50.8), 6),
        ("10x15 cm", (35, 45), 8),
        ("4x6 in", (35, 45), 8),
        ("4x6 in", (25, 35), 16),
        ("4x6 in", (33, 48), 8),
        ("L", (30, 40), 8),
        ("A4", (35, 45), 30),
    ],
)
def test_without_a_gap_and_a_margin_a_sheet_has_what_labs_sell(paper, size, count):
    assert impose([Item(*size)], PAPERS[paper]).counts == (count,)
    assert impose([Item(*size, 2)], PAPERS[paper]).margin_mm >= (0 if size[0] > 50 else 2)


# --- properties of every sheet ---------------------------------------------------------------

tenths = st.integers(150, 800).map(lambda number: number / 10)
gaps = st.sampled_from([0.0, 0.8, 1.5, 2.0, 5.0])
margins = st.sampled_from([0.0, 3.0, 5.5])
papers = st.sampled_from([*PAPERS.values(), (63.5, 89), (152, 203), (130, 180), (297, 420)])
copies = st.one_of(st.none(), st.integers(1, 9))
items = st.lists(st.builds(Item, tenths, tenths, copies), min_size=1, max_size=3)
upright_items = st.lists(
    st.builds(lambda a, b, n: Item(min(a, b), max(a, b), n), tenths, tenths, copies), min_size=1, max_size=3
)


def imposed(items: list[Item], paper: tuple[float, float], gap: float, margin: float, turn: bool) -> Layout | None:
    try:
        return impose(items, paper, gap_mm=gap, margin_mm=margin, turn=turn)
    except DoesNotFit:
        short, long = sorted(paper)
        assert any(
            min(item.width_mm, item.height_mm) > short - 2 * margin - MM
            or max(item.width_mm, item.height_mm) > long - 2 * margin - MM
            for item in items
        )
        return None


@settings(max_examples=80, deadline=None)
@given(items, papers, gaps, margins, st.booleans())
def test_every_sheet(items: list[Item], paper: tuple[float, float], gap: float, margin: float, turn: bool) -> None:
    layout = imposed(items, paper, gap, margin, turn)
    if layout is None:
        return
    assert sorted((layout.width_mm, layout.height_mm)) == sorted(paper)
    for item, count in zip(items, layout.counts, strict=True):
        assert count == item.copies if item.copies else count >= 1
    for page in layout.pages:
        inside_the_margins(layout, page)
        apart(page, gap)
        assert guillotine(list(page.photos))
        assert centred(layout, page)
        marks_keep_clear(layout, page)
        extras_keep_clear(layout, page)
        for photo in page.photos:
            item = items[photo.item]
            size = (item.height_mm, item.width_mm) if photo.turned else (item.width_mm, item.height_mm)
            assert (photo.width, photo.height) == pytest.approx(size, abs=MM)


def inside_the_margins(layout: Layout, page: Page) -> None:
    for photo in page.photos:
        assert photo.x >= layout.margin_mm - MM
        assert photo.y >= layout.margin_mm - MM
        assert photo.x + photo.width <= layout.width_mm - layout.margin_mm + MM
        assert photo.y + photo.height <= layout.height_mm - layout.margin_mm + MM


def apart(page: Page, gap: float) -> None:
    for one, other in itertools.combinations(page.photos, 2):
        across = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
        down = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
        assert max(across, down) >= gap - MM


def guillotine(photos: list[Placed]) -> bool:
    """Return True if straight cuts, each through the whole piece, free every photo."""
    if len(photos) <= 1:
        return True
    for start, length in ((1, 3), (2, 4)):  # x and width, y and height
        photos = sorted(photos, key=lambda photo: photo[start])
        for index in range(1, len(photos)):
            reach = max(photo[start] + photo[length] for photo in photos[:index])
            if reach <= photos[index][start] + MM:
                return guillotine(photos[:index]) and guillotine(photos[index:])
    return False


def centred(layout: Layout, page: Page) -> bool:
    left, right = min(p.x for p in page.photos), max(p.x + p.width for p in page.photos)
    top, bottom = min(p.y for p in page.photos), max(p.y + p.height for p in page.photos)
    return math.isclose(left + right, layout.width_mm, abs_tol=MM) and math.isclose(
        top + bottom, layout.height_mm, abs_tol=MM
    )


def marks_keep_clear(layout: Layout, page: Page) -> None:
    for x0, y0, x1, y1 in page.marks:
        assert (x0 == x1) != (y0 == y1)
        assert 0 <= x0 <= x1 <= layout.width_mm
        assert 0 <= y0 <= y1 <= layout.height_mm
        for photo in page.photos:
            across = max(photo.x - x1, x0 - photo.x - photo.width)
            down = max(photo.y - y1, y0 - photo.y - photo.height)
            assert max(across, down) >= CLEAR - MM
            # With shared cuts there is no gap to lie in: all marks are outside the block.
        if layout.gap_mm < 1.5 and len(layout.items) == 1 and not any(photo.turned for photo in page.photos):
            grid = [photo.x for photo in page.photos], [photo.y for photo in page.photos]
            complete = len(page.photos) == len(set(grid[0])) * len(set(grid[1]))
            if complete:
                assert outside_the_block(page, (x0, y0, x1, y1))


def outside_the_block(page: Page, mark: tuple[float, float, float, float]) -> bool:
    left, right = min(p.x for p in page.photos), max(p.x + p.width for p in page.photos)
    top, bottom = min(p.y for p in page.photos), max(p.y + p.height for p in page.photos)
    return mark[2] < left or mark[0] > right or mark[3] < top or mark[1] > bottom


def extras_keep_clear(layout: Layout, page: Page) -> None:
    boxes = []
    if page.ruler:
        boxes.append((page.ruler.x, page.ruler.y, page.ruler.width, page.ruler.height))
        for line in page.ruler.lines:
            assert page.ruler.x - MM <= min(line.x0, line.x1) <= max(line.x0, line.x1)
            assert max(line.x0, line.x1) <= page.ruler.x + page.ruler.width + MM
    if page.caption:
        boxes.append((page.caption.x, page.caption.y, page.caption.length, 2.1))
    taken = [(photo.x, photo.y, photo.width, photo.height) for photo in page.photos]
    taken += [(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in page.marks]
    for index, (x, y, width, height) in enumerate(boxes):
        edge = max(layout.margin_mm, 2.0) - MM
        assert x >= edge
        assert y >= edge
        assert x + width <= layout.width_mm - edge
        assert y + height <= layout.height_mm - edge
        for left, top, wide, high in [*taken, *boxes[:index]]:
            across = max(left - x - width, x - left - wide)
            down = max(top - y - height, y - top - high)
            assert max(across, down) >= CLEAR - MM


@settings(max_examples=25, deadline=None)
@given(items, papers, gaps, margins, st.booleans())
def test_same_input_same_sheet_whichever_way_the_paper_lies(
    items: list[Item], paper: tuple[float, float], gap: float, margin: float, turn: bool
) -> None:
    layout = imposed(items, paper, gap, margin, turn)
    assert layout == imposed(items, paper, gap, margin, turn)
    assert layout == imposed(items, paper[::-1], gap, margin, turn)


@settings(max_examples=60, deadline=None)
@given(upright_items, papers, gaps, margins, st.booleans(), tenths, tenths)
def test_larger_paper_never_takes_more_pages(
    items: list[Item],
    paper: tuple[float, float],
    gap: float,
    margin: float,
    turn: bool,
    wider: float,
    higher: float,
) -> None:
    small = imposed(items, paper, gap, margin, turn)
    if small is None:
        return
    large = imposed(items, (paper[0] + wider - 15, paper[1] + higher - 15), gap, margin, turn)
    assert large is not None
    assert len(large.pages) <= len(small.pages)
    if len(large.pages) == len(small.pages):
        fill = [index for index, item in enumerate(items) if item.copies is None]
        assert min((large.counts[i] for i in fill), default=0) >= min((small.counts[i] for i in fill), default=0)


@settings(max_examples=40, deadline=None)
@given(tenths, tenths, papers, gaps, margins, tenths)
def test_larger_paper_never_fits_fewer(
    width: float, height: float, paper: tuple[float, float], gap: float, margin: float, wider: float
) -> None:
    small = imposed([Item(width, height)], paper, gap, margin, False)
    if small is not None:
        large = impose([Item(width, height)], (paper[0] + wider, paper[1]), gap_mm=gap, margin_mm=margin)
        assert large.counts >= small.counts
        turned = impose([Item(width, height)], paper, gap_mm=gap, margin_mm=margin, turn=True)
        assert turned.counts >= small.counts


# --- mixes, people and pages -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "paper"),
    [
        ([Item(35, 45, 4), Item(50.8, 50.8, 4)], "A4"),
        ([Item(35, 45, 2), Item(25, 35, 6)], "4x6 in"),
        ([Item(50.8, 50.8, 1), Item(35, 45, 4)], "4x6 in"),
        ([Item(35, 45, 4, "anna"), Item(35, 45, 4, "ben")], "4x6 in"),
        ([Item(50, 70, 4), Item(35, 45, 8), Item(26, 32, 8)], "A4"),
    ],
)
def test_typical_mixes_take_one_sheet(items: list[Item], paper: str) -> None:
    assert len(impose(items, PAPERS[paper]).pages) == 1


def test_shelves_hold_one_item_where_that_costs_no_sheet() -> None:
    layout = impose([Item(35, 45, 4), Item(50.8, 50.8, 4)], PAPERS["A4"])
    rows: dict[float, set[int]] = {}
    for photo in layout.pages[0].photos:
        rows.setdefault(photo.y, set()).add(photo.item)
    assert all(len(items) == 1 for items in rows.values())


def test_people_keep_their_photos_on_one_sheet_where_that_costs_none() -> None:
    # Two rows of four fit a sheet. Ben's first row would have room below Anna's only one.
    layout = impose([Item(35, 45, 3, "anna"), Item(35, 45, 8, "ben")], PAPERS["4x6 in"])
    assert [{photo.item for photo in page.photos} for page in layout.pages] == [{0}, {1}]


def test_overflow_goes_to_further_pages() -> None:
    layout = impose([Item(35, 45, 20)], PAPERS["4x6 in"])
    assert [len(page.photos) for page in layout.pages] == [8, 8, 4]


def test_people_who_fill_a_sheet_share_it_evenly() -> None:
    assert impose([Item(35, 45), Item(35, 45)], PAPERS["4x6 in"]).counts == (4, 4)
    assert sorted(impose([Item(35, 45)] * 3, PAPERS["4x6 in"]).counts) == [2, 3, 3]


def test_an_item_without_number_fills_what_the_others_leave() -> None:
    layout = impose([Item(35, 45, 2), Item(35, 45)], PAPERS["4x6 in"])
    assert layout.counts == (2, 6)
    # Where the others leave nothing, it still is printed once.
    assert impose([Item(35, 45, 8), Item(35, 45)], PAPERS["4x6 in"]).counts == (8, 8)


def test_turned_rows_fit_more_only_when_allowed() -> None:
    def sheet(turn: bool) -> Layout:
        return impose([Item(40, 60)], (100, 148), gap_mm=0, margin_mm=0, turn=turn)

    assert sheet(False).counts == (4,)
    assert sheet(True).counts == (5,)
    assert not any(photo.turned for photo in sheet(False).pages[0].photos)


def test_nothing_is_turned_where_turning_gains_nothing() -> None:
    assert impose([Item(35, 45)], PAPERS["4x6 in"], turn=True) == impose([Item(35, 45)], PAPERS["4x6 in"])


def test_what_fits_only_turned_is_turned() -> None:
    layout = impose([Item(90, 30, 1), Item(30, 90, 1)], (100, 66), margin_mm=0)
    assert layout.counts == (1, 1)
    assert len(layout.pages) == 1


# --- marks and the ruler ---------------------------------------------------------------------


def test_every_edge_has_a_mark() -> None:
    page = impose([Item(35, 45)], PAPERS["4x6 in"]).pages[0]
    vertical = {mark.x0 for mark in page.marks if mark.x0 == mark.x1}
    horizontal = {mark.y0 for mark in page.marks if mark.y0 == mark.y1}
    for photo in page.photos:
        assert {photo.x, round(photo.x + photo.width, 6)} <= {round(x, 6) for x in vertical}
        assert {photo.y, round(photo.y + photo.height, 6)} <= {round(y, 6) for y in horizontal}


def test_neighbours_share_the_mark_of_a_shared_cut() -> None:
    page = impose([Item(35, 45)], PAPERS["A4"], gap_mm=0, margin_mm=10).pages[0]
    vertical = [mark for mark in page.marks if mark.x0 == mark.x1]
    columns = len({photo.x for photo in page.photos})
    assert len(vertical) == 2 * (columns + 1)
    assert all(mark.y1 - mark.y0 == pytest.approx(4) for mark in vertical)


def test_no_marks_where_photos_cover_the_paper() -> None:
    page = impose([Item(50.8, 50.8)], PAPERS["4x6 in"], gap_mm=0, margin_mm=0).pages[0]
    assert len(page.photos) == 6
    assert page.marks == ()
    assert page.ruler is None
    assert page.caption is None


def test_ruler_has_fifty_millimetres() -> None:
    for paper in ("4x6 in", "A4"):
        ruler = impose([Item(50.8, 50.8)], PAPERS[paper], gap_mm=2, margin_mm=3).pages[0].ruler
        assert ruler is not None
        ticks = ruler.lines[1:]
        assert len(ticks) == 51
        first, last = ticks[0], ticks[-1]
        assert math.dist(first[2:], last[2:]) == pytest.approx(50)


def test_ruler_stands_where_it_cannot_lie() -> None:
    ruler = impose([Item(35, 45)], PAPERS["A4"]).pages[0].ruler
    assert ruler is not None
    assert ruler.upright


def test_extras_can_be_left_out() -> None:
    page = impose([Item(35, 45, 1)], PAPERS["A4"], marks=False, ruler=False, caption=False).pages[0]
    assert (page.marks, page.ruler, page.caption) == ((), None, None)


def test_captions_run_from_long_to_short() -> None:
    layout = impose([Item(35, 45, 40, "de-passport"), Item(50.8, 50.8, 1)], PAPERS["A4"])
    texts = layout.captions(0)
    assert texts[0].startswith("page 1 of 2 - ")
    assert "de-passport 35 x 45 mm" in texts[0]
    assert all("100 %" in text for text in texts)
    assert sorted(texts, key=len, reverse=True) == list(texts)


# --- what cannot be printed ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "paper", "margin"),
    [(Item(110, 110), (101.6, 152.4), 0), (Item(60, 160), (101.6, 152.4), 0), (Item(63.5, 89), (63.5, 89), 3)],
)
def test_too_large_for_the_paper(item: Item, paper: tuple[float, float], margin: float) -> None:
    with pytest.raises(DoesNotFit) as caught:
        impose([Item(20, 20), item], paper, margin_mm=margin)
    assert caught.value.code == "input.does-not-fit"
    assert item.size in caught.value.message
    assert caught.value.advice


def test_a_margin_that_leaves_no_paper() -> None:
    with pytest.raises(DoesNotFit):
        impose([Item(35, 45)], (100, 150), margin_mm=60)


@pytest.mark.parametrize("size", [(0, 45), (-35, 45), (math.nan, 45), (35, math.inf), (2, 2), (3.5, 4.5)])
def test_impossible_sizes(size: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        Item(*size)


def test_impossible_requests() -> None:
    with pytest.raises(InputError):
        Item(35, 45, 0)
    with pytest.raises(InputError):
        impose([], (100, 150))
    with pytest.raises(InputError):
        impose([Item(35, 45)], (100, 150), gap_mm=-1)
    with pytest.raises(InputError):
        impose([Item(35, 45)], (math.inf, 150))
    with pytest.raises(InputError):
        impose([Item(35, 45, 1500), Item(35, 45, 1500)], (100, 150))


@pytest.mark.parametrize(
    ("item", "options", "codes"),
    [
        (Item(50.8, 50.8), {}, ["print-sheet.borderless"]),
        (Item(50.8, 50.8), {"gap": 2, "margin": 3}, ["print-sheet.fuller"]),
        (Item(50.8, 50.8), {"gap": 0, "margin": 0}, ["print-sheet.borderless"]),
        (Item(50.8, 50.8, 6), {"gap": 2, "margin": 3}, ["print-sheet.fewer"]),
        (Item(35, 45), {}, []),
        (Item(35, 45), {"margin": 10}, ["print-sheet.fuller"]),
        (Item(35, 45, 2), {"margin": 10}, []),
        (Item(24, 42), {"gap": 2, "margin": 3}, ["print-sheet.fuller-turned"]),
    ],
)
def test_a_sheet_tells_what_would_fit_more_and_when_to_print_without_borders(item, options, codes):
    picture = BytesIO()
    Image.new("RGB", (round(item.width_mm * 10), round(item.height_mm * 10))).save(picture, "JPEG")
    made = make_sheets([item], [picture.getvalue()], SheetOptions("4x6in", **options), may_turn=True)
    notes = {note.code: note for note in made.layout.notes}
    assert list(notes) == codes
    assert made.layout.photos == sum(
        impose([item], (101.6, 152.4), **{f"{k}_mm": v for k, v in options.items()}).counts
    )
    for code in ("print-sheet.fuller", "print-sheet.fewer", "print-sheet.fuller-turned"):
        if code in notes:  # what is advised comes true
            wanted = {"gap": notes[code].values["gap"], "margin": notes[code].values["margin"]}
            layout = SheetOptions("4x6in", **wanted, turn=code.endswith("turned"))
            again = make_sheets([item], [picture.getvalue()], layout, may_turn=True).layout
            assert (again.pages if "fewer" in code else again.photos) == notes[code].values["possible"]
            assert [note.code for note in again.notes] in ([], ["print-sheet.borderless"])


def test_copies_on_many_sheets_keep_a_comfortable_margin():
    layout = impose([Item(35, 45, 300)], (210, 297))
    assert (layout.gap_mm, layout.margin_mm) == (2, 3)
    assert len(layout.pages) == 10
