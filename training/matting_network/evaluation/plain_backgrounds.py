"""What the bounds of colours are worth before plain walls of several colours.

    python -m training.matting_network.evaluation.plain_backgrounds DATA/mattes --split val

Recovered people are laid on walls that are 12 % darker above than in the middle, and as much
lighter below, with a noise of two codes; the errors (SAD) are of the network alone, with alpha
raised, and with alpha raised and lowered. Of the colours, it is how many codes the person laid on
white, black, red and blue with the last of these is off the truth around the edge, before and after
the wall is unmixed from them.
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
from idphoto.matting.solid import solid
from idphoto.segmentation.person import segment_person
from training.matting_network.data.evaluation_composites import load_matte
from training.matting_network.data.split import SPLITS, files
from training.matting_network.evaluation.metrics import sad

WALLS = {
    "blue": (67, 142, 219), "red": (200, 30, 40), "green": (40, 150, 80), "teal": (20, 110, 120), "navy": (25, 35, 80),
    "beige": (222, 200, 170), "skin": (205, 155, 130), "white": (245, 245, 245),
}  # fmt: skip
SHADE, NOISE = 0.12, 2.0
PAGES = (255, 255, 255), (0, 0, 0), (217, 0, 27), (98, 148, 206)


def before(wall: tuple[int, int, int], matte: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """A person before a wall."""
    colours, alpha = matte
    height, width = alpha.shape
    shade = 1 + SHADE * np.linspace(-1, 1, height)[:, None, None]
    behind = np.clip(np.broadcast_to(np.array(wall) * shade, (height, width, 3)), 0, 255).astype(np.uint8)
    picture = composite(colours, alpha, behind)
    return np.clip(picture + rng.normal(0, NOISE, picture.shape), 0, 255).astype(np.uint8)


def errors(matter: Hair, rgb: np.ndarray, person: tuple[np.ndarray, np.ndarray]) -> tuple[float, ...]:
    """SAD of the network alone, raised, and raised and lowered; errors of colours before and after unmixing."""
    colours, truth = person
    silhouette = segment_person(rgb, "selfie")
    raw = matter.alone(rgb, silhouette)
    alone, doubted = solid(raw, silhouette), bounds.doubts(raw)
    with patch.object(bounds, "_lower", lambda *_: None):
        raised = bounds.bounded(rgb, alone, doubted)
    alpha = bounds.bounded(rgb, alone, doubted)
    with patch.object(foreground, "_limits", lambda *_: None):
        mixed = foreground.foreground(rgb, alpha)
    edge = cv2.dilate(((truth > 0) & (truth < 1)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0

    def off(found: np.ndarray) -> float:
        laid = ((composite(found, alpha, page), composite(colours, truth, page)) for page in map(np.uint8, PAGES))
        return float(np.mean([np.abs(one[edge].astype(int) - other[edge]).mean() for one, other in laid]))

    matte = sad(alone, truth), sad(raised, truth), sad(alpha, truth)
    return *matte, off(mixed), off(foreground.foreground(rgb, alpha))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="val")
    arguments = parser.parse_args()
    matter = load()
    people = [load_matte(path) for path in files(arguments.mattes, arguments.split, "*.png")]
    print(f"{len(people)} people\n| wall | alone | raised | lowered, too | worse off | colours | unmixed |")
    print("|---|---|---|---|---|---|---|")
    for name, wall in WALLS.items():
        rng = np.random.default_rng(1)
        found = np.array([errors(matter, before(wall, person, rng), person) for person in people])
        means = found.mean(axis=0)
        cells = " | ".join(f"{value:.3f}" for value in means[:3])
        worse = int((found[:, 2] > found[:, 1] + 0.01).sum())
        print(f"| {name} | {cells} | {worse} | {means[3]:.2f} | {means[4]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
