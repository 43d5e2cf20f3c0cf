"""How near the mattes come to the truth, and what they cost.

    python -m benchmarks.matting DATA/test [--kinds benchmarks/matting_kinds.json]

Writes the tables of ``benchmarks/matting.md`` between their markers. ``DATA/test`` is made by
``python -m training.composites ../shared DATA/mattes DATA/test --split test``; nothing was chosen
on it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.speed import insert
from training.evaluate import MEASURES, SIZES, interval, matter_of, pictures, table, timing

if TYPE_CHECKING:
    from collections.abc import Callable

    Matter = Callable[[np.ndarray, np.ndarray], np.ndarray]

PAGE = Path(__file__).with_name("matting.md")

METHODS = {
    "mediapipe": "MediaPipe's mask",
    "coarse": "the same, mean of both ways round",
    "guided": "guided filters",
    "closed-form": "closed form",
    "hair": "**our network**",
}
VARIED = ("guided", "closed-form", "hair")


def mirrored(matter: Matter) -> Matter:
    """Mean of the picture and of its mirror image."""

    def both(rgb: np.ndarray, coarse: np.ndarray) -> np.ndarray:
        flipped = matter(np.ascontiguousarray(rgb[:, ::-1]), np.ascontiguousarray(coarse[:, ::-1]))[:, ::-1]
        return (matter(rgb, coarse) + flipped) / 2

    return both


def enlarged(matter: Matter) -> Matter:
    """The picture at twice its size, the matte reduced again."""

    def twice(rgb: np.ndarray, coarse: np.ndarray) -> np.ndarray:
        height, width = coarse.shape
        size = (2 * width, 2 * height)
        alpha = matter(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), cv2.resize(coarse, size))
        return cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA)

    return twice


def two_passes(matter: Matter) -> Matter:
    """The matte as the coarse mask of a second pass."""
    return lambda rgb, coarse: matter(rgb, matter(rgb, coarse))


VARIANTS: dict[str, Callable[[Matter], Matter]] = {
    "": lambda matter: matter,
    ", mirrored": mirrored,
    ", enlarged": enlarged,
    ", two passes": two_passes,
}


def measured(folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Mean and interval of every measure, by title."""
    found = {}
    for name, title in METHODS.items():
        for suffix, variant in VARIANTS.items():
            if suffix and name not in VARIED:
                continue
            people, values = table(variant(matter_of(name)), folder)
            found[title + suffix] = (values.mean(axis=0), *interval(people, values))
            print(title + suffix, found[title + suffix][0].round(4), flush=True)
    return found


def error_table(found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]], names: list[str]) -> list[str]:
    """Some of the measures as a table."""
    columns = [list(MEASURES).index(name) for name in names]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for title, (mean, low, high) in found.items():
        cells = (f"{mean[i]:.3g} <sub>{low[i]:.3g}..{high[i]:.3g}</sub>" for i in columns)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def times_table(folder: Path) -> list[str]:
    """What one picture costs."""
    sizes = [f"{width}x{height}" for width, height in SIZES]
    lines = [
        f"Milliseconds on {os.cpu_count()} cores ({platform.machine()}), medians, the coarse mask apart; - where one "
        "picture would take minutes.",
        "",
        "| | " + " | ".join(sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for name, title in METHODS.items():
        if name == "coarse":
            continue
        times = timing(matter_of(name), folder)
        lines.append(
            f"| {title} | " + " | ".join(f"{times[size]:.0f}" if size in times else "-" for size in sizes) + " |"
        )
        print(lines[-1], flush=True)
    return lines


def kinds_table(path: Path) -> list[str]:
    """The golden numbers of each kind of hair and headgear."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    return lines + [
        f"| {kind} | " + " | ".join(f"{row[name]:.3g}" for name in names) + " |" for kind, row in rows.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("composites", type=Path)
    parser.add_argument("--kinds", type=Path, help="what training.kinds wrote")
    parser.add_argument("--only-times", action="store_true")
    arguments = parser.parse_args()
    if not arguments.only_times:
        found = measured(arguments.composites)
        people = len({row[0] for row in pictures(arguments.composites)})
        text = [f"{len(pictures(arguments.composites))} composites of {people} people.", ""]
        text += error_table(found, ["SAD", "MSE", "GRAD", "CONN"])
        text += ["", *error_table(found, ["SAD band", "MSE band", "GRAD band", "CONN band", "veil %", "holes %"])]
        insert(PAGE, "errors", "\n".join(text))
    insert(PAGE, "times", "\n".join(times_table(arguments.composites)))
    if arguments.kinds:
        insert(PAGE, "kinds", "\n".join(kinds_table(arguments.kinds)))


if __name__ == "__main__":
    main()
