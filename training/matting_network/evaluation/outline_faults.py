"""Count faults on real photos, against the outlines drawn by hand.

    python -m training.matting_network.evaluation.outline_faults ../shared/portraits/scenes --split val
    python -m training.matting_network.evaluation.outline_faults ../shared/portraits/scenes \
        ../shared/portraits/studio --json faults.json

The photos are cut out as the package cuts them out. A scrap is a connected piece that is certainly background and was
kept. A loss is a connected piece that is certainly person and was lost. Between the outlines (about four pixels along
plain edges, and all of fine hair) nothing is judged. A photo is at fault if it has a scrap or a loss of at least
`MIN_VISIBLE_PX`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

import idphoto
from training.matting_network.data.outlined_photos import draw_truth, read_outlines
from training.matting_network.data.split import SPLITS, split_of

KEPT_ALPHA, LOST_ALPHA = 0.25, 0.75
"""Background counts as kept above the first alpha, person as lost below the second."""

MIN_VISIBLE_PX = 12
"""Area of the smallest piece that is noticed without searching, on photos of 480x600 pixels."""


def measure_pieces(mask: np.ndarray) -> list[int]:
    """Measure the areas of the connected pieces, the largest first."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return sorted((int(area) for area in stats[1:, cv2.CC_STAT_AREA]), reverse=True)


def find_faults(alpha: np.ndarray, name: str) -> tuple[list[int], list[int]]:
    """Find the visible scraps and losses of a matte; return their areas, the largest first.

    `name` is the photo, without ending.
    """
    drawn = draw_truth(name)
    kept, lost = (
        measure_pieces((drawn == 0) & (alpha > KEPT_ALPHA)),
        measure_pieces((drawn == 255) & (alpha < LOST_ALPHA)),
    )
    return [area for area in kept if area >= MIN_VISIBLE_PX], [area for area in lost if area >= MIN_VISIBLE_PX]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders")
    parser.add_argument("--split", choices=SPLITS, help="only photos of this split")
    parser.add_argument("--matter", default="auto", help="matting backend")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found: dict[str, dict[str, list[int]]] = {}
    files = {path.stem: path for folder in arguments.photos for path in folder.glob("*.jpg")}
    for name in sorted(read_outlines()):
        file = files.get(name)
        if file and arguments.split in (None, split_of(name)):
            photo = idphoto.cutout(file, form="mask", matter=arguments.matter)
            scraps, losses = find_faults(photo.alpha, name)
            found[name] = {"scraps": scraps, "losses": losses}
            if scraps or losses:
                print(name, split_of(name), "scraps", scraps, "losses", losses, flush=True)
    for split in SPLITS:
        names = [name for name in found if split_of(name) == split]
        if names:
            bad = [name for name in names if found[name]["scraps"] or found[name]["losses"]]
            areas = [sum(found[name][kind]) for kind in ("scraps", "losses") for name in names]
            print(f"{split}: {len(bad)} of {len(names)} photos at fault; {sum(areas) / len(names):.1f} pixels a photo")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
