"""The portraits that people were recovered from, as they are: before one plain wall, with exact alpha.

    python -m training.matting_network.data.studio_portraits ../shared/portraits/studio DATA/mattes DATA/portraits

writes what ``training.matting_network.data.pool`` writes, for the training split. Composites show people before other
walls than the one they stood before; the gaps between curls, in earrings and beside necks, through
which a wall is seen in its own shade, no composite shows as they were. Pictures are enlarged to the
size at which the network sees small ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from idphoto.faces import BACKENDS as FACES
from idphoto.matting.backends.hair import MIN_SIDE_PX
from idphoto.matting.bounds import bounded
from idphoto.matting.wall import ramp
from idphoto.segmentation import run_segmenter as segment
from training.matting_network.data.evaluation_composites import load_matte
from training.matting_network.data.mattes import blueness, fit_backdrop
from training.matting_network.data.pool import store
from training.matting_network.data.split import files
from training.matting_network.drawing.people import CHIN, OVAL

WALL = (0.35, 0.6)
"""What is not blue, as a share: below the first a pixel shows the wall, above the second it may not."""

FACE = 1.18
"""Breadth, as a share of the face's, within which blue is that of eyes and of spectacles."""

BLUE, DEEP, OFTEN = 0.75, 0.06, 0.002
"""Clothes are blue if a share above the last of what lies deep in them (share of the height) is below the first."""

BELOW, ABOVE, LOWEST = 0.3, 0.35, 0.62
"""Faces below the chin down to which nothing is as blue as the wall; in blue clothes, above it, or share of height."""

UNFIT = frozenset(
    {
        "B001281", "B001285", "B001306", "C001059", "C001097", "D000629", "E000294", "F000466", "G000576", "G000583",
        "H001086", "J000294", "J000295", "J000307", "K000009", "L000562", "M000871", "M001135", "M001137", "N000002",
        "P000610", "R000609", "R000619", "S001199", "S001200", "S001224", "T000468", "T000488", "W000812",
    }
)  # fmt: skip
"""Portraits whose collar or shoulder comes out bitten or veiled; all were looked at, on red."""

MENDED = {
    "B000825": [(1, [(0, 334), (30, 330), (40, 350), (20, 410), (0, 410)])],
    "B001303": [(0, [(0, 296), (24, 300), (18, 309), (12, 320), (9, 331), (6, 350), (3, 370), (0, 390)])],
    "C001135": [(1, [(0, 268), (30, 262), (60, 300), (60, 410), (0, 410)])],
}
"""Clothes whose alpha came out wrong: what it is within a polygon of pixels."""


def oval(mesh: np.ndarray, breadth: float, shape: tuple[int, ...]) -> np.ndarray:
    """Pixels of a face, made broader or narrower."""
    around = mesh[list(OVAL), :2]
    middle = around.mean(axis=0)
    around = middle + (around - middle) * (breadth, 1)
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(around.round().astype(np.int32)), 1)
    return mask > 0


def exact(rgb: np.ndarray, alpha: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Alpha of a portrait, after what its wall says: hair and skin are not blue, and darker hair lets less through.

    `mesh` are the landmarks of the face. What may be as blue as the wall keeps the alpha it has: eyes, spectacles
    and clothes.
    """
    height = len(rgb)
    shown = rgb.astype(np.float32) / 255
    key = 1 - blueness(shown, fit_backdrop(shown, segment(rgb, "selfie")))
    most = key + (1 - key) * ramp(key, *WALL)
    chin = float(mesh[CHIN, 1])
    face = chin - float(mesh[OVAL[0], 1])
    rows = np.arange(height)[:, None]
    depth = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    body = (rows > chin + 0.1 * face) & (depth > DEEP * height)
    blue = ((key < BLUE) & body).sum() > OFTEN * body.sum()
    clothes = rows > (min(chin - ABOVE * face, LOWEST * height) if blue else chin + BELOW * face)
    own = oval(mesh, FACE, alpha.shape)
    found = bounded(rgb, np.where(own | clothes, alpha, np.minimum(alpha, most)).astype(np.float32))
    return np.where(own, np.maximum(found, alpha), found)


def mended(alpha: np.ndarray, name: str) -> np.ndarray:
    """Alpha of a recovered matte with what was drawn by hand."""
    alpha = alpha.copy()
    for value, corners in MENDED.get(name, []):
        cv2.fillPoly(alpha, [np.array(corners, np.int32)], value)
    return alpha


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in files(arguments.mattes, "train", "*.png"):
        rgb = cv2.cvtColor(cv2.imread(str(arguments.portraits / f"{path.stem}.jpg")), cv2.COLOR_BGR2RGB)
        mesh = None if path.stem in UNFIT else FACES.get("mediapipe").find_mesh(rgb)
        if mesh is None:
            continue
        alpha = exact(rgb, mended(load_matte(path)[1], path.stem), mesh)
        zoom = max(1.0, MIN_SIDE_PX / max(alpha.shape))
        rgb, alpha = (
            cv2.resize(layer, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC) for layer in (rgb, alpha)
        )
        store(arguments.out / path.stem, rgb, (np.clip(alpha, 0, 1) * 255).round().astype(np.uint8))
    print(f"{len(list(arguments.out.glob('*.npy')))} portraits")


if __name__ == "__main__":
    main()
