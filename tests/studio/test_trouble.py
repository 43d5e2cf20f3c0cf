"""What goes wrong is told in one sentence with what to do, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from tests.locations import PORTRAITS
from tests.server.serving import Running, serving
from tests.studio.conftest import choose_document, make

METRIC = "idphoto_studio_bytes_held"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that nobody else uses: it is counted what it keeps."""
    with serving(tmp_path_factory.mktemp("trouble"), "--no-auth", workers="2") as running:
        yield running


def test_files_that_cannot_be_used_are_told_and_another_one_can_be_chosen(visit, tmp_path, studio):
    page = visit(quiet=False).page
    Image.new("RGB", (400, 500), "skyblue").save(tmp_path / "sky.jpg")
    (tmp_path / "note.jpg").write_bytes(b"this is no picture")
    (tmp_path / "large.jpg").write_bytes((PORTRAITS / "B000490.jpg").read_bytes() + bytes(40 * 2**20))
    for name, words in (
        ("sky.jpg", "No face was found"),
        ("note.jpg", "not a picture"),
        ("large.jpg", "too large"),
    ):
        page.set_input_files("#file", tmp_path / name)
        page.wait_for_selector(f"[role=alert]:has-text('{words}')")
    page.set_input_files("#file", PORTRAITS / "B000490.jpg")
    page.wait_for_selector(".good")


def test_one_of_two_people_is_chosen_by_hand(visit, tmp_path):
    left, right = (Image.open(PORTRAITS / name).convert("RGB") for name in ("B000490.jpg", "K000400.jpg"))
    both = Image.new("RGB", (left.width + right.width, left.height), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    both.save(tmp_path / "both.png")
    page = visit().page
    choose_document(page, "cn-1inch", "cn-1inch")
    page.set_input_files("#file", tmp_path / "both.png")
    page.wait_for_selector(".chooser .face")
    assert page.locator(".chooser .face").count() == 2
    page.click(".chooser .face >> nth=1")
    page.wait_for_selector(".verdict")


def test_a_mixed_sheet_of_three_people_and_the_next_customer(visit, studio):
    watched = visit()
    page = watched.page
    for number, name in enumerate(("B000490.jpg", "K000400.jpg", "M001160.jpg")):
        if number:
            page.click("button:has-text('Another person')")
            page.set_input_files("#file", PORTRAITS / name)
            page.wait_for_selector(".verdict")
        else:
            make(page, PORTRAITS / name, "cn-1inch")
    assert page.locator(".thumb").count() == 3
    page.click("button.wide")
    page.wait_for_selector(".preview img")
    assert page.locator("input[id^=copies-]").count() == 3
    with page.expect_response(lambda response: "/v1/sheets" in response.url) as answer:
        page.click("#print-sheet")
    assert answer.value.ok
    assert studio.metric(METRIC) > 0
    page.click(".people button:has-text('Next customer')")
    page.wait_for_selector("#file", state="attached")
    assert page.locator(".thumb").count() == 0
    for _ in range(100):
        if studio.metric(METRIC) == 0:
            break
        page.wait_for_timeout(50)
    assert studio.metric(METRIC) == 0


def test_closing_the_tab_ends_the_photo(visit, studio):
    page = visit().page
    make(page, PORTRAITS / "B000490.jpg", "cn-1inch")
    assert studio.metric(METRIC) > 0
    page.close(run_before_unload=True)
    for _ in range(200):
        if studio.metric(METRIC) == 0:
            break
        httpx.get(f"{studio.url}/healthz")
    assert studio.metric(METRIC) == 0


def test_a_server_with_keys_asks_for_one_and_one_that_goes_away_is_told(visit, tmp_path):
    with serving(tmp_path / "keys", workers="1") as server:
        page = visit(server.url, quiet=False).page
        page.fill("#key", "idp_wrong_key")
        page.click("button:has-text('Use this key')")
        page.wait_for_selector("[role=alert]")
        page.fill("#key", server.key)
        page.click("button:has-text('Use this key')")
        make(page, PORTRAITS / "B000490.jpg", "cn-1inch")
        assert page.evaluate("Object.keys(localStorage).join()").find("key") == -1
        server.kill()
        page.click("#background-keep")
        page.wait_for_selector("[role=alert]:has-text('cannot be reached')")
        assert page.locator(".verdict").is_visible()
