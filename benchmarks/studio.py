"""Measure the studio page in a real browser: size and time of the first view, time to the result, frames per second.

    python -m benchmarks.studio [PHOTO]

The photo is enlarged to 12 megapixels. `idphoto.make` is timed in the same run, so that the load of the machine shows.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

import idphoto
from tests.locations import SAMPLE
from tests.server.serving import serving

SPEC = "cn-1inch"
SIDES_PX = (3000, 4000)
ROUNDS = 5
DRAG_MS = 1500
DRAG = """async (milliseconds) => {
  const canvas = document.getElementById("adjust-canvas");
  const box = canvas.getBoundingClientRect();
  const at = (x) => ({pointerId: 1, clientX: x, clientY: box.y + 50});
  const send = (kind, x) => canvas.dispatchEvent(new PointerEvent(kind, at(x)));
  canvas.setPointerCapture = () => {};
  send("pointerdown", box.x + 50);
  const begun = performance.now();
  let frames = 0;
  while (performance.now() - begun < milliseconds) {
    send("pointermove", box.x + 50 + 20 * Math.sin(frames / 10));
    await new Promise(requestAnimationFrame);
    frames += 1;
  }
  send("pointerup", box.x + 50);
  return frames / ((performance.now() - begun) / 1000);
}"""


def make_large(path: Path) -> bytes:
    """Return a photo in the proportions of a phone's camera, with 12 megapixels."""
    picture = Image.open(path).convert("RGB")
    factor = max(SIDES_PX[0] / picture.width, SIDES_PX[1] / picture.height)
    picture = picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)
    left = (picture.width - SIDES_PX[0]) // 2
    file = BytesIO()
    picture.crop((left, 0, left + SIDES_PX[0], SIDES_PX[1])).save(file, "JPEG", quality=90)
    return file.getvalue()


def main() -> None:
    """Print the measures."""
    photo = make_large(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "large.jpg"
        path.write_bytes(photo)
        with serving(Path(folder) / "server", "--no-auth", workers="2") as server:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            first, results, makes = [], [], []
            for _ in range(ROUNDS):
                page = browser.new_page()
                answers = []
                page.on("response", lambda answer, into=answers: into.append(answer))
                begun = time.perf_counter()
                page.goto(server.url)
                page.wait_for_selector("#query")
                first.append(time.perf_counter() - begun)
                page.wait_for_selector("[role=option]")
                size = sum(answer.request.sizes()["responseBodySize"] for answer in answers)
                page.fill("#query", SPEC)
                page.wait_for_selector(f"#document-0[data-document='{SPEC}']")
                page.press("#query", "Enter")
                page.wait_for_selector(".card")
                begun = time.perf_counter()
                page.set_input_files("#file", path)
                page.wait_for_selector(".verdict")
                results.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                idphoto.make(photo, SPEC)
                makes.append(time.perf_counter() - begun)
                page.click("#tab-adjust")
                page.wait_for_timeout(300)
                frames = page.evaluate(DRAG, DRAG_MS)
                page.close()
            browser.close()
    print(f"first view            {size / 1000:.0f} KB, {min(first):.2f} s to the search field")
    print(f"upload to result      {min(results):.2f} s best, {sorted(results)[ROUNDS // 2]:.2f} s median")
    print(f"idphoto.make          {min(makes):.2f} s best, {sorted(makes)[ROUNDS // 2]:.2f} s median")
    print(f"while dragging        {frames:.0f} frames per second")


if __name__ == "__main__":
    main()
