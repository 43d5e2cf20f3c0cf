"""Sheets of a batch: names below photos, whole people on a page, and a contact sheet of everything."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from idphoto.batch.place import open_place
from idphoto.batch.record import QUARANTINED, Fault, Record, RecordedFile
from idphoto.batch.sheets import describe_person, make_contact_sheets, make_sheets
from idphoto.layout import Item, impose
from idphoto.output.sheet_content import set_names
from idphoto.output.sheet_image import render_sheet
from idphoto.output.typefaces import UNITS_PER_EM
from idphoto.output.typesetting import can_set, cut_line
from idphoto.spec import load_spec
from tests.pictures import draw_grainy, draw_smooth, encode

SPECS = {name: load_spec(name) for name in ("schengen-visa", "cn-1inch")}
PEOPLE = ["Anna Berg", "José Díaz", "محمد علي", "अनिता शर्मा", "王小明", "Bartholomew Featherstonehaugh-Cholmondeley"]


@pytest.fixture
def place(tmp_path):
    return open_place(str(tmp_path))


def records_of(place, count: int, copies: int = 2) -> list[Record]:
    """Return records of people with two documents each, whose pictures are written; the last is in the quarantine."""
    records = []
    for number in range(count):
        for spec in SPECS.values():
            width, height = (round(side / 25.4 * 100) for side in spec.size.mm)
            data = encode(draw_grainy(width, height, seed=len(records), sigma=20), "JPEG")
            path = f"{number}_{spec.id}.jpg"
            place.write({path: data})
            records.append(
                Record(
                    id=str(1000 + number),
                    name=PEOPLE[number % len(PEOPLE)],
                    spec=spec.id,
                    copies=copies,
                    stem=path,
                    input="",
                    settings="",
                    idphoto="",
                    status="pass",
                    files=(RecordedFile(path=path, bytes=len(data), sha256=""),),
                )
            )
    fault = Fault(code="input.no-face", message="No face was found.")
    records[-1] = records[-1].model_copy(update={"status": QUARANTINED, "fault": fault, "files": ()})
    return records


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("gap", [0.0, 2.0, None])
def test_names_lie_below_their_photos_and_touch_nothing(turn, gap) -> None:
    items = [Item(35, 45, 5, "a", "Anna"), Item(50.8, 50.8, 2, "b", "Bo"), Item(25, 35, 7, "c", "Cy"), Item(30, 40, 1)]
    layout = impose(items, (210, 297), gap_mm=gap, turn=turn)
    for number, page in enumerate(layout.pages):
        names = layout.names(number)
        assert len(names) == sum(bool(items[photo.item].name) for photo in page.photos)
        for photo, label in names:
            assert label.text == items[photo.item].name
            width, height = (3.2, photo.height) if label.upright else (photo.width, 3.2)
            left, top = label.x - width / 2 + 0.01, label.y - height / 2 + 0.01
            right, bottom = left + width - 0.02, top + height - 0.02
            for other in page.photos:
                assert (
                    other.x >= right
                    or other.x + other.width <= left
                    or other.y >= bottom
                    or other.y + other.height <= top
                )
            for mark in page.marks:
                assert mark.x0 >= right or mark.x1 <= left or mark.y0 >= bottom or mark.y1 <= top
        for line, (photo, label) in zip((line for _, line in set_names(layout, number)), names, strict=True):
            assert line.width * 2.117 / UNITS_PER_EM <= (photo.height if label.upright else photo.width)


def test_a_long_name_is_cut_and_says_so() -> None:
    line = cut_line(f"1001  {PEOPLE[-1]}", 25, 2.117)
    assert line.text.startswith("1001  Bart")
    assert line.text.endswith("…")
    assert cut_line("1001", 25, 2.117).text == "1001"


def test_names_are_drawn_in_pictures_too() -> None:
    picture = encode(draw_smooth(350, 450), "JPEG")
    with_name, without = (
        next(render_sheet(impose([Item(35, 45, 2, "", name)], (100, 150), gap_mm=4), [picture]))
        for name in ("Anna", "")
    )
    assert (with_name < 100).sum() > (without < 100).sum()


def test_sheets_keep_a_person_together_and_say_who_it_is(place) -> None:
    records = records_of(place, 6)
    ((name, data),) = make_sheets(records, place, "10x15cm", SPECS)
    assert name == "10x15cm"
    pages = [page.extract_text() for page in PdfReader(BytesIO(data)).pages]
    for number in range(6):
        assert sum(str(1000 + number) in page for page in pages) == 1
        copies = 2 if number == 5 else 4
        assert sum(page.count(str(1000 + number)) for page in pages) == copies
    assert "Anna Berg" in pages[0]
    assert data == next(make_sheets(records, place, "10x15cm", SPECS))[1]


def test_prints_of_one_person_may_take_several_pages_and_no_prints_none(place) -> None:
    records = records_of(place, 1, copies=20)
    ((_, data),) = make_sheets(records, place, "10x15cm", SPECS)
    assert len(PdfReader(BytesIO(data)).pages) > 1
    assert not list(make_sheets(records_of(place, 2, copies=0), place, "10x15cm", SPECS))


def test_a_contact_sheet_shows_everything(place) -> None:
    records = records_of(place, 14)
    ((name, data),) = make_contact_sheets(records, place, "A4")
    assert name == "contact-sheet"
    pages = PdfReader(BytesIO(data)).pages
    text = "".join(page.extract_text() for page in pages)
    assert "input.no-face" in text
    assert text.count("schengen-visa") == 14
    assert sum(len(page.images) for page in pages) == 27


def test_many_photos_make_several_files(place, monkeypatch) -> None:
    monkeypatch.setattr("idphoto.batch.sheets.PHOTOS_PER_FILE", 4)
    assert [name for name, _ in make_sheets(records_of(place, 5), place, "A4", SPECS)] == ["A4", "A4-2", "A4-3"]


def test_a_name_that_the_typefaces_lack_gives_way_to_the_id() -> None:
    record = Record(id="7", name="王小明", spec="", stem="", input="", settings="", idphoto="", status="pass")
    assert not can_set(record.name)
    assert describe_person(record) == "7"
    assert describe_person(record.model_copy(update={"name": "Łukasz"})) == "7  Łukasz"
