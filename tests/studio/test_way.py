"""The whole way on the page, in a real browser: from a photo to files that are opened and judged again."""

from __future__ import annotations

import zipfile

import idphoto
from tests.locations import PORTRAITS
from tests.studio.conftest import download, make


def test_a_photo_for_a_document_that_forbids_a_new_background(visit, tmp_path):
    page = visit().page
    make(page, PORTRAITS / "A000370.jpg", "schengen-visa", "schengen visa")
    assert page.locator(".finding.fail").first.is_visible()
    assert page.locator("#tab-brush").count() == 0  # nothing is painted, so no outline is needed
    page.click("summary:has-text('Replace it anyway')")
    page.fill("#order-reason", "shop window")
    page.click("button:has-text('Replace the background')")
    page.wait_for_selector("text=Replaced by your order: shop window")
    page.click("button.wide")
    path = download(page, "#save-photo", tmp_path)
    expected = idphoto.make(PORTRAITS / "A000370.jpg", "schengen-visa", allow_editing="shop window", background="auto")
    assert path.read_bytes() == expected.files[".jpg"]


def test_everything_as_one_archive_within_a_ceiling_of_bytes(visit, tmp_path):
    page = visit().page
    make(page, PORTRAITS / "A000377.jpg", "us-visa-digital")
    page.click("button.wide")
    page.wait_for_selector(".preview img")
    archive = zipfile.ZipFile(download(page, "button:has-text('All as ZIP')", tmp_path))
    names = {name.partition(".")[2] for name in archive.namelist()}
    assert {"jpg", "json", "job.yaml", "report.pdf", "annotated.png", "sheet.pdf"} <= names
    photo = next(archive.read(name) for name in archive.namelist() if name.endswith("digital.jpg"))
    spec = idphoto.load_spec("us-visa-digital")
    assert len(photo) <= spec.bytes.ceiling
    assert idphoto.check(photo, spec).report.findings_of("file")[0].status is not idphoto.Status.FAIL


def test_a_document_that_wants_the_original_leaves_the_file_alone(visit, tmp_path):
    page = visit().page
    whole = next(spec for spec in idphoto.all_specs() if spec.submit.value == "original")
    make(page, PORTRAITS / "C000537.jpg", whole.id)
    assert page.locator("[role=tab]").all_inner_texts()[0] == "Compare"
    assert page.locator("#tab-adjust").count() == 0
    page.click("button.wide")
    path = download(page, "#save-photo", tmp_path)
    assert path.read_bytes() == (PORTRAITS / "C000537.jpg").read_bytes()
