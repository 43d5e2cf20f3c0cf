"""Make training samples from real photos whose outlines were drawn by hand.

    python -m training.matting_network.data.outlined_photos ../shared/portraits/scenes ../shared/portraits/studio \
        DATA/photos

The files are those of ``training.matting_network.data.pool``. Between the two outlines of a photo alpha is not known,
and is 128. Such photos teach and test what belongs to a person; composites teach where the edge is.

``outlines.json`` has a line for each photo: its size, the rings around the pixels that are certainly person, and the
rings around all pixels that may be person (even-odd rule, in pixels). The outlines began as mattes of the network.
Then every photo was inspected along its whole outline at three to six times its size, and each part that was wrong by
more than two pixels was drawn again. The studio portraits among them are those whose matte
``training.matting_network.data.mattes`` refuses; most of these people wear blue.
"""

from __future__ import annotations

import argparse
import json
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from training.matting_network.data.sample_files import read_rgb, write_sample
from training.matting_network.data.split import SPLITS, files_of_split

OUTLINES_FILE = Path(__file__).with_name("outlines.json")

UNKNOWN_ALPHA = 128
"""Alpha between the outlines; elsewhere it is 0 or 255."""


@lru_cache(maxsize=1)
def read_outlines() -> dict[str, dict[str, list]]:
    """Read ``outlines.json``: size and rings of each photo, by its name."""
    return json.loads(OUTLINES_FILE.read_text(encoding="utf-8"))


def draw_truth(name: str) -> np.ndarray:
    """Draw the alpha of a photo, uint8: 0, 255, or `UNKNOWN_ALPHA` between its outlines."""
    drawn = read_outlines()[name]
    width, height = drawn["size"]

    def inside(rings: list[list[int]]) -> np.ndarray:
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.array(ring, np.int32).reshape(-1, 2) for ring in rings], 1)
        return mask > 0

    return np.where(inside(drawn["person"]), 255, np.where(inside(drawn["perhaps"]), UNKNOWN_ALPHA, 0)).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders")
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--at-fault", type=Path, help="only photos with faults in this file, of outline_faults --json")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    wanted = set(read_outlines())
    if arguments.at_fault:
        found = json.loads(arguments.at_fault.read_text(encoding="utf-8"))
        wanted &= {name for name, faults in found.items() if faults["scraps"] or faults["losses"]}
    for photo in (path for folder in arguments.photos for path in files_of_split(folder, arguments.split, "*.jpg")):
        if photo.stem in wanted:
            rgb = read_rgb(photo)
            write_sample(arguments.out / photo.stem, rgb, draw_truth(photo.stem))
    print(f"{len(list(arguments.out.glob('*.npy')))} photos")


if __name__ == "__main__":
    main()
