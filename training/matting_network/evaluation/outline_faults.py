"""Faults on real photos, counted against the outlines drawn by hand.

    python -m training.matting_network.evaluation.outline_faults ../shared/portraits/scenes --split val
    python -m training.matting_network.evaluation.outline_faults ../shared/portraits/scenes \
        ../shared/portraits/studio --json faults.json

The photos are cut out as the package cuts them out. A scrap is a connected piece of what is
certainly nobody and was kept; a loss is one of what is certainly a person and was not. Between the
outlines, some four pixels along plain edges and the whole of fine hair, nothing is judged. A photo
is at fault if it has a scrap or a loss of at least `VISIBLE` pixels.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

import idphoto
from training.matting_network.data.outlined_photos import outlines, truth
from training.matting_network.data.split import SPLITS, split_of

KEPT, LOST = 0.25, 0.75
"""Alpha above which nobody counts as kept, and below which a person counts as lost."""

VISIBLE = 12
"""Pixels of a piece, on photos of 480x600, from which on it is seen without being looked for."""


def pieces(mask: np.ndarray) -> list[int]:
    """Areas of the connected pieces, the largest first."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return sorted((int(area) for area in stats[1:, cv2.CC_STAT_AREA]), reverse=True)


def faults(alpha: np.ndarray, name: str) -> tuple[list[int], list[int]]:
    """Areas of visible scraps and of visible losses."""
    drawn = truth(name)
    kept, lost = pieces((drawn == 0) & (alpha > KEPT)), pieces((drawn == 255) & (alpha < LOST))
    return [area for area in kept if area >= VISIBLE], [area for area in lost if area >= VISIBLE]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+", help="folders")
    parser.add_argument("--split", choices=SPLITS, help="only these")
    parser.add_argument("--matter", default="auto")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found: dict[str, dict[str, list[int]]] = {}
    files = {path.stem: path for folder in arguments.photos for path in folder.glob("*.jpg")}
    for name in sorted(outlines()):
        file = files.get(name)
        if file and arguments.split in (None, split_of(name)):
            photo = idphoto.cutout(file, form="mask", matter=arguments.matter)
            scraps, losses = faults(photo.alpha, name)
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
