"""The picture of the verdict, the page of paper, and OFIQ's columns."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

import idphoto
from idphoto.messages import catalogue, label, languages, sentences, status_word
from idphoto.output.annotated import LABELS_PX, PHOTO_HEIGHT_PX, annotate_photo
from idphoto.output.ofiq import write_ofiq_table
from idphoto.output.report_pdf import write_report
from idphoto.output.verdict import STATUS_COLOURS, Verdict, face_marks, number_findings, place_badges, spread_labels
from idphoto.report import Status
from idphoto.stages.explain import Explain


@pytest.fixture(scope="module")
def photo(sample: Path) -> idphoto.Photo:
    return idphoto.make(sample, "cn-1inch", annotate=True, pdf=True)


@pytest.fixture(scope="module")
def bad(sample: Path) -> idphoto.Photo:
    return idphoto.check(sample, "us-passport")


def page_of(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


def test_lines_lie_where_eyes_and_chin_were_measured(photo: idphoto.Photo) -> None:
    rgb = np.asarray(Image.open(io.BytesIO(photo.files[".annotated.png"])).convert("RGB")).astype(int)
    head, size = photo.finished.head, photo.finished.source.size
    zoom = PHOTO_HEIGHT_PX / size.height
    for above in (0.0, -head.chin):
        row = round((head.eyes.y - above + 0.5) * zoom)
        # At the left edge, where the background is even; a line may lean with the head by a few pixels.
        strip = rgb[row - 8 : row + 9, 30:60].mean(axis=1)
        colours = np.array(list(STATUS_COLOURS.values()))
        distance = np.abs(strip[:, None] - colours[None]).sum(axis=2).min(axis=1)
        assert distance.min() < 60


def test_only_findings_against_the_photo_have_a_number(bad: idphoto.Photo) -> None:
    against = number_findings(bad.findings)
    assert {finding.status for finding in against} == {Status.FAIL, Status.WARN, Status.ASK}
    ranks = [finding.status.rank for finding in against]
    assert ranks == sorted(ranks, reverse=True)


def test_labels_keep_apart_and_inside() -> None:
    heights = [20.0, 40.0, 20.0, 20.0]
    for wanted in ([-50.0, -40.0, 10.0, 12.0], [880.0, 890.0, 895.0, 990.0], [100.0, 101.0, 500.0, 501.0]):
        tops = spread_labels(wanted, heights, 900.0, 6.0)
        assert tops[0] >= 0
        assert tops[-1] + heights[-1] <= 900
        assert all(top + height + 6 <= after for top, height, after in zip(tops, heights, tops[1:], strict=False))


def test_numbers_stay_inside_the_photo_and_do_not_cover_each_other(bad: idphoto.Photo) -> None:
    verdict = Explain().verdict(bad)
    corner = (verdict.size.width - 3.0, 0.0, 3.0, 3.0)
    findings = tuple(finding.model_copy(update={"region": corner}) for finding in number_findings(bad.findings))
    crowded = replace(verdict, report=verdict.report.model_copy(update={"findings": findings}))
    badges = place_badges(crowded, 8.0)
    assert len(badges) == len(findings)
    for badge in badges:
        assert 8 <= badge.x <= verdict.size.width - 8
        assert 8 <= badge.y <= verdict.size.height - 8
        assert all(np.hypot(badge.x - other.x, badge.y - other.y) > 16 for other in badges if other != badge)


@pytest.mark.parametrize("language", languages())
def test_the_page_tells_verdict_findings_and_legend_in_every_language(bad: idphoto.Photo, language: str) -> None:
    verdict = Explain(language=language).verdict(bad)
    page = PdfReader(io.BytesIO(write_report(verdict, bad.finished.source.data))).pages
    assert len(page) == 1
    if language in ("en", "de", "es", "fr", "zh"):  # pypdf does not read what shaped glyphs stand for
        text = page[0].extract_text().replace("\u00a0", " ")
        for status in Status:
            assert status_word(status, language) in text
        assert catalogue(language).words["page-legend"] in text
        squeezed = "".join(text.split())
        for finding in verdict.numbered:
            assert "".join(sentences(finding, language).split()) in squeezed
    else:
        assert page[0].get_contents().get_data().count(b"/ActualText") > 200


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_picture_shows_sentences_on_the_side_where_reading_begins(bad: idphoto.Photo, language: str) -> None:
    picture = Image.open(io.BytesIO(annotate_photo(Explain(language=language).verdict(bad))))
    assert picture.format == "PNG"
    foot = np.asarray(picture.convert("L"))[PHOTO_HEIGHT_PX:]
    first = foot[16:38] < 200  # the first line of text, with its number
    columns = first.any(axis=0).nonzero()[0]
    assert (picture.width - 1 - columns[-1] if language == "ar" else columns[0]) < 20
    photo = np.asarray(picture.convert("RGB"))[:PHOTO_HEIGHT_PX]
    beside = photo[:, :LABELS_PX] if language == "ar" else photo[:, -LABELS_PX:]
    assert (beside == 255).all(axis=2).mean() > 0.85


def test_no_label_is_cut_or_runs_out_of_its_room(bad: idphoto.Photo) -> None:
    # The head of the sample touches the upper edge of this square document.
    for language in languages():
        picture = np.asarray(Image.open(io.BytesIO(annotate_photo(Explain(language=language).verdict(bad)))))
        photo = picture[:PHOTO_HEIGHT_PX]
        room = photo[:, :LABELS_PX] if language == "ar" else photo[:, -LABELS_PX:]
        outer = room[:, :8] if language == "ar" else room[:, -8:]
        assert (outer == 255).all()
        assert (room[0, 30:-30] == 255).all()


def test_a_page_prints_no_limit_that_a_reader_cannot_understand(bad: idphoto.Photo) -> None:
    text = page_of(write_report(Explain().verdict(bad), bad.finished.source.data))
    for sign in ("<=", ">=", "+/-", "..", "CIELAB", "≤", "≥"):
        assert sign not in text


def test_the_report_is_one_page_and_says_what_counts(photo: idphoto.Photo) -> None:
    text = page_of(photo.files[".report.pdf"])
    assert photo.report.files[0].sha256 in text.replace(" ", "")
    assert photo.report.source.sha256 in text.replace(" ", "")
    assert photo.report.title in text
    for operation in photo.report.operations:
        assert label(f"did-{operation.name}") in text


def test_a_long_report_still_fits_one_page(bad: idphoto.Photo) -> None:
    verdict = Explain().verdict(bad)
    long = verdict.report.model_copy(update={"findings": verdict.report.findings * 3})
    page_of(write_report(replace(verdict, report=long), bad.finished.source.data))


def test_equal_input_gives_an_equal_report(sample: Path, photo: idphoto.Photo) -> None:
    again = idphoto.make(sample, "cn-1inch", annotate=True, pdf=True)
    assert again.files[".annotated.png"] == photo.files[".annotated.png"]
    assert again.files[".report.pdf"] == photo.files[".report.pdf"]


def test_a_photo_without_a_face_has_no_lines_but_a_page(bad: idphoto.Photo) -> None:
    verdict: Verdict = replace(Explain().verdict(bad), head=None)
    assert face_marks(verdict) == []
    assert annotate_photo(verdict).startswith(b"\x89PNG")
    assert write_report(verdict, bad.finished.source.data).startswith(b"%PDF")


def test_output_knows_no_photo() -> None:
    folder = Path(idphoto.__file__).parent / "output"
    assert [path.name for path in folder.glob("*.py") if "idphoto.photo" in path.read_text(encoding="utf-8")] == []


def read_table(photo: idphoto.Photo) -> list[list[str]]:
    """Return the rows of OFIQ's table of one photo."""
    return list(csv.reader(io.StringIO(write_ofiq_table([("a.jpg", photo.report.components)]).decode()), delimiter=";"))


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
