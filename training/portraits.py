"""The portraits that people were recovered from, as they are: before one plain wall, with exact alpha.

    python -m training.portraits ../shared/portraits/studio DATA/mattes DATA/portraits

writes what ``training.pool`` writes, for the training split. Composites show people before other
walls than the one they stood before; the gaps between curls, in earrings and beside necks, through
which a wall is seen in its own shade, no composite shows as they were. Pictures are enlarged to the
size at which the network sees small ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from idphoto.matting.bounds import bounded, ramp
from idphoto.matting.hair import SMALL
from idphoto.segmentation import person as segment
from training.composites import load_matte
from training.mattes import blueness, fit_backdrop
from training.pool import store
from training.split import files

WALL = (0.35, 0.6)
"""What is not blue, as a share: below the first a pixel shows the wall, above the second it may not."""

HEAD = 0.62
"""Share of the height above which nothing of the person is as blue as the wall; below are clothes, which may be."""

EYES = 0.1
"""Distance from what is let through, as a share of the height, from which on blue is that of eyes."""


def exact(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Alpha of a portrait, after what its wall says: hair and skin are not blue, and darker hair lets less through."""
    height = len(rgb)
    shown = rgb.astype(np.float32) / 255
    key = 1 - blueness(shown, fit_backdrop(shown, segment(rgb, "selfie")))
    most = key + (1 - key) * ramp(key, *WALL)
    inside = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5) > EYES * height
    clothes = np.arange(height)[:, None] > HEAD * height
    return bounded(rgb, np.where(inside | clothes, alpha, np.minimum(alpha, most)).astype(np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in files(arguments.mattes, "train", "*.png"):
        rgb = cv2.cvtColor(cv2.imread(str(arguments.portraits / f"{path.stem}.jpg")), cv2.COLOR_BGR2RGB)
        alpha = exact(rgb, load_matte(path)[1])
        zoom = max(1.0, SMALL / max(alpha.shape))
        rgb, alpha = (
            cv2.resize(layer, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC) for layer in (rgb, alpha)
        )
        store(arguments.out / path.stem, rgb, (np.clip(alpha, 0, 1) * 255).round().astype(np.uint8))
    print(f"{len(list(arguments.out.glob('*.npy')))} portraits")


if __name__ == "__main__":
    main()
