"""Make contact sheets of real photos, cut out and composited over white, blue and red, for inspection.

    python -m training.matting_network.evaluation.contact_sheets ../shared/portraits/scenes DATA/sheets
    python -m training.matting_network.evaluation.contact_sheets ../shared/portraits/studio DATA/studio --across 4 \
        --photos-per-sheet 2

Each photo becomes a block: the photo itself, then the result on each colour, as the package makes it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

import idphoto
from idphoto.colour import composite, parse_colour
from idphoto.matting.foreground import estimate_foreground
from training.matting_network.data.split import SPLITS, files_of_split

NEW_BACKGROUNDS = ("#FFFFFF", "#6294CE", "#D9001B")


def make_block(path: Path, matting: str, zoom: float, across: int) -> np.ndarray:
    """Make the block of one photo, with `across` pictures in a row."""
    photo = idphoto.cutout(path, form="mask", matter=matting)
    colours = estimate_foreground(photo.picture, photo.alpha)
    new_backgrounds = [np.array(parse_colour(colour), np.uint8) for colour in NEW_BACKGROUNDS]
    shown = [photo.picture, *(composite(colours, photo.alpha, new) for new in new_backgrounds)]
    wide = np.vstack([np.hstack(shown[i : i + across]) for i in range(0, len(shown), across)])
    wide = cv2.resize(wide, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA)
    cv2.putText(wide, path.stem, (6, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(wide, path.stem, (6, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return wide


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--matter", default="hair", help="matting backend")
    parser.add_argument("--split", choices=SPLITS)
    parser.add_argument("--names", nargs="*", help="only these photos")
    parser.add_argument("--zoom", type=float, default=1.0)
    parser.add_argument("--across", type=int, choices=(1, 2, 4), default=2, help="pictures in a row")
    parser.add_argument("--photos-per-sheet", type=int, default=1)
    arguments = parser.parse_args()
    photos = (
        files_of_split(arguments.photos, arguments.split) if arguments.split else sorted(arguments.photos.glob("*.jpg"))
    )
    if arguments.names:
        photos = [path for path in photos if path.stem in arguments.names]
    arguments.out.mkdir(parents=True, exist_ok=True)
    every = arguments.photos_per_sheet
    for start in range(0, len(photos), every):
        group = photos[start : start + every]
        blocks = [make_block(path, arguments.matter, arguments.zoom, arguments.across) for path in group]
        wide = max(entry.shape[1] for entry in blocks)
        sheet = np.vstack([np.pad(entry, ((0, 0), (0, wide - entry.shape[1]), (0, 0))) for entry in blocks])
        cv2.imwrite(str(arguments.out / f"{'-'.join(path.stem for path in group)}.png"), sheet[..., ::-1])


if __name__ == "__main__":
    main()
