"""Measure the time of making a photo: each stage, decoding, matting, and a cold start.

    make bench        (python -m benchmarks.speed [--repeats 9] [--portrait FILE])

Writes the tables of ``benchmarks/README.md``, between their markers. The figures are medians over repeats in one warm
process. The source is the sample, enlarged to 3000x4000 pixels with grain, so that the decoder has as much to do as for
a photo from a phone. Closed-form matting needs the extra `classical`.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import idphoto
from benchmarks.pages import insert_text
from idphoto import matting, segmentation
from idphoto.errors import BackendError
from idphoto.matting.foreground import estimate_foreground
from idphoto.segmentation.person import segment_person

ROOT = Path(__file__).parents[1]
README = ROOT / "benchmarks/README.md"
DOCUMENTS = ("schengen-visa", "cn-visa-print", "us-visa-digital")


def make_phone_photo(portrait: Path, size: tuple[int, int], quality: int = 92) -> bytes:
    """Make a JPEG file as a phone would take it: upright, many megapixels, grain."""
    width, height = size
    with Image.open(portrait) as opened:
        picture = opened.convert("RGB")
    scale = max(width / picture.width, height / picture.height)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    left = max(0, round(0.42 * picture.width - width / 2))
    window = np.asarray(picture.crop((left, 0, left + width, height))).astype(np.float32)
    grain = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 6, (height, width)).astype(np.float32), (0, 0), 0.7)
    file = BytesIO()
    Image.fromarray(np.clip(window + grain[..., None], 0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def measure_stages(data: bytes, document: str, repeats: int) -> dict[str, float]:
    """Measure the median milliseconds of each stage and of the whole."""
    times = defaultdict(list)
    for _ in range(repeats + 1):
        start = time.perf_counter()
        photo = idphoto.make(data, document)
        times["whole"].append((time.perf_counter() - start) * 1000)
        for stage, ms in photo.timings.items():
            times[stage].append(ms)
    return {stage: statistics.median(values[1:]) for stage, values in times.items()}


def measure_decoding(data: bytes, repeats: int) -> dict[str, float]:
    """Measure the median milliseconds of decoding a file at the scales that are used."""
    from idphoto.decode import Source

    found = {}
    for scale in (0.25, 0.5, 1.0):
        values = []
        for _ in range(repeats):
            source = Source.open(data)
            start = time.perf_counter()
            source.pixels(scale)
            values.append((time.perf_counter() - start) * 1000)
        found[f"1/{round(1 / scale)}"] = statistics.median(values)
    return found


def measure_cold_start(arguments: list[str], repeats: int = 5) -> float:
    """Measure the median seconds of a command in a new process."""
    values = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "idphoto", *arguments], capture_output=True, check=False)
        values.append(time.perf_counter() - start)
    return statistics.median(values)


def measure_cutouts(portrait: Path, size: tuple[int, int], repeats: int) -> dict[str, float]:
    """Measure the median milliseconds of each part of a cutout, and of each matting backend."""
    with Image.open(portrait) as opened:
        rgb = np.asarray(opened.convert("RGB").resize(size))
    mask = segment_person(rgb, "auto")
    found = {"MediaPipe's raw mask": lambda: segmentation.BACKENDS.get()(rgb)}
    found["person mask, mean with the mirror image"] = lambda: segment_person(rgb, "auto")
    for name in matting.BACKENDS.modules:
        if name == "given":
            continue
        try:
            matting.BACKENDS.get(name)
        except BackendError:
            continue
        found[f"matting: {name}"] = lambda name=name: matting.estimate_alpha(rgb, mask, name)
    alpha = matting.estimate_alpha(rgb, mask)
    found["foreground colours"] = lambda: estimate_foreground(rgb, alpha)
    times = {}
    for name, call in found.items():
        call()
        values = []
        for _ in range(repeats if "closed" not in name else 3):
            start = time.perf_counter()
            call()
            values.append((time.perf_counter() - start) * 1000)
        times[name] = statistics.median(values)
    return times


def format_report(portrait: Path, repeats: int) -> str:
    """Measure everything and format the tables."""
    lines = [
        f"Measured by `make bench` on {os.cpu_count()} cores ({platform.machine()}, Python "
        f"{platform.python_version()}), medians of {repeats}.",
        "",
    ]
    rows = {}
    for size in ((3000, 4000), (4000, 6000)):
        data = make_phone_photo(portrait, size)
        megapixels = size[0] * size[1] / 1e6
        for document in DOCUMENTS:
            rows[f"{megapixels:.0f} MP JPEG to {document}"] = measure_stages(data, document, repeats)
        if size[0] == 3000:
            decoding = measure_decoding(data, repeats)
    names = [name for name in next(iter(rows.values())) if name not in ("whole", "permit", "align", "sheet")]
    lines += ["| warm `make`, ms | whole | " + " | ".join(names) + " |", "|---|" + "---|" * (len(names) + 1)]
    for title, times in rows.items():
        cells = " | ".join(f"{times[name]:.0f}" for name in names)
        lines.append(f"| {title} | **{times['whole']:.0f}** | {cells} |")
    scales = ", ".join(f"{ms:.0f} ms at {scale}" for scale, ms in decoding.items())
    lines += ["", f"Decoding the 12-megapixel JPEG alone takes {scales}; it happens in `load` and `crop`.", ""]
    lines += ["| cut out at 640x800, ms | |", "|---|---|"]
    lines += [f"| {name} | {ms:.0f} |" for name, ms in measure_cutouts(portrait, (640, 800), repeats).items()]
    sample = str(portrait)
    lines += [
        "",
        "| cold, s | |",
        "|---|---|",
        f"| `idphoto make` | {measure_cold_start(['check', sample, '--spec', 'cn-1inch']):.2f} |",
        f"| `idphoto specs list` | {measure_cold_start(['specs', 'list']):.2f} |",
        "",
        f"Peak memory of this run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--portrait", type=Path, default=ROOT / "samples/astronaut.jpg")
    arguments = parser.parse_args()
    text = format_report(arguments.portrait, arguments.repeats)
    insert_text(README, "speed", text)
    print(text)


if __name__ == "__main__":
    main()
