"""What the colours of the edge are worth before rooms, photographs and drawn walls, beside a peer's.

    python -m training.matting_network.evaluation.edge_colours ../shared DATA/mattes --split val

Recovered people are laid on unseen backgrounds, whose truth is known, and cut out. Their colours are
taken as they are, by pymatting's multi-level estimate (Germer et al., ICPR 2020) and by the package,
with the true alpha and with the package's own, and laid on white, black, red and blue: by how many codes
are they off the truth where neither is all there is? And how long does it take, at 640x800?
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import composite
from idphoto.matting.backends.hair import load
from idphoto.matting.foreground import foreground
from idphoto.segmentation.person import segment_person
from training.matting_network.data.evaluation_composites import load_matte
from training.matting_network.data.split import files
from training.matting_network.drawing.background_pictures import background, defocus
from training.matting_network.evaluation.plain_backgrounds import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    Estimate = Callable[[np.ndarray, np.ndarray], np.ndarray]

EDGE = 0.02, 0.98
QUALITY = 92  # of the JPEG


def multi_level(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Pymatting's estimate; it is made on sRGB."""
    from pymatting import estimate_foreground_ml

    found = estimate_foreground_ml(rgb / 255.0, alpha.astype(np.float64))
    return (np.clip(found, 0, 1) * 255).round().astype(np.uint8)


METHODS: dict[str, Estimate] = {"none": lambda rgb, _: rgb, "pymatting": multi_level, "package": foreground}


def off(found: np.ndarray, alpha: np.ndarray, person: tuple[np.ndarray, np.ndarray]) -> float:
    """Codes that a person laid on other colours is off the truth, along the true edge."""
    colours, truth = person
    edge = (truth > EDGE[0]) & (truth < EDGE[1])
    laid = ((composite(found, alpha, page), composite(colours, truth, page)) for page in map(np.uint8, PAGES))
    return float(np.mean([np.abs(one[edge].astype(int) - other[edge]).mean() for one, other in laid]))


def pictured(person: tuple[np.ndarray, np.ndarray], shared: Path, split: str, seed: tuple[int, int]) -> np.ndarray:
    """A person before something, as a JPEG file has it."""
    rng = np.random.default_rng(seed)
    colours, alpha = person
    behind, _ = background(shared, split, rng, alpha.shape[1], alpha.shape[0])
    picture = composite(colours, alpha, defocus(behind, abs(rng.normal(0, 3.0))))
    picture = np.clip(picture + rng.normal(0, 1, picture.shape), 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return np.ascontiguousarray(cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--per-person", type=int, default=2)
    arguments = parser.parse_args()
    matter = load()
    errors: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    spent: dict[str, list[float]] = {name: [] for name in METHODS}
    people = [load_matte(path) for path in files(arguments.mattes, arguments.split, "*.png")]
    for number, person in enumerate(people):
        for turn in range(arguments.per_person):
            rgb = pictured(person, arguments.shared, arguments.split, (number, turn))
            alpha = matter(rgb, segment_person(rgb, "selfie"))
            large = cv2.resize(rgb, (640, 800)), cv2.resize(alpha, (640, 800))
            for name, estimate in METHODS.items():
                errors[name].append(tuple(off(estimate(rgb, layer), layer, person) for layer in (person[1], alpha)))
                began = time.perf_counter()
                estimate(*large)
                spent[name].append(time.perf_counter() - began)
    print(f"{len(people)} people, {len(people) * arguments.per_person} pictures")
    print("| colours | with the true alpha | with our own | milliseconds |\n|---|---|---|---|")
    for name in METHODS:
        true, own = np.mean(errors[name], axis=0)
        print(f"| {name} | {true:.2f} | {own:.2f} | {np.median(spent[name]) * 1000:.0f} |")


if __name__ == "__main__":
    main()
