"""Make the training pool: composites of every kind, with exact alpha and the person mask of MediaPipe.

    python -m training.matting_network.data.pool ../shared DATA/mattes DATA/pool --count 6000 --seed 1

For each composite two files are written: ``NNNNN.npy``, (H, W, 4) uint8, the decoded JPEG picture and alpha; and
``NNNNN.coarse.png``, the person mask, 8 bit, small. A composite depends on the seed and its number only. So an
interrupted command can be run again, and the number of processes does not matter.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.data.sample_files import write_sample
from training.matting_network.drawing import accessories, camera, clutter, hairdos
from training.matting_network.drawing.backgrounds import choose_background, defocus_by_chance, draw_plain
from training.matting_network.drawing.layers import Layer
from training.matting_network.drawing.people import (
    CHIN,
    FACE_OVAL,
    Person,
    PlacedPerson,
    Proportions,
    load_people,
    place,
    recolour_clothes,
    relight,
)

if TYPE_CHECKING:
    from numpy.random import Generator

ASPECT_RATIOS = (35 / 45, 1.0, 3 / 4, 4 / 5, 335 / 410, 2 / 3)


@dataclass(frozen=True)
class Sources:
    """The folders that people and places are taken from.

    Attributes
    ----------
    shared : Path
        Folder with ``portraits`` and ``backgrounds``.
    mattes : Path
        Folder of recovered mattes.
    split : str
        Only people and places of this split are used.
    """

    shared: Path
    mattes: Path
    split: str = "train"

    def choose_person(self, rng: Generator) -> Person:
        """Choose a person by chance."""
        people, weight = load_people(self.mattes, self.shared / "portraits/studio", self.split)
        return people[rng.choice(len(people), p=weight)]


@dataclass(frozen=True)
class Mix:
    """Shares of the composites that have things which networks often get wrong.

    Attributes
    ----------
    like_background : float
        Things worn have the colour of the background.
    clothes : float
        Clothes have it, too; a share of the above.
    flags : float
        A flag on a given side of the person.
    """

    like_background: float = 0.0
    clothes: float = 0.3
    flags: float = 0.25


@dataclass(frozen=True)
class Composite:
    """A picture whose alpha is known.

    Attributes
    ----------
    jpeg : bytes
        The picture.
    alpha : ndarray of float32, shape (H, W)
        The true alpha.
    kind : str
        Kind of background.
    """

    jpeg: bytes
    alpha: np.ndarray
    kind: str

    @property
    def rgb(self) -> np.ndarray:
        """The decoded picture, (H, W, 3) uint8 sRGB."""
        bgr = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def place_person(sources: Sources, rng: Generator, width: int, height: int) -> PlacedPerson:
    """Place a person by chance in the frame: as on ID photos, or further away."""
    child = rng.uniform(0.3, 1.0) if rng.random() < 0.15 else 0.0
    if rng.random() < 0.3:
        head, stretch, slope = rng.uniform(0.28, 0.5), rng.uniform(1.0, 1.6), rng.uniform(0.8, 4)
    else:
        head, stretch, slope = rng.uniform(0.45, 0.82), rng.uniform(0.95, 1.15), rng.uniform(0.4, 1.5)
    top = rng.uniform(0.03, max(0.05, min(0.3, 0.9 - head)))
    if rng.random() < 0.06:
        top = rng.uniform(-0.15, 0.03)
    placed = place(sources.choose_person(rng), width, height, head, top, rng, Proportions(child, stretch, slope))
    return recolour_clothes(placed, rng) if rng.random() < 0.35 else placed


def draw_bystander(sources: Sources, rng: Generator, placed: PlacedPerson, width: int, height: int) -> Layer:
    """Draw another person beside or behind the first one, somewhat further away."""
    size = (placed.mesh[CHIN, 1] - placed.crown[1]) / height
    head = float(np.clip(size * rng.uniform(0.4, 1.0), 0.12, 0.7))
    other = place(sources.choose_person(rng), width, height, head, rng.uniform(0.0, 0.5), rng, Proportions(slope=3.0))
    side = rng.choice([-1, 1]) * rng.uniform(0.25, 0.6) * width
    shift = np.float32([[1, 0, side], [0, 1, 0]])
    moved = [cv2.warpAffine(a, shift, (width, height)) for a in (other.layer.light, other.layer.alpha)]
    return relight(Layer(*moved), rng)


def add_clutter(sources: Sources, rng: Generator, placed: PlacedPerson, behind: np.ndarray, flags: float) -> np.ndarray:
    """Add things and people to the background; they often touch the person.

    Parameters
    ----------
    sources, rng, placed
        See `photograph`.
    behind : ndarray of float32, shape (H, W, 3)
        The empty background, in linear light.
    flags : float
        Chance of a flag on either side.
    """
    height, width = behind.shape[:2]
    oval = placed.mesh[list(FACE_OVAL)]
    breadth = float(np.ptp(oval[:, 0]))
    middle = (float(oval[:, 0].mean()), float(oval[:, 1].mean()))

    def choose_shoulder_point(side: int) -> tuple[float, float]:
        row = int(np.clip(placed.mesh[CHIN, 1] + rng.uniform(0.05, 0.8) * breadth, 0, height - 1))
        reached = np.flatnonzero(placed.layer.alpha[row] > 0.5)
        edge = middle[0] + side * breadth if len(reached) == 0 else reached[-1 if side > 0 else 0]
        return float(np.clip(edge, 0.02 * width, 0.98 * width)), float(row)

    if rng.random() < 0.15:
        behind = draw_bystander(sources, rng, placed, width, height).on(behind)
    for side in (-1, 1):
        if rng.random() < flags:
            behind = clutter.draw_flag(rng, width, height, choose_shoulder_point(side), side).on(behind)
        if rng.random() < 0.1:
            behind = clutter.draw_furniture(rng, width, height, choose_shoulder_point(side), side).on(behind)
    if rng.random() < 0.08:
        behind = clutter.draw_head_rest(rng, width, height, middle, breadth).on(behind)
    return behind


def make_composite(sources: Sources, rng: Generator, max_height: int = 900, mix: Mix = Mix()) -> Composite:
    """Make one composite of any kind, at least 320 pixels high."""
    height = int(np.exp(rng.uniform(np.log(320), np.log(max_height))))
    width = int(height * rng.choice(ASPECT_RATIOS))
    placed = hairdos.add_hair(rng, place_person(sources, rng, width, height), full=0.22, loose=0.3, bearded=0.05)
    return photograph(sources, rng, accessories.add_accessories(rng, placed, chance=0.1), mix)


def photograph(sources: Sources, rng: Generator, placed: PlacedPerson, mix: Mix = Mix()) -> Composite:
    """Put a background behind a person and simulate the camera."""
    height, width = placed.layer.alpha.shape
    behind, kind = choose_background(sources.shared, sources.split, rng, placed, width, height)
    behind = np.clip(behind * np.exp(rng.normal(0, 0.2)), 0, 1)
    behind = defocus_by_chance(rng, add_clutter(sources, rng, placed, behind, mix.flags))
    # The first condition keeps the random numbers of pools that have no such things as they were.
    if mix.like_background and rng.random() < mix.like_background:
        if rng.random() < 0.6:
            behind, kind = draw_plain(rng, width, height), "plain"
        placed = accessories.add_things_like_background(rng, placed, behind, mix.clothes)
    if rng.random() < 0.2:
        behind = clutter.cast_shadow(rng, behind, placed.layer.alpha)
    layer, behind = camera.blur_by_optics(rng, relight(placed.layer, rng), behind.astype(np.float32))
    # Alpha is stored in 8 bits, so that what is nearly 0 or 1 has to be 0 or 1.
    alpha = np.where(layer.alpha < 0.008, 0, np.where(layer.alpha > 0.992, 1, layer.alpha)).astype(np.float32)
    picture = camera.develop(rng, Layer(layer.light, alpha).on(behind))
    return Composite(camera.encode_jpeg(rng, camera.add_sensor_noise(rng, picture)), alpha, kind)


def write_composite(sources: Sources, folder: Path, seed: int, number: int, mix: Mix) -> None:
    """Make one composite and write its files, unless they exist."""
    stem = folder / f"{number:05d}"
    if not stem.with_suffix(".npy").exists():
        made = make_composite(sources, np.random.default_rng((seed, number)), mix=mix)
        write_sample(stem, made.rgb, (made.alpha * 255).round().astype(np.uint8))


def _write_range(job: tuple[Sources, Path, int, range, Mix]) -> None:
    cv2.setNumThreads(1)
    sources, folder, seed, numbers, mix = job
    for number in numbers:
        write_composite(sources, folder, seed, number, mix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=("train", "val", "test"), default="train")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alike", type=float, default=0.0, help="share in which things worn look like the background")
    parser.add_argument("--clothes", type=float, default=Mix.clothes, help="share of these in which clothes do, too")
    parser.add_argument("--flags", type=float, default=Mix.flags, help="chance of a flag on either side")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    sources = Sources(arguments.shared, arguments.mattes, arguments.split)
    mix = Mix(arguments.alike, arguments.clothes, arguments.flags)
    parts = [range(i, arguments.count, arguments.workers) for i in range(arguments.workers)]
    with ProcessPoolExecutor(arguments.workers) as pool:
        list(pool.map(_write_range, [(sources, arguments.out, arguments.seed, part, mix) for part in parts]))
    print(f"{len(list(arguments.out.glob('*.npy')))} composites")


if __name__ == "__main__":
    main()
