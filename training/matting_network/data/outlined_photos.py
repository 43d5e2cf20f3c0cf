"""Real photos with outlines drawn by hand: where the person is for certain, and where nobody is.

    python -m training.matting_network.data.outlined_photos ../shared/portraits/scenes ../shared/portraits/studio \
        DATA/photos

writes what ``training.matting_network.data.pool`` writes. Between the two outlines of a photo nothing is known, and
alpha is 128 there: such photos teach and test what belongs to a person, and composites where the
edge runs.

``outlines.json`` has a line per photo: its size, the rings around what is certainly person, and
the rings around all that may be (even-odd rule, pixels). They began as a network's own mattes;
every photo was then looked at along its whole outline at three to six times its size, and whatever
was wrong by more than two pixels was drawn anew. Studio portraits are there whose exact matte
``training.matting_network.data.mattes`` refuses: most wear blue.
"""

from __future__ import annotations

import argparse
import json
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from training.matting_network.data.pool import store
from training.matting_network.data.split import files

OUTLINES = Path(__file__).with_name("outlines.json")

UNKNOWN = 128
"""Alpha where the outlines leave it open; elsewhere it is 0 or 255."""


@lru_cache(maxsize=1)
def outlines() -> dict[str, dict[str, list]]:
    """What was drawn, by photo."""
    return json.loads(OUTLINES.read_text(encoding="utf-8"))


def truth(name: str) -> np.ndarray:
    """Alpha of a photo in 8 bits: 0, 255, or `UNKNOWN` between its outlines."""
    drawn = outlines()[name]
    width, height = drawn["size"]

    def inside(rings: list[list[int]]) -> np.ndarray:
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.array(ring, np.int32).reshape(-1, 2) for ring in rings], 1)
        return mask > 0

    return np.where(inside(drawn["person"]), 255, np.where(inside(drawn["perhaps"]), UNKNOWN, 0)).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders")
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=("train", "val", "test"), default="train")
    parser.add_argument("--at-fault", type=Path, help="only photos with faults in this file, of outline_faults --json")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    wanted = set(outlines())
    if arguments.at_fault:
        found = json.loads(arguments.at_fault.read_text(encoding="utf-8"))
        wanted &= {name for name, faults in found.items() if faults["scraps"] or faults["losses"]}
    for photo in (path for folder in arguments.photos for path in files(folder, arguments.split, "*.jpg")):
        if photo.stem in wanted:
            rgb = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
            store(arguments.out / photo.stem, rgb, truth(photo.stem))
    print(f"{len(list(arguments.out.glob('*.npy')))} photos")


if __name__ == "__main__":
    main()
