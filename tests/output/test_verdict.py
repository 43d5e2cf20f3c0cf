"""The picture of the verdict, the page of paper, and OFIQ's columns."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

import idphoto
from idphoto.output.annotated import COLOURS, TALL, annotated, numbered
from idphoto.output.ofiq import ofiq_table
from idphoto.report import Status


@pytest.fixture(scope="module")
def photo(sample: Path) -> idphoto.Photo:
    return idphoto.make(sample, "cn-1inch", annotate=True, pdf=True)


def test_lines_lie_where_eyes_and_chin_were_measured(photo: idphoto.Photo) -> None:
    rgb = np.asarray(Image.open(io.BytesIO(photo.files[".annotated.png"])).convert("RGB")).astype(int)
    head, size = photo.finished.head, photo.finished.source.size
    zoom = TALL / size.height
    for above in (0.0, -head.chin):
        row = round((head.eyes.y - above + 0.5) * zoom)
        # At the left edge, where the background is even; a line may lean with the head by a few pixels.
        strip = rgb[row - 8 : row + 9, 30:60].mean(axis=1)
        distance = np.abs(strip[:, None] - np.array(list(COLOURS.values()))[None]).sum(axis=2).min(axis=1)
        assert distance.min() < 60


def test_only_what_speaks_against_the_photo_has_a_number(photo: idphoto.Photo) -> None:
    against = numbered(photo.findings)
    assert {finding.status for finding in against} <= {Status.FAIL, Status.WARN, Status.ASK}
    ranks = [finding.status.rank for finding in against]
    assert ranks == sorted(ranks, reverse=True)


def test_without_words_the_picture_is_just_the_photo_and_its_labels(photo: idphoto.Photo) -> None:
    image = Image.open(io.BytesIO(annotated(photo, words=False)))
    assert image.format == "JPEG"
    assert image.height == TALL


def test_the_report_is_one_page_and_says_what_counts(photo: idphoto.Photo) -> None:
    reader = PdfReader(io.BytesIO(photo.files[".report.pdf"]))
    assert len(reader.pages) == 1
    text = " ".join(reader.pages[0].extract_text().split())
    assert photo.report.files[0].sha256 in text.replace(" ", "")
    assert photo.report.source.sha256 in text.replace(" ", "")
    assert photo.report.title in text
    for operation in photo.report.operations:
        assert operation.name in text


def test_equal_input_gives_an_equal_report(sample: Path, photo: idphoto.Photo) -> None:
    again = idphoto.make(sample, "cn-1inch", annotate=True, pdf=True)
    assert again.files[".annotated.png"] == photo.files[".annotated.png"]


def test_a_language_that_the_typeface_cannot_write_falls_back_to_english(sample: Path) -> None:
    made = idphoto.make(sample, "cn-1inch", pdf=True, language="zh")
    text = PdfReader(io.BytesIO(made.files[".report.pdf"])).pages[0].extract_text()
    assert "The background" in text
    assert any("背景" in finding.message for finding in made.report.findings)


def read_table(photo: idphoto.Photo) -> list[list[str]]:
    """Return the rows of OFIQ's table of one photo."""
    return list(csv.reader(io.StringIO(ofiq_table([("a.jpg", photo.report.components)]).decode()), delimiter=";"))


def test_columns_are_those_of_the_reference_table(shared: Path, photo: idphoto.Photo) -> None:
    header = (shared / "facts/ofiq_expected_results.csv").read_text(encoding="utf-8").splitlines()[0].rstrip(";")
    assert ";".join(read_table(photo)[0]) == header


def test_every_column_has_its_value(photo: idphoto.Photo) -> None:
    rows = read_table(photo)
    assert len(rows[1]) == len(rows[0])
    row = dict(zip(rows[0], rows[1], strict=True))
    assert float(row["InterEyeDistance"]) == pytest.approx(photo.report.find_measure("eye-distance-px").value, rel=0.05)
    assert row["UnifiedQualityScore.scalar"] == "-1"
    assert row["Sharpness"] == ""
