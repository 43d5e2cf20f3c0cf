"""Measure the errors of mattes against the true alpha, and their time.

    python -m benchmarks.matting DATA/test [--methods hair] [--times]

Writes ``benchmarks/matting.json``; methods that are not named keep their old figures. From it and from
``matting_kinds.json`` it writes the tables of ``benchmarks/matting.md``, between their markers. ``DATA/test`` is made
by ``python -m training.matting_network.data.evaluation_composites ../shared DATA/mattes DATA/test --split test``; no
choice was made on it.
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

from benchmarks.pages import insert_text
from training.matting_network.evaluation.errors import (
    MEASURES,
    TIMED_SIZES,
    backend_by_name,
    bootstrap_interval,
    measure_composites,
    measure_times,
    read_composites,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Matting = Callable[[np.ndarray, np.ndarray], np.ndarray]
    """A matting backend: picture and person mask to alpha."""

FOLDER = Path(__file__).parent
PAGE, RESULTS_FILE, KINDS_FILE = FOLDER / "matting.md", FOLDER / "matting.json", FOLDER / "matting_kinds.json"

METHODS = {
    "mediapipe": "MediaPipe's mask",
    "coarse": "the same, mean with the mirror image",
    "guided": "guided filters",
    "closed-form": "closed form",
    "hair": "**our network**",
}
METHODS_WITH_VARIANTS = ("guided", "closed-form", "hair")


def mean_with_mirror(matting: Matting) -> Matting:
    """Make a backend that takes the mean of the picture and of its mirror image."""

    def both(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
        flipped = matting(np.ascontiguousarray(rgb[:, ::-1]), np.ascontiguousarray(mask[:, ::-1]))[:, ::-1]
        return (matting(rgb, mask) + flipped) / 2

    return both


def at_double_size(matting: Matting) -> Matting:
    """Make a backend that works at twice the size."""

    def twice(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
        height, width = mask.shape
        size = (2 * width, 2 * height)
        alpha = matting(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), cv2.resize(mask, size))
        return cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA)

    return twice


def in_two_passes(matting: Matting) -> Matting:
    """Make a backend that uses its first matte as the mask of a second pass."""
    return lambda rgb, mask: matting(rgb, matting(rgb, mask))


VARIANTS: dict[str, Callable[[Matting], Matting]] = {
    "": lambda matting: matting,
    ", mirrored": mean_with_mirror,
    ", enlarged": at_double_size,
    ", two passes": in_two_passes,
}


def measure_method(folder: Path, name: str) -> dict[str, dict[str, list[float]]]:
    """Measure mean and interval of every measure, for every variant of a method."""
    found = {}
    for suffix, variant in VARIANTS.items():
        if suffix and name not in METHODS_WITH_VARIANTS:
            continue
        people, values = measure_composites(variant(backend_by_name(name)), folder)
        rows = zip(values.mean(axis=0), *bootstrap_interval(people, values), strict=True)
        found[suffix] = {key: [float(f"{v:.5g}") for v in row] for key, row in zip(MEASURES, rows, strict=True)}
        print(name + suffix, {key: row[0] for key, row in found[suffix].items()}, flush=True)
    return found


def format_errors(figures: dict[str, dict[str, dict[str, list[float]]]], names: list[str]) -> list[str]:
    """Format some of the measures as a table."""
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for method, title in METHODS.items():
        for suffix, row in figures.get(method, {}).items():
            cells = (f"{row[i][0]:.3g} <sub>{row[i][1]:.3g}..{row[i][2]:.3g}</sub>" for i in names)
            lines.append(f"| {title}{suffix} | " + " | ".join(cells) + " |")
    return lines


def format_times(times: dict[str, dict[str, float]]) -> list[str]:
    """Format the times of one picture as a table."""
    sizes = [f"{width}x{height}" for width, height in TIMED_SIZES]
    lines = ["| | " + " | ".join(sizes) + " |", "|---|" + "---|" * len(sizes)]
    for method, title in METHODS.items():
        if method in times:
            cells = (f"{times[method][size]:.0f}" if size in times[method] else "-" for size in sizes)
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def format_kinds(rows: dict[str, dict[str, float]]) -> list[str]:
    """Format the errors of each kind of hair and headgear as a table."""
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    return lines + [
        f"| {kind} | " + " | ".join(f"{row[name]:.3g}" for name in names) + " |" for kind, row in rows.items()
    ]


def write_page(results: dict) -> None:
    """Write the tables of ``matting.md``."""
    errors = format_errors(results["errors"], ["SAD", "MSE", "GRAD", "CONN"])
    band = format_errors(results["errors"], ["SAD band", "MSE band", "GRAD band", "CONN band", "veil %", "holes %"])
    insert_text(PAGE, "errors", "\n".join([f"{results['set']}.", "", *errors, "", *band]))
    if results["times"]:
        title = f"Milliseconds on {results['machine']}, medians, without the person mask; - if it would take minutes."
        insert_text(PAGE, "times", "\n".join([title, "", *format_times(results["times"])]))
    if KINDS_FILE.exists():
        insert_text(PAGE, "kinds", "\n".join(format_kinds(json.loads(KINDS_FILE.read_text(encoding="utf-8")))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("composites", type=Path)
    parser.add_argument("--methods", nargs="*", choices=tuple(METHODS), default=list(METHODS))
    parser.add_argument("--times", action="store_true", help="measure times instead of errors")
    arguments = parser.parse_args()
    results = {"errors": {}, "times": {}}
    if RESULTS_FILE.exists():
        results = json.loads(RESULTS_FILE.read_text(encoding="utf-8"))
    for name in arguments.methods:
        if arguments.times and name != "coarse":
            times = measure_times(backend_by_name(name), arguments.composites)
            results["times"][name] = {size: round(ms, 1) for size, ms in times.items()}
            results["machine"] = f"{os.cpu_count()} cores ({platform.machine()})"
            print(name, results["times"][name], flush=True)
        elif not arguments.times:
            results["errors"][name] = measure_method(arguments.composites, name)
    composites = read_composites(arguments.composites)
    people = len({person for person, *_ in composites})
    results["set"] = f"{len(composites)} composites of {people} people"
    RESULTS_FILE.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_page(results)


if __name__ == "__main__":
    main()
