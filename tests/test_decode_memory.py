"""The memory that a picture takes while it is decoded, for each kind of pixels, as the kernel counts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

if not Path("/proc/self/clear_refs").exists():
    pytest.skip("peaks are read from the kernel of Linux", allow_module_level=True)

WIDTH, HEIGHT = 1600, 2400

MODES = ("RGB", "RGBA", "LA", "P", "L", "I;16", "CMYK")
REDUCED_BYTES, FULL_BYTES = 12, 20
"""Bytes per pixel. Pillow decodes into 4, and the result has 3 of colours and 4 of alpha; the rest is one strip, which
is a large part of a picture as small as this one."""

MEASURE = """
import sys
from idphoto.decode import Source

def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024

Source.open(open(sys.argv[1], "rb").read()).pixels(0.1)
for path in sys.argv[2:]:
    data = open(path, "rb").read()
    for scale in (0.25, 1.0):
        open("/proc/self/clear_refs", "w").write("5")
        before = peak()
        source = Source.open(data)
        source.pixels(scale), source.alpha(scale)
        print(peak() - before)
        del source
"""


def write(folder: Path, mode: str) -> str:
    """Write a noisy picture of a mode, whose alpha is noisy, too."""
    levels = np.random.default_rng(1).integers(0, 256, (16, WIDTH * 4), dtype=np.uint8)
    tall = np.tile(levels, (HEIGHT // 16, 1))
    path = folder / f"{mode.replace(';', '-')}.{'jpg' if mode == 'CMYK' else 'png'}"
    if mode == "I;16":
        picture = Image.fromarray(tall.view(np.uint16)[:, :WIDTH])
    else:
        channels = {"L": 1, "P": 1, "LA": 2, "RGB": 3}.get(mode, 4)
        raw = np.ascontiguousarray(tall[:, : WIDTH * channels]).tobytes()
        picture = Image.frombytes(mode, (WIDTH, HEIGHT), raw)
    if mode == "P":
        picture.putpalette(levels[0, :768].tobytes())
        picture.save(path, compress_level=1, transparency=levels[1, :256].tobytes())
    else:
        picture.save(path, **({"quality": 60} if mode == "CMYK" else {"compress_level": 1}))
    return str(path)


def test_each_kind_of_pixels_keeps_to_its_budget(tmp_path: Path) -> None:
    paths = [write(tmp_path, mode) for mode in MODES]
    command = [sys.executable, "-c", MEASURE, paths[0], *paths]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peaks = np.array([int(line) for line in out.split()]).reshape(-1, 2) / (WIDTH * HEIGHT)
    measured = dict(zip(MODES, peaks.round(1).tolist(), strict=True))
    assert (peaks <= (REDUCED_BYTES, FULL_BYTES)).all(), measured
