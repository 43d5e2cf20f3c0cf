"""The camera of the page: Chromium's fake camera shows a real portrait, and the photo is taken by itself."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.locations import PORTRAITS
from tests.studio.conftest import choose_document


@pytest.fixture(scope="module")
def camera(start_browser, tmp_path_factory):
    """A browser whose camera shows a calm face, large enough."""
    portrait = Image.open(PORTRAITS / "B000490.jpg").convert("RGB")
    portrait = portrait.resize((round(portrait.width * 720 / portrait.height), 720), Image.Resampling.LANCZOS)
    frame = Image.new("RGB", (1280, 720), portrait.getpixel((8, 8)))
    frame.paste(portrait, ((1280 - portrait.width) // 2, 0))
    encoded = BytesIO()
    frame.save(encoded, "JPEG", quality=92)
    video = tmp_path_factory.mktemp("camera") / "portrait.mjpeg"
    video.write_bytes(encoded.getvalue() * 5)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={video}")
    return start_browser(*flags)


def test_the_photo_is_taken_when_all_is_right(camera, studio):
    page = camera.new_page(locale="en-GB", permissions=["camera"])
    page.set_default_timeout(90_000)
    page.goto(studio.url)
    choose_document(page, "cn-1inch", "cn-1inch")
    page.click("button:has-text('Use the camera')")
    page.wait_for_selector("dialog video")
    assert page.locator(".guide-oval").count() == 1
    page.wait_for_selector(".verdict")
    assert page.locator("dialog").count() == 0
    assert page.evaluate("document.querySelector('canvas.before') !== null")


def test_without_a_right_to_the_camera_the_page_says_what_to_do(visit):
    page = visit(permissions=[]).page
    page.click("button:has-text('Use the camera')")
    page.wait_for_selector("dialog .hint:has-text('photo')")
    page.click("dialog button:has-text('Close')")
    assert page.locator("dialog").count() == 0
