"""Contact sheets of real photos, cut out and laid on white, blue and red, to be looked at.

    python -m training.sheets ../shared/portraits/scenes DATA/sheets
    python -m training.sheets ../shared/portraits/scenes DATA/sheets --checkpoint DATA/run/last.pt --split val

Each photo becomes a row: as it was, then on each colour, enlarged. Every fault is to be counted.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from idphoto.colour import composite, parse_colour
from idphoto.matting.hair import load
from idphoto.stages.cutout import coarse
from training.split import files

PAGES = ("#FFFFFF", "#6294CE", "#D9001B")


def row(rgb: np.ndarray, alpha: np.ndarray, colours: np.ndarray, zoom: float, name: str) -> np.ndarray:
    """One photo and what became of it."""
    tiles = [rgb, *(composite(colours, alpha, np.array(parse_colour(page), np.uint8)) for page in PAGES)]
    wide = np.hstack(tiles)
    wide = cv2.resize(wide, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA)
    cv2.putText(wide, name, (6, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(wide, name, (6, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return wide


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--split", choices=("train", "val", "test"))
    parser.add_argument("--names", nargs="*", help="only these")
    parser.add_argument("--zoom", type=float, default=1.0)
    parser.add_argument("--rows", type=int, default=3, help="photos per sheet")
    arguments = parser.parse_args()
    matter = load() if arguments.checkpoint is None else None
    if matter is None:
        from training.evaluate import torch_matter
        from training.export import load as network

        matter = torch_matter(network(arguments.checkpoint))
    photos = files(arguments.photos, arguments.split) if arguments.split else sorted(arguments.photos.glob("*.jpg"))
    if arguments.names:
        photos = [path for path in photos if path.stem in arguments.names]
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows: list[np.ndarray] = []
    for number, path in enumerate(photos, 1):
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        alpha, colours = matter.with_colours(rgb, coarse(rgb, "selfie"))
        rows.append(row(rgb, alpha, colours, arguments.zoom, path.stem))
        if len(rows) == arguments.rows or number == len(photos):
            wide = max(entry.shape[1] for entry in rows)
            sheet = np.vstack([np.pad(entry, ((0, 0), (0, wide - entry.shape[1]), (0, 0))) for entry in rows])
            cv2.imwrite(str(arguments.out / f"{number:03d}.png"), sheet[..., ::-1])
            rows = []


if __name__ == "__main__":
    main()
