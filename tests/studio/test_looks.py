"""The page for everybody: languages, writing from the right, narrow screens, screen readers, true size in print."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.locations import PORTRAITS
from tests.studio.conftest import make

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")


def violations(page):
    """What axe-core finds, as text."""
    found = axe.Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_view(visit, scheme):
    page = visit(color_scheme=scheme).page
    page.wait_for_selector("[role=option]")
    assert violations(page) == []
    make(page, PORTRAITS / "B000490.jpg", "cn-1inch")
    for tab in ("compare", "adjust", "points", "brush"):
        page.click(f"#tab-{tab}")
        page.wait_for_selector(f".stage-{tab}")
        assert violations(page) == []
    page.click("button.wide")
    page.wait_for_selector(".preview img")
    assert violations(page) == []


def test_arabic_reads_from_the_right_and_fits_a_phone(visit):
    page = visit(locale="ar", viewport={"width": 360, "height": 740}).page
    assert page.evaluate("document.documentElement.dir") == "rtl"
    make(page, PORTRAITS / "B000490.jpg", "cn-1inch")
    assert page.locator(".finding, .verdict").first.inner_text()
    for view in ("result", "files"):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        if view == "result":
            page.click("button.wide")
            page.wait_for_selector(".preview img")


def test_the_first_view_is_small(visit, studio):
    sizes = []
    page = visit().page
    page.on("response", lambda response: sizes.append(response))
    page.reload(wait_until="networkidle")
    total = sum(response.request.sizes()["responseBodySize"] for response in sizes if response.status == 200)
    assert 10_000 < total < 150_000


def test_a_sheet_is_printed_in_true_size(visit):
    page = visit().page
    make(page, PORTRAITS / "B000490.jpg", "cn-1inch")
    page.click("button.wide")
    page.wait_for_selector(".preview img")
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    page.click("#print-sheet")
    for _ in range(600):  # the page's policy forbids the functions that Playwright would wait with
        if page.evaluate("window.printed === true"):
            break
        page.wait_for_timeout(100)
    pages = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(pages) == 1
    sides = sorted(float(side) / 72 * 25.4 for side in (pages[0].mediabox.width, pages[0].mediabox.height))
    assert sides == pytest.approx([100, 150], abs=0.6)
