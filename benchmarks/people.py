"""Measure how much of the people in pictures the cutout loses, and how much of the background it keeps.

    python -m benchmarks.people FOLDER [--methods mask cutout] [--save OUT]

``FOLDER/pictures`` holds pictures with people, ``FOLDER/silhouettes`` a one-bit PNG of the same name for each, white
where anybody is. *Missing* is the share of the silhouette, shrunk by 2 pixels, in which alpha is below one half; *kept*
is the area outside the silhouette, grown by 2 pixels, in which alpha is above one half, as a share of the silhouette. A
cutout is *spoilt* if more than 3 % are missing or more than 4 % are kept. Edges and hair cannot be judged this way.

The pictures are split by a hash of their names. Thresholds are chosen on one half, and figures are reported on the
other.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

import idphoto
from idphoto.segmentation import run_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable

RIM_PX = 2  # the silhouette's edge is uncertain by as much
MAX_MISSING, MAX_KEPT = 0.03, 0.04
HALVES = ("tuning", "reporting")


class Outcome(NamedTuple):
    """What a cutout of one picture lost and kept, as shares of the silhouette."""

    name: str
    missing: float
    kept: float
    seconds: float

    @property
    def spoilt(self) -> bool:
        """True if the cutout would be sent back."""
        return self.missing > MAX_MISSING or self.kept > MAX_KEPT


def half_of(name: str) -> str:
    """Return the half that a picture belongs to, by the hash of its name without suffix."""
    return HALVES[hashlib.sha256(name.encode()).hexdigest()[0] >= "8"]


def mask_person(path: Path) -> np.ndarray:
    """Return MediaPipe's mask of the whole picture, the mean with the mirror image."""
    return run_segmenter(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB))


def cut_out(path: Path) -> np.ndarray:
    """Return the alpha of the cutout of a picture; empty if there is an error."""
    try:
        alpha = idphoto.cutout(path).alpha
        assert alpha is not None
        return alpha
    except idphoto.IdPhotoError as error:
        print(f"{path.name}: {error}")
        return np.zeros(cv2.imread(str(path)).shape[:2], np.float32)


METHODS: dict[str, Callable[[Path], np.ndarray]] = {"mask": mask_person, "cutout": cut_out}


def measure(alpha: np.ndarray, silhouette: np.ndarray) -> tuple[float, float]:
    """Return the shares that are missing and kept."""
    square = np.ones((2 * RIM_PX + 1, 2 * RIM_PX + 1), np.uint8)
    inner, outer = cv2.erode(silhouette, square) > 0, cv2.dilate(silhouette, square) > 0
    area = float((silhouette > 0).sum())
    return float((inner & (alpha < 0.5)).sum() / area), float((~outer & (alpha > 0.5)).sum() / area)


def measure_folder(folder: Path, method: Callable[[Path], np.ndarray], save: Path | None = None) -> list[Outcome]:
    """Measure a method on every picture of a folder; with `save`, write the mattes there."""
    outcomes = []
    for path in sorted((folder / "pictures").iterdir()):
        begun = time.perf_counter()
        alpha = method(path)
        seconds = time.perf_counter() - begun
        silhouette = cv2.imread(str(folder / "silhouettes" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE)
        outcomes.append(Outcome(path.stem, *measure(alpha, silhouette), seconds))
        if save is not None:
            cv2.imwrite(str(save / f"{path.stem}.png"), np.rint(alpha * 255).astype(np.uint8))
    return outcomes


def print_table(outcomes: dict[str, list[Outcome]]) -> None:
    """Print a line for each picture, then the counts of each half."""
    methods = list(outcomes)
    print("picture half      " + "".join(f"{name + ': missing':>18}  kept %" for name in methods))
    for row in zip(*outcomes.values(), strict=True):
        cells = "".join(f"{100 * one.missing:18.1f}{100 * one.kept:7.1f}{'*' if one.spoilt else ' '}" for one in row)
        print(f"{row[0].name:8}{half_of(row[0].name):10}{cells}")
    for half in HALVES:
        for name in methods:
            mine = [one for one in outcomes[name] if half_of(one.name) == half]
            missing, kept = (100 * float(np.mean([one[i] for one in mine])) for i in (1, 2))
            spoilt, seconds = sum(one.spoilt for one in mine), float(np.median([one.seconds for one in mine]))
            figures = f"spoilt {spoilt:3} of {len(mine)}; means: missing {missing:.1f} %, kept {kept:.1f} %"
            print(f"{half:10}{name:8} {figures}; median {seconds:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", nargs="*", choices=tuple(METHODS), default=list(METHODS))
    parser.add_argument("--save", type=Path, help="folder for the mattes of the last method")
    arguments = parser.parse_args()
    if arguments.save is not None:
        arguments.save.mkdir(parents=True, exist_ok=True)
    names = arguments.methods
    print_table(
        {
            name: measure_folder(arguments.folder, METHODS[name], arguments.save if name == names[-1] else None)
            for name in names
        }
    )


if __name__ == "__main__":
    main()
