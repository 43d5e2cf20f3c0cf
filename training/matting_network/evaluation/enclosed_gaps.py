"""Show every gap that a person encloses: it is the wall behind curls, jewellery and lenses, or a hole.

    python -m training.matting_network.evaluation.enclosed_gaps ../shared/portraits/scenes \
        ../shared/portraits/studio --out DATA/gaps

Gaps are counted from some pixels of a picture of 410 rows on, and shown enlarged, the largest first:
each as it was, and beside it on red.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

import idphoto
from idphoto.colour import composite, parse_colour
from idphoto.matting.foreground import foreground
from training.matting_network.evaluation.contact_sheets import PAGES

OPEN = 0.75
"""Alpha below which one sees through."""

ROWS, LEAST = 410, 4
"""Pixels of a gap, at least, on a picture of so many rows."""

ASIDE, SIDE, ACROSS, DOWN = 22, 132, 5, 8
"""What is shown around the middle of a gap (pixels of a picture of `ROWS`), how large; and how many on a sheet."""

RED = np.array(parse_colour(PAGES[-1]), np.uint8)


@dataclass(frozen=True)
class Gap:
    """One gap: its size in pixels of a picture of `ROWS`, whose it is, and how it looks."""

    size: float
    name: str
    tile: np.ndarray


def enclosed(alpha: np.ndarray) -> list[tuple[float, tuple[int, int]]]:
    """Size and middle (row, column) of the gaps that do not reach a border."""
    count, labels, stats, middles = cv2.connectedComponentsWithStats((alpha < OPEN).astype(np.uint8), connectivity=8)
    inner = np.ones(count, dtype=bool)
    inner[0] = False
    for border in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        inner[border] = False
    sizes = stats[:, cv2.CC_STAT_AREA] * (ROWS / len(alpha)) ** 2
    return [
        (float(sizes[i]), (int(middles[i, 1]), int(middles[i, 0]))) for i in np.flatnonzero(inner & (sizes >= LEAST))
    ]


def tile(pictures: tuple[np.ndarray, ...], middle: tuple[int, int], label: str) -> np.ndarray:
    """The surroundings of a gap, in some pictures beside each other."""
    height, width = pictures[0].shape[:2]
    reach = min(round(ASIDE * height / ROWS), height // 2, width // 2)
    top, left = (int(np.clip(at - reach, 0, end - 2 * reach)) for at, end in zip(middle, (height, width), strict=True))
    parts = [picture[top : top + 2 * reach, left : left + 2 * reach] for picture in pictures]
    shown = np.hstack([cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for part in parts])
    cv2.putText(shown, label, (2, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 0), 1, cv2.LINE_AA)
    return np.pad(shown, ((0, 3), (0, 3), (0, 0)))


def gaps(path: Path) -> list[Gap]:
    """All gaps of a photo."""
    photo = idphoto.cutout(path, form="mask")
    found = enclosed(photo.alpha)
    if not found:
        return []
    laid = composite(foreground(photo.picture, photo.alpha), photo.alpha, RED)
    pictures = (photo.picture, laid)
    return [Gap(size, path.stem, tile(pictures, middle, f"{path.stem} {size:.0f}")) for size, middle in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = [path for folder in arguments.photos for path in sorted(folder.glob("*.jpg"))]
    found = sorted((gap for path in files for gap in gaps(path)), key=lambda gap: -gap.size)
    tiles = [gap.tile for gap in found]
    for first in range(0, len(tiles), ACROSS * DOWN):
        sheet = tiles[first : first + ACROSS * DOWN]
        sheet += [np.zeros_like(sheet[0])] * (-len(sheet) % ACROSS)
        rows = [np.hstack(sheet[i : i + ACROSS]) for i in range(0, len(sheet), ACROSS)]
        cv2.imwrite(str(arguments.out / f"{first // (ACROSS * DOWN):03d}.png"), np.vstack(rows)[..., ::-1])
    print(f"{len(found)} gaps in {len({gap.name for gap in found})} of {len(files)} photos")


if __name__ == "__main__":
    main()
