"""Composites with exact alpha: recovered people over unseen backgrounds.

    python -m training.matting_network.data.evaluation_composites ../shared DATA/mattes DATA/test --split test \
        --per-person 3

writes ``NNNN.jpg`` (quality 90, 4:2:0, as phones do) and ``NNNN.png`` (alpha, 8 bit) of 335x410
pixels each, the same for the same seed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import composite
from training.matting_network.data.split import files
from training.matting_network.drawing.background_pictures import background, defocus

if TYPE_CHECKING:
    from numpy.random import Generator

RIM = 3  # pixels at the sides of a matte that are not used
FALL = 0.8  # slope of shoulders that go on beyond the portrait


def load_matte(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Foreground colours (RGB uint8) and alpha (float32) of a recovered matte."""
    rgba = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(rgba[..., :3], cv2.COLOR_BGR2RGB), rgba[..., 3].astype(np.float32) / 255


def place(colours: np.ndarray, alpha: np.ndarray, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mirror and shift a person a little; it keeps standing on the lower edge."""
    height, width = alpha.shape
    if rng.random() < 0.5:
        colours, alpha = colours[:, ::-1], alpha[:, ::-1]
    scale = rng.uniform(0.85, 1.15)
    shift = rng.normal(0, 0.03) * width
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x = (x - (1 - scale) * width / 2 - shift) / scale
    y = (y - (1 - scale) * height) / scale
    above = y < 0
    # Where the portrait ends, its clothes go on mirrored and the shoulder falls: nothing is cut off or drawn out.
    # The outermost pixels of some scans are dark.
    right = width - 1 - RIM
    beyond = np.maximum(RIM - x, 0) + np.maximum(x - right, 0)
    y = y - beyond * (FALL + beyond / 80)
    mirrored = np.where(x < RIM, 2 * RIM - x, np.where(x > right, 2 * right - x, x))
    moved = cv2.remap(np.ascontiguousarray(colours), mirrored, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.remap(np.ascontiguousarray(alpha), np.clip(x, RIM, right), y, cv2.INTER_CUBIC, borderValue=0)
    mask[above] = 0
    return moved, np.clip(mask, 0, 1)


def tint(colours: np.ndarray, rng: Generator) -> np.ndarray:
    """Another white balance and exposure."""
    gain = np.exp(rng.normal(0, 0.06, 3) + rng.normal(0, 0.1))
    return np.clip(colours * gain, 0, 255).astype(np.uint8)


def make(
    matte: tuple[np.ndarray, np.ndarray], shared: Path, split: str, rng: Generator
) -> tuple[np.ndarray, np.ndarray, str]:
    """One composite: picture (RGB), alpha and the kind of background."""
    colours, alpha = place(*matte, rng)
    height, width = alpha.shape
    behind, kind = background(shared, split, rng, width, height)
    behind = defocus(behind, abs(rng.normal(0, 3.0)))
    picture = composite(tint(colours, rng), alpha, behind)
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
    for person, path in enumerate(files(arguments.mattes, arguments.split, "*.png")):
        matte = load_matte(path)
        for number in range(arguments.per_person):
            rng = np.random.default_rng((arguments.seed, person, number))
            picture, alpha, kind = make(matte, arguments.shared, arguments.split, rng)
            name = f"{len(rows):04d}"
            bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(arguments.out / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])
            cv2.imwrite(str(arguments.out / f"{name}.png"), (alpha * 255).round().astype(np.uint8))
            rows.append({"name": name, "person": path.stem, "background": kind})
    (arguments.out / "index.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")
    print(f"{len(rows)} composites")


if __name__ == "__main__":
    main()
