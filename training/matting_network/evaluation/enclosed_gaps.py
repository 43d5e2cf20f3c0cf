"""Show every gap that a person encloses, so that a human decides if it is background or a hole in the person.

    python -m training.matting_network.evaluation.enclosed_gaps ../shared/portraits/scenes \
        ../shared/portraits/studio --out DATA/gaps

Rightly, the background is visible through curls, jewellery and lenses. Gaps of at least `MIN_GAP_PX` are shown
enlarged, the largest first: as in the photo, and beside it on red.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

import idphoto
from idphoto.colour import composite, parse_colour
from idphoto.matting.foreground import estimate_foreground
from training.matting_network.evaluation.contact_sheets import NEW_BACKGROUNDS

MAX_GAP_ALPHA = 0.75
"""A pixel with less alpha belongs to a gap."""

REFERENCE_ROWS = 410
"""Sizes are given in pixels of a picture of this height."""

MIN_GAP_PX = 4
"""Area of the smallest gap that is shown."""

REACH_PX = 22
"""Distance from the middle of a gap to the border of what is shown, in pixels of a picture of `REFERENCE_ROWS`."""

TILE_SIDE_PX = 132
TILES_ACROSS, TILES_DOWN = 5, 8

RED = np.array(parse_colour(NEW_BACKGROUNDS[-1]), np.uint8)


@dataclass(frozen=True)
class Gap:
    """A gap.

    Attributes
    ----------
    size : float
        Area in pixels of a picture of `REFERENCE_ROWS`.
    name : str
        The photo.
    tile : ndarray of uint8
        Picture of it.
    """

    size: float
    name: str
    tile: np.ndarray


def find_gaps(alpha: np.ndarray) -> list[tuple[float, tuple[int, int]]]:
    """Find the gaps that do not reach a border; return area and middle (row, column) of each."""
    count, labels, stats, middles = cv2.connectedComponentsWithStats(
        (alpha < MAX_GAP_ALPHA).astype(np.uint8), connectivity=8
    )
    inner = np.ones(count, dtype=bool)
    inner[0] = False
    for border in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        inner[border] = False
    sizes = stats[:, cv2.CC_STAT_AREA] * (REFERENCE_ROWS / len(alpha)) ** 2
    return [
        (float(sizes[i]), (int(middles[i, 1]), int(middles[i, 0])))
        for i in np.flatnonzero(inner & (sizes >= MIN_GAP_PX))
    ]


def make_tile(pictures: tuple[np.ndarray, ...], middle: tuple[int, int], label: str) -> np.ndarray:
    """Show the surroundings of a gap in several pictures side by side."""
    height, width = pictures[0].shape[:2]
    reach = min(round(REACH_PX * height / REFERENCE_ROWS), height // 2, width // 2)
    top, left = (int(np.clip(at - reach, 0, end - 2 * reach)) for at, end in zip(middle, (height, width), strict=True))
    parts = [picture[top : top + 2 * reach, left : left + 2 * reach] for picture in pictures]
    shown = np.hstack([cv2.resize(part, (TILE_SIDE_PX, TILE_SIDE_PX), interpolation=cv2.INTER_CUBIC) for part in parts])
    cv2.putText(shown, label, (2, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 0), 1, cv2.LINE_AA)
    return np.pad(shown, ((0, 3), (0, 3), (0, 0)))


def show_gaps(path: Path) -> list[Gap]:
    """Cut out a photo and return all its gaps."""
    photo = idphoto.cutout(path, form="mask")
    found = find_gaps(photo.alpha)
    if not found:
        return []
    on_red = composite(estimate_foreground(photo.picture, photo.alpha), photo.alpha, RED)
    pictures = (photo.picture, on_red)
    return [Gap(size, path.stem, make_tile(pictures, middle, f"{path.stem} {size:.0f}")) for size, middle in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = [path for folder in arguments.photos for path in sorted(folder.glob("*.jpg"))]
    found = sorted((gap for path in files for gap in show_gaps(path)), key=lambda gap: -gap.size)
    tiles = [gap.tile for gap in found]
    for first in range(0, len(tiles), TILES_ACROSS * TILES_DOWN):
        sheet = tiles[first : first + TILES_ACROSS * TILES_DOWN]
        sheet += [np.zeros_like(sheet[0])] * (-len(sheet) % TILES_ACROSS)
        rows = [np.hstack(sheet[i : i + TILES_ACROSS]) for i in range(0, len(sheet), TILES_ACROSS)]
        cv2.imwrite(str(arguments.out / f"{first // (TILES_ACROSS * TILES_DOWN):03d}.png"), np.vstack(rows)[..., ::-1])
    print(f"{len(found)} gaps in {len({gap.name for gap in found})} of {len(files)} photos")


if __name__ == "__main__":
    main()
