"""Take the picture of the studio page for the README, with Chromium.

python -m docs.studio_picture
"""

from __future__ import annotations

import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.locations import SAMPLE
from tests.server.serving import serving

PICTURE = Path(__file__).parent / "pictures/studio.jpg"
SPEC = "cn-1inch"
SCREENS = (((1440, 900), "light"), ((390, 844), "dark"))
HEIGHT_PX, GAP_PX, QUALITY = 620, 24, 82
SHOW_BEFORE = "const s = document.getElementById('slider'); s.value = 38; s.dispatchEvent(new Event('input'))"


def main() -> None:
    """Write the picture."""
    shots = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with serving(Path(folder), "--no-auth") as server:
            for (width, height), scheme in SCREENS:
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(server.url)
                page.fill("#query", SPEC)
                page.wait_for_selector(f"#document-0[data-document='{SPEC}']")
                page.press("#query", "Enter")
                page.set_input_files("#file", SAMPLE)
                page.wait_for_selector(".verdict")
                page.evaluate(SHOW_BEFORE)
                page.wait_for_timeout(500)
                shots.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))
        browser.close()
    shots = [shot.resize((round(shot.width * HEIGHT_PX / shot.height), HEIGHT_PX)) for shot in shots]
    picture = Image.new("RGB", (sum(shot.width for shot in shots) + GAP_PX * (len(shots) - 1), HEIGHT_PX), "white")
    left = 0
    for shot in shots:
        picture.paste(shot, (left, 0))
        left += shot.width + GAP_PX
    picture.save(PICTURE, quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
