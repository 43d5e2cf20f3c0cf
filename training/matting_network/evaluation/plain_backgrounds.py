"""Measure the gain from the bounds of colours before plain backgrounds of several colours.

    python -m training.matting_network.evaluation.plain_backgrounds DATA/mattes --split val

Recovered people are composited before plain backgrounds. These are 12 % darker at the top than in the middle and 12 %
lighter at the bottom, and have noise with a standard deviation of two 8-bit levels. Printed for each background:

- the SAD of the network alone, with alpha raised, and with alpha raised and lowered;
- the number of people for whom lowering made the SAD worse;
- the error of the colours around the edge, in 8-bit levels, with the last alpha, over white, black, red and blue:
  before and after the background is unmixed from them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np

from idphoto.colour import composite
from idphoto.matting import bounds, foreground
from idphoto.matting.backends.hair import Hair, load
from idphoto.matting.solid import make_solid
from idphoto.segmentation.person import segment_person
from training.matting_network.data.sample_files import read_matte
from training.matting_network.data.split import SPLITS, files_of_split
from training.matting_network.evaluation.metrics import sum_absolute_difference

BACKGROUND_COLOURS = {
    "blue": (67, 142, 219), "red": (200, 30, 40), "green": (40, 150, 80), "teal": (20, 110, 120), "navy": (25, 35, 80),
    "beige": (222, 200, 170), "skin": (205, 155, 130), "white": (245, 245, 245),
}  # fmt: skip
SHADE = 0.12
"""Change of brightness from the middle to the top or the bottom."""

NOISE_LEVELS = 2.0

NEW_BACKGROUNDS = (255, 255, 255), (0, 0, 0), (217, 0, 27), (98, 148, 206)


def compose(
    background: tuple[int, int, int], matte: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Composite a person before a background of one colour, unevenly lit; return uint8 sRGB."""
    colours, alpha = matte
    height, width = alpha.shape
    shade = 1 + SHADE * np.linspace(-1, 1, height)[:, None, None]
    behind = np.clip(np.broadcast_to(np.array(background) * shade, (height, width, 3)), 0, 255).astype(np.uint8)
    picture = composite(colours, alpha, behind)
    return np.clip(picture + rng.normal(0, NOISE_LEVELS, picture.shape), 0, 255).astype(np.uint8)


def measure_errors(matting: Hair, rgb: np.ndarray, person: tuple[np.ndarray, np.ndarray]) -> tuple[float, ...]:
    """Measure one picture.

    Returns the SAD of the network alone, with alpha raised, and with alpha raised and lowered; then the errors of the
    colours before and after unmixing.
    """
    colours, truth = person
    mask = segment_person(rgb, "selfie")
    raw = matting.alone(rgb, mask)
    alone, doubted = make_solid(raw, mask), bounds.measure_doubt(raw)
    with patch.object(bounds, "_lower", lambda *_: None):
        raised = bounds.limit_alpha(rgb, alone, doubted)
    alpha = bounds.limit_alpha(rgb, alone, doubted)
    with patch.object(foreground, "_limits", lambda *_: None):
        mixed = foreground.estimate_foreground(rgb, alpha)
    edge = cv2.dilate(((truth > 0) & (truth < 1)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0

    def colour_error(found: np.ndarray) -> float:
        composites = (
            (composite(found, alpha, new), composite(colours, truth, new)) for new in map(np.uint8, NEW_BACKGROUNDS)
        )
        return float(np.mean([np.abs(one[edge].astype(int) - other[edge]).mean() for one, other in composites]))

    matte = (
        sum_absolute_difference(alone, truth),
        sum_absolute_difference(raised, truth),
        sum_absolute_difference(alpha, truth),
    )
    return *matte, colour_error(mixed), colour_error(foreground.estimate_foreground(rgb, alpha))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="val")
    arguments = parser.parse_args()
    matting = load()
    people = [read_matte(path) for path in files_of_split(arguments.mattes, arguments.split, "*.png")]
    print(f"{len(people)} people")
    print("| background | alone | raised | raised and lowered | worse by lowering | colours | unmixed |")
    print("|---|---|---|---|---|---|---|")
    for name, colour in BACKGROUND_COLOURS.items():
        rng = np.random.default_rng(1)
        found = np.array([measure_errors(matting, compose(colour, person, rng), person) for person in people])
        means = found.mean(axis=0)
        cells = " | ".join(f"{value:.3f}" for value in means[:3])
        worse = int((found[:, 2] > found[:, 1] + 0.01).sum())
        print(f"| {name} | {cells} | {worse} | {means[3]:.2f} | {means[4]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
