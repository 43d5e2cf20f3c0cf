"""Compare mattes with the true alpha of composites: MediaPipe's mask, the classical backends, the network.

    python -m training.matting_network.evaluation.errors DATA/val
    python -m training.matting_network.evaluation.errors DATA/test --methods coarse guided closed-form hair \
        --json test.json
    python -m training.matting_network.evaluation.errors DATA/val --checkpoint DATA/run/last.pt

The intervals are 95 % bootstrap intervals over people, not over pictures, because the errors of the pictures of one
person are alike. The test split is evaluated only to report, never to choose.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.matting.backends.hair import Hair
from training.matting_network.evaluation.metrics import (
    connectivity_error,
    find_band,
    gradient_error,
    mean_squared_error,
    sum_absolute_difference,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.matting_network.learning.network import MattingNetwork

    Matting = Callable[[np.ndarray, np.ndarray], np.ndarray]
    """A matting backend: picture and person mask to alpha."""

TIMED_SIZES = ((320, 400), (640, 800), (1280, 1600), (3000, 4000))


def backend_of_network(net: MattingNetwork) -> Hair:
    """Make a matting backend of a network that PyTorch runs."""
    import torch

    from training.matting_network.export.to_onnx import DetailToAlpha

    device = next(net.parameters()).device

    def graph(module: torch.nn.Module) -> Callable[..., list[np.ndarray]]:
        def run(*inputs: np.ndarray) -> list[np.ndarray]:
            with torch.inference_mode():
                out = module(*(torch.from_numpy(array).to(device) for array in inputs))
            return [value.cpu().numpy() for value in (out if isinstance(out, tuple) else (out,))]

        return run

    net.eval()
    return Hair(graph(net.semantic), graph(DetailToAlpha(net.detail)))


def backend_by_name(name: str) -> Matting:
    """Return a matting backend by its name.

    ``coarse`` returns the person mask itself, ``mediapipe`` that of the picture alone, without its mirror image.
    """
    if name == "coarse":
        return lambda _, mask: mask
    if name == "mediapipe":
        from idphoto.segmentation import BACKENDS

        return lambda rgb, _: BACKENDS.get("selfie")(rgb)
    from importlib import import_module

    return import_module(f"idphoto.matting.backends.{name.replace('-', '_')}").load()


@lru_cache(maxsize=4)
def read_composites(folder: Path) -> tuple[tuple[str, np.ndarray, np.ndarray, np.ndarray], ...]:
    """Read the person's name, picture, person mask and true alpha of every composite."""
    from idphoto.segmentation.person import segment_person

    index = folder / "index.json"
    names = [(path.stem, path.stem) for path in sorted(folder.glob("*.jpg"))]
    if index.exists():
        names = [(row["name"], row["person"]) for row in json.loads(index.read_text(encoding="utf-8"))]
    found = []
    for name, person in names:
        rgb = np.ascontiguousarray(cv2.imread(str(folder / f"{name}.jpg"))[..., ::-1])
        truth = next(path for path in (folder / f"{name}.png", folder / f"{name}.alpha.png") if path.exists())
        alpha = cv2.imread(str(truth), cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
        found.append((person, rgb, segment_person(rgb, "selfie"), alpha))
    return tuple(found)


def veil_percentage(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Return the percentage of the pixels more than 20 pixels from the person with alpha above 0.02."""
    far = cv2.dilate((truth > 0).astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    return float((alpha[far] > 0.02).mean() * 100) if far.any() else 0.0


def hole_percentage(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Return the percentage of the pixels more than 20 pixels inside the person with alpha below 0.98."""
    deep = cv2.erode((truth >= 1).astype(np.uint8), np.ones((41, 41), np.uint8), borderValue=1) > 0
    return float((alpha[deep] < 0.98).mean() * 100) if deep.any() else 0.0


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "SAD": sum_absolute_difference,
    "MSE": mean_squared_error,
    "GRAD": gradient_error,
    "CONN": connectivity_error,
    "SAD band": lambda alpha, truth: sum_absolute_difference(alpha, truth, find_band(truth)),
    "MSE band": lambda alpha, truth: mean_squared_error(alpha, truth, find_band(truth)),
    "GRAD band": lambda alpha, truth: gradient_error(alpha, truth, find_band(truth)),
    "CONN band": lambda alpha, truth: connectivity_error(alpha, truth, find_band(truth)),
    "veil %": veil_percentage,
    "holes %": hole_percentage,
}


def measure_composites(matting: Matting, folder: Path) -> tuple[list[str], np.ndarray]:
    """Measure every composite; return the person of each, and the `MEASURES`, shape (composites, measures)."""
    rows, people = [], []
    for person, rgb, mask, truth in read_composites(folder):
        alpha = matting(rgb, mask)
        rows.append([measure(alpha, truth) for measure in MEASURES.values()])
        people.append(person)
    return people, np.array(rows)


def mean_errors(matting: Matting, folder: Path) -> dict[str, float]:
    """Return the mean of every measure over all composites."""
    return dict(zip(MEASURES, measure_composites(matting, folder)[1].mean(axis=0), strict=True))


def bootstrap_interval(people: list[str], values: np.ndarray, rounds: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % bootstrap interval (low, high) of the mean of each column, by resampling people."""
    names = sorted(set(people))
    sums = np.array([values[[p == name for p in people]].sum(axis=0) for name in names])
    counts = np.array([people.count(name) for name in names])
    rng = np.random.default_rng(0)
    means = []
    for _ in range(rounds):
        drawn = rng.integers(len(names), size=len(names))
        means.append(sums[drawn].sum(axis=0) / counts[drawn].sum())
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return low, high


def measure_times(matting: Matting, folder: Path, max_s: float = 60.0) -> dict[str, float]:
    """Measure the median milliseconds at each of `TIMED_SIZES`, on one composite scaled to that size.

    A size that would take more than `max_s` seconds for one picture is left out.
    """
    _, rgb, mask, _ = read_composites(folder)[0]
    found: dict[str, float] = {}
    for size in TIMED_SIZES:
        picture, resized = cv2.resize(rgb, size), cv2.resize(mask, size)
        spent: list[float] = []
        while len(spent) < 9 and sum(spent) < max_s * 250:
            began = time.perf_counter()
            matting(picture, resized)
            spent.append((time.perf_counter() - began) * 1000)
        found[f"{size[0]}x{size[1]}"] = float(np.median(spent[1:] or spent))
        if spent[-1] * 4 > max_s * 1000:  # the next size has four times as many pixels, or more
            break
    return found


def load_backend(name: str, checkpoint: Path | None) -> Matting:
    """Load a matting backend; a checkpoint replaces the shipped network."""
    if name != "hair" or checkpoint is None:
        return backend_by_name(name)
    from training.matting_network.export.to_onnx import load_checkpoints

    return backend_of_network(load_checkpoints(checkpoint))


def evaluate(matting: Matting, folder: Path) -> dict[str, dict]:
    """Return the mean and the interval of every measure."""
    people, values = measure_composites(matting, folder)
    low, high = bootstrap_interval(people, values)
    columns = zip(MEASURES, values.mean(axis=0), low, high, strict=True)
    result: dict[str, dict] = {"mean": {}, "interval": {}}
    for measure, mean, below, above in columns:
        result["mean"][measure] = float(mean)
        result["interval"][measure] = [float(below), float(above)]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("composites", type=Path)
    parser.add_argument("--methods", nargs="+", default=["coarse", "guided", "hair"])
    parser.add_argument("--checkpoint", type=Path, help="evaluate this instead of the shipped network")
    parser.add_argument("--times", action="store_true", help="measure the time of one picture as well")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results = {}
    for name in arguments.methods:
        matting = load_backend(name, arguments.checkpoint)
        result = evaluate(matting, arguments.composites)
        result["times"] = measure_times(matting, arguments.composites) if arguments.times else {}
        parts = [
            f"{measure} {mean:.4g} [{result['interval'][measure][0]:.4g}, {result['interval'][measure][1]:.4g}]"
            for measure, mean in result["mean"].items()
        ]
        times = ", ".join(f"{size} {ms:.0f} ms" for size, ms in result["times"].items())
        print(f"{name}: {'; '.join(parts)}; {times}", flush=True)
        results[name] = result
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
