"""How near the mattes come to the truth, and what they cost.

    python -m benchmarks.matting DATA/test [--methods hair] [--times]

Writes ``benchmarks/matting.json`` (of methods that are not named, the old figures stay) and from it
and ``matting_kinds.json`` the tables of ``benchmarks/matting.md``, between their markers. ``DATA/test`` is made by
``python -m training.matting_network.data.evaluation_composites ../shared DATA/mattes DATA/test --split test``;
nothing was chosen on it.
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
from training.matting_network.evaluation.errors import MEASURES, SIZES, interval, matter_of, pictures, table, timing

if TYPE_CHECKING:
    from collections.abc import Callable

    Matter = Callable[[np.ndarray, np.ndarray], np.ndarray]

HOME = Path(__file__).parent
PAGE, FIGURES, KINDS = HOME / "matting.md", HOME / "matting.json", HOME / "matting_kinds.json"

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


def measured(folder: Path, name: str) -> dict[str, dict[str, list[float]]]:
    """Mean and interval of every measure, for every variant of a method."""
    found = {}
    for suffix, variant in VARIANTS.items():
        if suffix and name not in VARIED:
            continue
        people, values = table(variant(matter_of(name)), folder)
        rows = zip(values.mean(axis=0), *interval(people, values), strict=True)
        found[suffix] = {key: [float(f"{v:.5g}") for v in row] for key, row in zip(MEASURES, rows, strict=True)}
        print(name + suffix, {key: row[0] for key, row in found[suffix].items()}, flush=True)
    return found


def error_table(figures: dict[str, dict[str, dict[str, list[float]]]], names: list[str]) -> list[str]:
    """Some of the measures as a table."""
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for method, title in METHODS.items():
        for suffix, row in figures.get(method, {}).items():
            cells = (f"{row[i][0]:.3g} <sub>{row[i][1]:.3g}..{row[i][2]:.3g}</sub>" for i in names)
            lines.append(f"| {title}{suffix} | " + " | ".join(cells) + " |")
    return lines


def times_table(times: dict[str, dict[str, float]]) -> list[str]:
    """What one picture costs."""
    sizes = [f"{width}x{height}" for width, height in SIZES]
    lines = ["| | " + " | ".join(sizes) + " |", "|---|" + "---|" * len(sizes)]
    for method, title in METHODS.items():
        if method in times:
            cells = (f"{times[method][size]:.0f}" if size in times[method] else "-" for size in sizes)
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def kinds_table(rows: dict[str, dict[str, float]]) -> list[str]:
    """The golden numbers of each kind of hair and headgear."""
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    return lines + [
        f"| {kind} | " + " | ".join(f"{row[name]:.3g}" for name in names) + " |" for kind, row in rows.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("composites", type=Path)
    parser.add_argument("--methods", nargs="*", choices=tuple(METHODS), default=list(METHODS))
    parser.add_argument("--times", action="store_true", help="measure times instead of errors")
    arguments = parser.parse_args()
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {"errors": {}, "times": {}}
    for name in arguments.methods:
        if arguments.times and name != "coarse":
            figures["times"][name] = {k: round(v, 1) for k, v in timing(matter_of(name), arguments.composites).items()}
            figures["machine"] = f"{os.cpu_count()} cores ({platform.machine()})"
            print(name, figures["times"][name], flush=True)
        elif not arguments.times:
            figures["errors"][name] = measured(arguments.composites, name)
    people = len({row[0] for row in pictures(arguments.composites)})
    figures["set"] = f"{len(pictures(arguments.composites))} composites of {people} people"
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")

    errors = error_table(figures["errors"], ["SAD", "MSE", "GRAD", "CONN"])
    errors += [
        "",
        *error_table(figures["errors"], ["SAD band", "MSE band", "GRAD band", "CONN band", "veil %", "holes %"]),
    ]
    insert(PAGE, "errors", "\n".join([f"{figures['set']}.", "", *errors]))
    if figures["times"]:
        head = f"Milliseconds on {figures['machine']}, medians, without the coarse mask; - where it would take minutes."
        insert(PAGE, "times", "\n".join([head, "", *times_table(figures["times"])]))
    if KINDS.exists():
        insert(PAGE, "kinds", "\n".join(kinds_table(json.loads(KINDS.read_text(encoding="utf-8")))))


if __name__ == "__main__":
    main()
