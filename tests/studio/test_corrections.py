"""Corrections on the page by mouse, touch, keyboard and brush, and the job files that repeat them."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest
import yaml

from tests.locations import PORTRAITS
from tests.studio.conftest import download, make, wait_for_update

PHOTO = PORTRAITS / "B000490.jpg"


def saved_job(page, folder):
    page.click("button.wide")
    page.wait_for_selector("#save-job")
    return download(page, "#save-job", folder)


def repeat_on_the_command_line(job, folder):
    """Run ``idphoto make --job`` and return the bytes of the photo."""
    out = folder / "repeated"
    command = [sys.executable, "-m", "idphoto", "make", str(PHOTO), "--job", str(job), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    (photo,) = out.glob("*.jpg")
    return photo.read_bytes()


def test_mouse_keyboard_and_points_and_the_job_file_gives_the_same_bytes(visit, tmp_path):
    page = visit().page
    make(page, PHOTO, "cn-1inch")
    uploads = []
    page.on("request", lambda request: uploads.append(request.url) if request.url.endswith("/sessions") else None)
    page.click("#tab-adjust")
    page.focus("#adjust-canvas")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "+", "+", "]"):
        page.keyboard.press(key)
    wait_for_update(page)
    box = page.locator("#adjust-canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.02 * box["height"], y, steps=4)
    page.mouse.up()
    wait_for_update(page)
    page.click("#tab-points")
    page.focus("#point-chin")
    page.keyboard.press("Shift+ArrowDown")
    wait_for_update(page)
    job = saved_job(page, tmp_path)
    fields = yaml.safe_load(job.read_text())
    assert fields["shift"] == pytest.approx([2.5, -0.25], abs=0.3)
    assert fields["zoom"] == pytest.approx(1.02, abs=0.002)
    assert fields["tilt"] == pytest.approx(0.25)
    assert set(fields["points"]) == {"chin"}
    photo = download(page, "#save-photo", tmp_path)
    assert repeat_on_the_command_line(job, tmp_path) == photo.read_bytes()
    assert uploads == []


def test_touch_moves_and_zooms(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    make(page, PHOTO, "cn-1inch")
    page.tap("#tab-adjust")
    page.wait_for_selector("#adjust-canvas")
    box = page.locator("#adjust-canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        touches = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", (x - 30, y), (x + 30, y))
    for step in range(1, 7):
        touch("touchMove", (x - 30 - 2 * step, y), (x + 30 + 2 * step, y))
    touch("touchEnd")
    wait_for_update(page)
    assert page.locator("output[for=range-zoom]").inner_text() not in ("100 %", "50 %")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_brush_changes_the_outline_can_be_undone_and_is_repeated_from_the_archive(visit, tmp_path):
    page = visit().page
    make(page, PHOTO, "cn-1inch")
    before = page.locator(".after").get_attribute("src")
    page.click("#tab-brush")
    page.wait_for_selector(".pane:not([aria-busy])")
    pane = page.locator(".pane").bounding_box()
    x, y = pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2
    for top in (0, 60):
        page.mouse.move(x, y + top)
        page.mouse.down()
        page.mouse.move(x + 70, y + top + 8, steps=5)
        page.mouse.up()
        page.click("#brush-remove")
    page.click("button:has-text('Undo')")
    page.click("button:has-text('Apply')")
    wait_for_update(page)
    page.click("#tab-compare")
    assert page.locator(".after").get_attribute("src") != before
    page.click("button.wide")
    page.wait_for_selector(".preview img")
    archive = zipfile.ZipFile(download(page, "button:has-text('All as ZIP')", tmp_path))
    archive.extractall(tmp_path / "all")
    assert (tmp_path / "all" / "cn-1inch.mask.png").is_file()
    job = tmp_path / "all" / "cn-1inch.job.yaml"
    assert repeat_on_the_command_line(job, tmp_path) == (tmp_path / "all" / "cn-1inch.jpg").read_bytes()
