"""Rosters: what is read, and the one sentence that each bad roster gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from idphoto.batch.roster import MAX_ROWS, Person, read_roster
from idphoto.errors import InvalidRoster


def write_csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(folder: Path, rows: list[list[object]], formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    path = folder / "roster.xlsx"
    book.save(path)
    return path


ANNA = Person("7", "Ånna Müller", "a.jpg", ("cn-1inch", "us-passport"), 4, {"Class": "3b"}, 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_as_spreadsheets_write_it(tmp_path, delimiter, encoding) -> None:
    rows = [["ID", "Name", "File", "Document", "Copies", "Class"]]
    rows += [["7", "Ånna Müller", "a.jpg", '"cn-1inch, us-passport"', "4", "3b"], [""] * 6]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert read_roster(write_csv(tmp_path, text, encoding)) == [ANNA]


def test_another_encoding_is_read_if_it_is_named(tmp_path) -> None:
    path = write_csv(tmp_path, "id,name\n1,José\n", "windows-1252")
    assert read_roster(path, encoding="windows-1252")[0].name == "José"


def test_xlsx_cells_are_read_as_they_look(tmp_path) -> None:
    rows = [["id", "Name", "file", "document", "copies", "Class"], [7, "Ånna Müller", "a.jpg", "cn-1inch", 4.0, 3]]
    person = read_roster(write_xlsx(tmp_path, rows, {"A2": "0000"}))[0]
    assert (person.id, person.copies, person.columns) == ("0007", 4, {"Class": "3"})


def test_headings_of_another_name_are_named_by_the_job(tmp_path) -> None:
    path = write_csv(tmp_path, "Nr,Schüler,Foto\n5,Bo,x.jpg\n")
    person = read_roster(path, {"id": "nr", "name": "Schüler", "file": "Foto"})[0]
    assert (person.id, person.name, person.file) == ("5", "Bo", "x.jpg")


FAULTS = {
    "no id column": ("Nr,Name\n1,A\n", "has no column 'id'; it has 'Nr', 'Name'"),
    "empty": ("", "is empty"),
    "only headings": ("id,name\n", "names nobody"),
    "same ids": ("id\n1\n2\n1\n2\n", "Rows 2 and 4 of roster.csv have the same id '1', and 1 more ids"),
    "formula": ("id,name\n1,A\n2,=B1\n", "Row 3 of roster.csv holds a formula in the column 'name'"),
    "empty id": ("id,name\n1,A\n,B\n", "Row 3 of roster.csv has no id"),
    "copies": ("id,copies\n1,many\n", "Row 2 of roster.csv asks for 'many' copies"),
    "two columns": ("id,Name,name\n1,A,B\n", "has two columns 'name'"),
    "open quote": ('id,name\n1,"A\n', "is not valid CSV"),
}


@pytest.mark.parametrize(("text", "says"), FAULTS.values(), ids=FAULTS)
def test_a_bad_roster_gets_one_sentence(tmp_path, text, says) -> None:
    with pytest.raises(InvalidRoster) as caught:
        read_roster(write_csv(tmp_path, text))
    assert says in caught.value.message
    assert caught.value.message.count(".") <= 3
    assert caught.value.advice


def test_another_encoding_is_refused_with_the_line(tmp_path) -> None:
    with pytest.raises(InvalidRoster, match=r"Line 3 of roster.csv is not UTF-8"):
        read_roster(write_csv(tmp_path, "id,name\n1,Bo\n2,José\n", "windows-1252"))


def test_a_formula_in_a_spreadsheet_is_refused(tmp_path) -> None:
    path = write_xlsx(tmp_path, [["id", "name"], [1, "A"], ["=A2+1", "B"]])
    with pytest.raises(InvalidRoster, match=r"Row 3 of roster.xlsx holds a formula in the column 'id'"):
        read_roster(path)


@pytest.mark.parametrize("name", ["roster.xlsx", "roster.csv"])
def test_what_is_no_roster_is_refused(tmp_path, name) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xd8\xff\xe0 a picture \0" * 9)
    with pytest.raises(InvalidRoster):
        read_roster(path)
    with pytest.raises(InvalidRoster, match="There is no roster"):
        read_roster(tmp_path / f"no-{name}")


def test_a_hundred_thousand_rows_are_read_and_their_faults_told_once(tmp_path) -> None:
    text = "id,name\n" + "".join(f"{number},Somebody\n" for number in range(100_000))
    assert len(read_roster(write_csv(tmp_path, text))) == 100_000
    few = "id,name\n" + "".join(f"{number},Somebody\n" for number in range(1_000))
    with pytest.raises(InvalidRoster) as caught:
        read_roster(write_csv(tmp_path, few + few.partition("\n")[2]))
    assert len(str(caught.value)) < 300
    assert MAX_ROWS >= 100_000
