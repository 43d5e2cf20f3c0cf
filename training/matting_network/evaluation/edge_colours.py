"""Measure the error of the colours of the edge, beside pymatting's estimate.

    python -m training.matting_network.evaluation.edge_colours ../shared DATA/mattes --split val

Recovered people are composited before unseen rooms, photographs and drawn backgrounds, so that the truth is known, and
are cut out. Their colours are those of the picture, those of pymatting's multi-level estimate (Germer et al.,
ICPR 2020), and those of the package, each with the true alpha and with the package's own. They are composited over
white, black, red and blue. The error is the mean difference from the truth, in 8-bit levels, where the true alpha is
between 0.02 and 0.98. The time is measured at 640x800 pixels.
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
from idphoto.matting.foreground import estimate_foreground
from idphoto.segmentation.person import segment_person
from training.matting_network.data.sample_files import read_matte
from training.matting_network.data.split import files_of_split
from training.matting_network.drawing.background_pictures import choose_picture, defocus
from training.matting_network.evaluation.plain_backgrounds import NEW_BACKGROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable

    Estimate = Callable[[np.ndarray, np.ndarray], np.ndarray]

EDGE_ALPHA = 0.02, 0.98
"""Bounds of the true alpha of the pixels that count."""

JPEG_QUALITY = 92
TIMED_SIZE = (640, 800)


def estimate_multi_level(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Estimate foreground colours with pymatting, on sRGB."""
    from pymatting import estimate_foreground_ml

    found = estimate_foreground_ml(rgb / 255.0, alpha.astype(np.float64))
    return (np.clip(found, 0, 1) * 255).round().astype(np.uint8)


METHODS: dict[str, Estimate] = {
    "none": lambda rgb, _: rgb,
    "pymatting": estimate_multi_level,
    "package": estimate_foreground,
}


def measure_colour_error(found: np.ndarray, alpha: np.ndarray, person: tuple[np.ndarray, np.ndarray]) -> float:
    """Measure the mean error along the true edge, in 8-bit levels, of a person composited over other colours.

    `found` and `alpha` are the estimated colours and alpha, `person` the true ones.
    """
    colours, truth = person
    edge = (truth > EDGE_ALPHA[0]) & (truth < EDGE_ALPHA[1])
    composites = (
        (composite(found, alpha, new), composite(colours, truth, new)) for new in map(np.uint8, NEW_BACKGROUNDS)
    )
    return float(np.mean([np.abs(one[edge].astype(int) - other[edge]).mean() for one, other in composites]))


def make_picture(person: tuple[np.ndarray, np.ndarray], shared: Path, split: str, seed: tuple[int, int]) -> np.ndarray:
    """Make a picture of a person before a background of the split, with noise and JPEG compression."""
    rng = np.random.default_rng(seed)
    colours, alpha = person
    behind, _ = choose_picture(shared, split, rng, alpha.shape[1], alpha.shape[0])
    picture = composite(colours, alpha, defocus(behind, abs(rng.normal(0, 3.0))))
    picture = np.clip(picture + rng.normal(0, 1, picture.shape), 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.ascontiguousarray(cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1])


def measure_person(
    matting: Callable[[np.ndarray, np.ndarray], np.ndarray], rgb: np.ndarray, person: tuple[np.ndarray, np.ndarray]
) -> dict[str, tuple[float, float, float]]:
    """Measure every method on one picture: error with the true alpha, error with our own, and seconds."""
    alpha = matting(rgb, segment_person(rgb, "selfie"))
    large = cv2.resize(rgb, TIMED_SIZE), cv2.resize(alpha, TIMED_SIZE)
    found = {}
    for name, estimate in METHODS.items():
        true, own = (measure_colour_error(estimate(rgb, layer), layer, person) for layer in (person[1], alpha))
        began = time.perf_counter()
        estimate(*large)
        found[name] = (true, own, time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--per-person", type=int, default=2)
    arguments = parser.parse_args()
    matting = load()
    people = [read_matte(path) for path in files_of_split(arguments.mattes, arguments.split, "*.png")]
    rows = []
    for number, person in enumerate(people):
        for turn in range(arguments.per_person):
            rgb = make_picture(person, arguments.shared, arguments.split, (number, turn))
            rows.append(measure_person(matting, rgb, person))
    print(f"{len(people)} people, {len(rows)} pictures")
    print("| colours | with the true alpha | with our own | milliseconds |\n|---|---|---|---|")
    for name in METHODS:
        true, own, seconds = np.array([row[name] for row in rows]).T
        print(f"| {name} | {true.mean():.2f} | {own.mean():.2f} | {np.median(seconds) * 1000:.0f} |")


if __name__ == "__main__":
    main()
