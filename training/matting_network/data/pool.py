"""The training pool: composites of every kind with exact alpha and MediaPipe's own mask.

    python -m training.matting_network.data.pool ../shared DATA/mattes DATA/pool --count 6000 --seed 1

writes two files per composite: ``NNNNN.npy``, (H, W, 4) uint8, the picture as its JPEG decodes
and alpha, and ``NNNNN.coarse.png`` (the mask, 8 bit, small). Each depends on the seed and its
number alone, so an interrupted run continues where it stopped, and any number of processes gives
the same pool.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.matting.backends.hair import SEMANTIC_SHAPE_PX
from idphoto.segmentation.person import segment_person
from training.matting_network.drawing import accessories, camera, clutter, hairdos
from training.matting_network.drawing.backgrounds import backdrop, defocused, plain
from training.matting_network.drawing.layers import Layer
from training.matting_network.drawing.people import (
    CHIN,
    OVAL,
    Person,
    Placed,
    Proportions,
    everybody,
    light,
    other_clothes,
    place,
)

if TYPE_CHECKING:
    from numpy.random import Generator

ASPECTS = (35 / 45, 1.0, 3 / 4, 4 / 5, 335 / 410, 2 / 3)


@dataclass(frozen=True)
class Source:
    """Where people and places come from, and of which split."""

    shared: Path
    mattes: Path
    split: str = "train"

    def person(self, rng: Generator) -> Person:
        """Somebody, by chance."""
        people, weight = everybody(self.mattes, self.shared / "portraits/studio", self.split)
        return people[rng.choice(len(people), p=weight)]


@dataclass(frozen=True)
class Mix:
    """How often there is what networks get wrong, as shares of the composites.

    Things worn that have the colour of what is behind them; among those, clothes that have it; and a flag on either
    side of a person.
    """

    alike: float = 0.0
    clothes: float = 0.3
    flags: float = 0.25


@dataclass(frozen=True)
class Composite:
    """A picture with its truth: a JPEG file, alpha float32, and what it stands before."""

    jpeg: bytes
    alpha: np.ndarray
    kind: str

    @property
    def rgb(self) -> np.ndarray:
        """The picture as its file decodes, sRGB uint8."""
        bgr = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def pose(source: Source, rng: Generator, width: int, height: int) -> Placed:
    """Somebody, somewhere in the frame: as on ID photos, or further away."""
    child = rng.uniform(0.3, 1.0) if rng.random() < 0.15 else 0.0
    if rng.random() < 0.3:
        head, stretch, fall = rng.uniform(0.28, 0.5), rng.uniform(1.0, 1.6), rng.uniform(0.8, 4)
    else:
        head, stretch, fall = rng.uniform(0.45, 0.82), rng.uniform(0.95, 1.15), rng.uniform(0.4, 1.5)
    top = rng.uniform(0.03, max(0.05, min(0.3, 0.9 - head)))
    if rng.random() < 0.06:
        top = rng.uniform(-0.15, 0.03)
    placed = place(source.person(rng), width, height, head, top, rng, Proportions(child, stretch, fall))
    return other_clothes(placed, rng) if rng.random() < 0.35 else placed


def company(source: Source, rng: Generator, placed: Placed, width: int, height: int) -> Layer:
    """Somebody else beside or behind, somewhat further away."""
    size = (placed.mesh[CHIN, 1] - placed.crown[1]) / height
    head = float(np.clip(size * rng.uniform(0.4, 1.0), 0.12, 0.7))
    other = place(source.person(rng), width, height, head, rng.uniform(0.0, 0.5), rng, Proportions(fall=3.0))
    side = rng.choice([-1, 1]) * rng.uniform(0.25, 0.6) * width
    shift = np.float32([[1, 0, side], [0, 1, 0]])
    moved = [cv2.warpAffine(a, shift, (width, height)) for a in (other.layer.light, other.layer.alpha)]
    return light(Layer(*moved), rng)


def furnished(source: Source, rng: Generator, placed: Placed, behind: np.ndarray, flags: float) -> np.ndarray:
    """Things and people put behind the person, often touching them; on either side a flag in a share `flags`."""
    height, width = behind.shape[:2]
    oval = placed.mesh[list(OVAL)]
    breadth = float(np.ptp(oval[:, 0]))
    middle = (float(oval[:, 0].mean()), float(oval[:, 1].mean()))

    def shoulder(side: int) -> tuple[float, float]:
        row = int(np.clip(placed.mesh[CHIN, 1] + rng.uniform(0.05, 0.8) * breadth, 0, height - 1))
        reached = np.flatnonzero(placed.layer.alpha[row] > 0.5)
        edge = middle[0] + side * breadth if len(reached) == 0 else reached[-1 if side > 0 else 0]
        return float(np.clip(edge, 0.02 * width, 0.98 * width)), float(row)

    if rng.random() < 0.15:
        behind = company(source, rng, placed, width, height).on(behind)
    for side in (-1, 1):
        if rng.random() < flags:
            behind = clutter.flag(rng, width, height, shoulder(side), side).on(behind)
        if rng.random() < 0.1:
            behind = clutter.furniture(rng, width, height, shoulder(side), side).on(behind)
    if rng.random() < 0.08:
        behind = clutter.head_rest(rng, width, height, middle, breadth).on(behind)
    return behind


def compose(source: Source, rng: Generator, tallest: int = 900, mix: Mix = Mix()) -> Composite:
    """One composite of any kind."""
    height = int(np.exp(rng.uniform(np.log(320), np.log(tallest))))
    width = int(height * rng.choice(ASPECTS))
    placed = hairdos.dressed(rng, pose(source, rng, width, height), full=0.22, loose=0.3, bearded=0.05)
    return photograph(source, rng, accessories.dressed(rng, placed, chance=0.1), mix)


def photograph(source: Source, rng: Generator, placed: Placed, mix: Mix = Mix()) -> Composite:
    """Put a backdrop behind a person and take the picture."""
    height, width = placed.layer.alpha.shape
    behind, kind = backdrop(source.shared, source.split, rng, placed, width, height)
    behind = np.clip(behind * np.exp(rng.normal(0, 0.2)), 0, 1)
    behind = defocused(rng, furnished(source, rng, placed, behind, mix.flags))
    if mix.alike and rng.random() < mix.alike:  # nothing is drawn by lot for pools that have none of these
        if rng.random() < 0.6:
            behind, kind = plain(rng, width, height), "plain"
        placed = accessories.alike(rng, placed, behind, mix.clothes)
    if rng.random() < 0.2:
        behind = clutter.shadow(rng, behind, placed.layer.alpha)
    layer, behind = camera.optics(rng, light(placed.layer, rng), behind.astype(np.float32))
    # What is measured by 8 bits is the truth to 8 bits, ends included.
    alpha = np.where(layer.alpha < 0.008, 0, np.where(layer.alpha > 0.992, 1, layer.alpha)).astype(np.float32)
    picture = camera.exposure(rng, Layer(layer.light, alpha).on(behind))
    return Composite(camera.file(rng, camera.sensor(rng, picture)), alpha, kind)


def store(stem: Path, rgb: np.ndarray, alpha: np.ndarray) -> None:
    """Write picture and alpha (uint8) and the coarse mask of it; the picture last, as the sign that both are there."""
    small = cv2.resize(segment_person(rgb, "selfie"), SEMANTIC_SHAPE_PX[::-1], interpolation=cv2.INTER_AREA)
    cv2.imwrite(f"{stem}.coarse.png", (small * 255).round().astype(np.uint8))
    part = stem.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, np.dstack([rgb, alpha]))
    part.replace(stem.with_suffix(".npy"))


def write(source: Source, folder: Path, seed: int, number: int, mix: Mix) -> None:
    """Make one composite and its files, unless they are there."""
    stem = folder / f"{number:05d}"
    if not stem.with_suffix(".npy").exists():
        made = compose(source, np.random.default_rng((seed, number)), mix=mix)
        store(stem, made.rgb, (made.alpha * 255).round().astype(np.uint8))


def _range(job: tuple[Source, Path, int, range, Mix]) -> None:
    cv2.setNumThreads(1)
    source, folder, seed, numbers, mix = job
    for number in numbers:
        write(source, folder, seed, number, mix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=("train", "val", "test"), default="train")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alike", type=float, default=0.0, help="share in which things worn look like the backdrop")
    parser.add_argument("--clothes", type=float, default=Mix.clothes, help="share of these in which clothes do")
    parser.add_argument("--flags", type=float, default=Mix.flags, help="chance of a flag on either side")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    source = Source(arguments.shared, arguments.mattes, arguments.split)
    mix = Mix(arguments.alike, arguments.clothes, arguments.flags)
    parts = [range(i, arguments.count, arguments.workers) for i in range(arguments.workers)]
    with ProcessPoolExecutor(arguments.workers) as pool:
        list(pool.map(_range, [(source, arguments.out, arguments.seed, part, mix) for part in parts]))
    print(f"{len(list(arguments.out.glob('*.npy')))} composites")


if __name__ == "__main__":
    main()
