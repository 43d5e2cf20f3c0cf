"""Make composites for validation and test: recovered people before backgrounds of the same split.

    python -m training.matting_network.data.evaluation_composites ../shared DATA/mattes DATA/test --split test \
        --per-person 3

For each composite ``NNNN.jpg`` (quality 90, 4:2:0, as phones do) and ``NNNN.png`` (alpha, 8 bit) are written, of
335x410 pixels, and for all of them ``index.json``. The same seed gives the same composites.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import composite
from training.matting_network.data.sample_files import read_matte
from training.matting_network.data.split import files_of_split
from training.matting_network.drawing.background_pictures import choose_picture, defocus

if TYPE_CHECKING:
    from numpy.random import Generator

RIM_PX = 3
"""Pixels at the sides of a matte that are not used; the outermost pixels of some scans are dark."""

SHOULDER_SLOPE = 0.8
"""Slope of the shoulders where they are continued beyond the sides of the portrait."""


def move_person(colours: np.ndarray, alpha: np.ndarray, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mirror, scale and shift a person by chance; it still reaches the lower border.

    Where the portrait ends, clothes are continued as a mirror image and the shoulder slopes down. So nothing is cut off
    or drawn out.
    """
    height, width = alpha.shape
    if rng.random() < 0.5:
        colours, alpha = colours[:, ::-1], alpha[:, ::-1]
    scale = rng.uniform(0.85, 1.15)
    shift = rng.normal(0, 0.03) * width
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x = (x - (1 - scale) * width / 2 - shift) / scale
    y = (y - (1 - scale) * height) / scale
    above = y < 0
    right = width - 1 - RIM_PX
    beyond = np.maximum(RIM_PX - x, 0) + np.maximum(x - right, 0)
    y = y - beyond * (SHOULDER_SLOPE + beyond / 80)
    mirrored = np.where(x < RIM_PX, 2 * RIM_PX - x, np.where(x > right, 2 * right - x, x))
    moved = cv2.remap(np.ascontiguousarray(colours), mirrored, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.remap(np.ascontiguousarray(alpha), np.clip(x, RIM_PX, right), y, cv2.INTER_CUBIC, borderValue=0)
    mask[above] = 0
    return moved, np.clip(mask, 0, 1)


def change_exposure(colours: np.ndarray, rng: Generator) -> np.ndarray:
    """Change white balance and exposure by chance."""
    gain = np.exp(rng.normal(0, 0.06, 3) + rng.normal(0, 0.1))
    return np.clip(colours * gain, 0, 255).astype(np.uint8)


def make_composite(
    matte: tuple[np.ndarray, np.ndarray], shared: Path, split: str, rng: Generator
) -> tuple[np.ndarray, np.ndarray, str]:
    """Make one composite; return picture (RGB uint8), alpha (float32) and the kind of background."""
    colours, alpha = move_person(*matte, rng)
    height, width = alpha.shape
    behind, kind = choose_picture(shared, split, rng, width, height)
    behind = defocus(behind, abs(rng.normal(0, 3.0)))
    picture = composite(change_exposure(colours, rng), alpha, behind)
    noise = rng.normal(0, rng.uniform(0.5, 4.0), picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8), alpha, kind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--per-person", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for person, path in enumerate(files_of_split(arguments.mattes, arguments.split, "*.png")):
        matte = read_matte(path)
        for number in range(arguments.per_person):
            rng = np.random.default_rng((arguments.seed, person, number))
            picture, alpha, kind = make_composite(matte, arguments.shared, arguments.split, rng)
            name = f"{len(rows):04d}"
            bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(arguments.out / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])
            cv2.imwrite(str(arguments.out / f"{name}.png"), (alpha * 255).round().astype(np.uint8))
            rows.append({"name": name, "person": path.stem, "background": kind})
    (arguments.out / "index.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")
    print(f"{len(rows)} composites")


if __name__ == "__main__":
    main()
