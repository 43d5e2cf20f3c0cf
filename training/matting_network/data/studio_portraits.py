"""Make training samples from the portraits that people were recovered from, before their own plain background.

    python -m training.matting_network.data.studio_portraits ../shared/portraits/studio DATA/mattes DATA/portraits

The files are those of ``training.matting_network.data.pool``, for the training split. Composites show people before
other backgrounds than their own. Only the portraits themselves show how the real background looks through the gaps
between curls, in earrings and beside necks. The pictures are enlarged to the size at which the network sees small
pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from idphoto.faces import BACKENDS as FACES
from idphoto.matting.backends.hair import MIN_SIDE_PX
from idphoto.matting.bounds import limit_alpha
from idphoto.matting.wall import ramp
from idphoto.segmentation import run_segmenter
from training.matting_network.data.mattes import fit_background, measure_blueness
from training.matting_network.data.sample_files import read_matte, read_rgb, write_sample
from training.matting_network.data.split import files_of_split
from training.matting_network.drawing.people import CHIN, FACE_OVAL

NOT_BLUE_LIMITS = (0.35, 0.6)
"""Key values (1 minus blueness) below which a pixel shows the background, and above which it does not."""

WIDENED_FACE = 1.18
"""Width, in widths of the face, within which blue is that of eyes and glasses."""

BLUE_CLOTHES_KEY = 0.75
BLUE_CLOTHES_SHARE = 0.002
"""Clothes are blue if more than this share of their inner pixels has a key below `BLUE_CLOTHES_KEY`."""

INNER_DEPTH = 0.06
"""Distance of inner pixels from the edge, as a share of the picture's height."""

CLOTHES_BELOW_CHIN = 0.3
"""Face heights below the chin at which clothes begin. Above it nothing of the person is as blue as the background."""

BLUE_CLOTHES_ABOVE_CHIN, BLUE_CLOTHES_TOP = 0.35, 0.62
"""Blue clothes begin so many face heights above the chin, or at this share of the picture's height if it is higher."""

REFUSED = frozenset(
    {
        "B001281", "B001285", "B001306", "C001059", "C001097", "D000629", "E000294", "F000466", "G000576", "G000583",
        "H001086", "J000294", "J000295", "J000307", "K000009", "L000562", "M000871", "M001135", "M001137", "N000002",
        "P000610", "R000609", "R000619", "S001199", "S001200", "S001224", "T000468", "T000488", "W000812",
    }
)  # fmt: skip
"""Portraits whose collar or shoulder has bites or a veil in the matte; all portraits were inspected on red."""

CORRECTIONS = {
    "B000825": [(1, [(0, 334), (30, 330), (40, 350), (20, 410), (0, 410)])],
    "B001303": [(0, [(0, 296), (24, 300), (18, 309), (12, 320), (9, 331), (6, 350), (3, 370), (0, 390)])],
    "C001135": [(1, [(0, 268), (30, 262), (60, 300), (60, 410), (0, 410)])],
}
"""Alpha of clothes that was recovered wrongly: the right value, and the polygon (x, y in pixels) where it holds."""


def face_mask(mesh: np.ndarray, width: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return the pixels of a face whose width is multiplied by `width`."""
    around = mesh[list(FACE_OVAL), :2]
    middle = around.mean(axis=0)
    around = middle + (around - middle) * (width, 1)
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(around.round().astype(np.int32)), 1)
    return mask > 0


def refine_alpha(rgb: np.ndarray, alpha: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Lower alpha where the background shows through.

    Hair and skin are not blue, so that a blue pixel there shows the background; darker hair lets less of it through.
    Eyes, glasses and clothes may be as blue as the background, and keep their alpha.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        The portrait, sRGB.
    alpha : ndarray of float32, shape (H, W)
        The recovered alpha.
    mesh : ndarray
        Landmarks of the face, in pixels.
    """
    height = len(rgb)
    shown = rgb.astype(np.float32) / 255
    key = 1 - measure_blueness(shown, fit_background(shown, run_segmenter(rgb, "selfie")))
    most = key + (1 - key) * ramp(key, *NOT_BLUE_LIMITS)
    chin = float(mesh[CHIN, 1])
    face = chin - float(mesh[FACE_OVAL[0], 1])
    rows = np.arange(height)[:, None]
    depth = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    body = (rows > chin + 0.1 * face) & (depth > INNER_DEPTH * height)
    blue = ((key < BLUE_CLOTHES_KEY) & body).sum() > BLUE_CLOTHES_SHARE * body.sum()
    top = (
        min(chin - BLUE_CLOTHES_ABOVE_CHIN * face, BLUE_CLOTHES_TOP * height)
        if blue
        else chin + CLOTHES_BELOW_CHIN * face
    )
    clothes = rows > top
    own = face_mask(mesh, WIDENED_FACE, alpha.shape)
    found = limit_alpha(rgb, np.where(own | clothes, alpha, np.minimum(alpha, most)).astype(np.float32))
    return np.where(own, np.maximum(found, alpha), found)


def correct_alpha(alpha: np.ndarray, name: str) -> np.ndarray:
    """Apply the corrections that were drawn by hand to a recovered alpha."""
    alpha = alpha.copy()
    for value, corners in CORRECTIONS.get(name, []):
        cv2.fillPoly(alpha, [np.array(corners, np.int32)], value)
    return alpha


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in files_of_split(arguments.mattes, "train", "*.png"):
        rgb = read_rgb(arguments.portraits / f"{path.stem}.jpg")
        mesh = None if path.stem in REFUSED else FACES.get("mediapipe").find_mesh(rgb)
        if mesh is None:
            continue
        alpha = refine_alpha(rgb, correct_alpha(read_matte(path)[1], path.stem), mesh)
        zoom = max(1.0, MIN_SIDE_PX / max(alpha.shape))
        rgb, alpha = (
            cv2.resize(layer, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC) for layer in (rgb, alpha)
        )
        write_sample(arguments.out / path.stem, rgb, (np.clip(alpha, 0, 1) * 255).round().astype(np.uint8))
    print(f"{len(list(arguments.out.glob('*.npy')))} portraits")


if __name__ == "__main__":
    main()
