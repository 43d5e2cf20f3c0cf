"""Compare mattes on composites with exact alpha: MediaPipe's mask, the classical backends, ours.

    python -m training.matting_network.evaluation.errors DATA/val
    python -m training.matting_network.evaluation.errors DATA/test --methods coarse guided closed-form hair --json \
        test.json
    python -m training.matting_network.evaluation.errors DATA/val --checkpoint DATA/run/last.pt

Intervals are 95 % bootstrap intervals over people, not pictures: the pictures of one person err
alike. Look at the test split only to report, never to choose.
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

from idphoto.matting.backends.hair import Hair as Refiner
from training.matting_network.evaluation.metrics import band_of, connectivity, gradient, mse, sad

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.matting_network.learning.network import Hair

SIZES = ((320, 400), (640, 800), (1280, 1600), (3000, 4000))


def torch_matter(net: Hair) -> Refiner:
    """The trained network behind the seam, run by PyTorch."""
    import torch

    from training.matting_network.export.to_onnx import Edge

    device = next(net.parameters()).device

    def graph(module: torch.nn.Module) -> Callable[..., list[np.ndarray]]:
        def run(*inputs: np.ndarray) -> list[np.ndarray]:
            with torch.inference_mode():
                out = module(*(torch.from_numpy(array).to(device) for array in inputs))
            return [value.cpu().numpy() for value in (out if isinstance(out, tuple) else (out,))]

        return run

    net.eval()
    return Refiner(graph(net.semantic), graph(Edge(net.detail)))


def matter_of(name: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A backend by name; ``coarse`` is the mask as it is, ``mediapipe`` that of one look without the mirror."""
    if name == "coarse":
        return lambda _, coarse: coarse
    if name == "mediapipe":
        from idphoto.segmentation import BACKENDS

        return lambda rgb, _: BACKENDS.get("selfie")(rgb)
    from importlib import import_module

    return import_module(f"idphoto.matting.backends.{name.replace('-', '_')}").load()


@lru_cache(maxsize=4)
def pictures(folder: Path) -> tuple[tuple[str, np.ndarray, np.ndarray, np.ndarray], ...]:
    """Person, picture, coarse mask and true alpha of every composite."""
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


def veil(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Share of the pixels far from the person, in per cent, that are not quite background."""
    far = cv2.dilate((truth > 0).astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    return float((alpha[far] > 0.02).mean() * 100) if far.any() else 0.0


def holes(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Share of the pixels well inside the person, in per cent, that are not quite person."""
    deep = cv2.erode((truth >= 1).astype(np.uint8), np.ones((41, 41), np.uint8), borderValue=1) > 0
    return float((alpha[deep] < 0.98).mean() * 100) if deep.any() else 0.0


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "SAD": sad,
    "MSE": mse,
    "GRAD": gradient,
    "CONN": connectivity,
    "SAD band": lambda alpha, truth: sad(alpha, truth, band_of(truth)),
    "MSE band": lambda alpha, truth: mse(alpha, truth, band_of(truth)),
    "GRAD band": lambda alpha, truth: gradient(alpha, truth, band_of(truth)),
    "CONN band": lambda alpha, truth: connectivity(alpha, truth, band_of(truth)),
    "veil %": veil,
    "holes %": holes,
}


def table(matter: Callable[[np.ndarray, np.ndarray], np.ndarray], folder: Path) -> tuple[list[str], np.ndarray]:
    """People, and every measure of every picture."""
    rows, people = [], []
    for person, rgb, coarse, truth in pictures(folder):
        alpha = matter(rgb, coarse)
        rows.append([measure(alpha, truth) for measure in MEASURES.values()])
        people.append(person)
    return people, np.array(rows)


def summary(matter: Callable[[np.ndarray, np.ndarray], np.ndarray], folder: Path) -> dict[str, float]:
    """Mean of every measure."""
    return dict(zip(MEASURES, table(matter, folder)[1].mean(axis=0), strict=True))


def interval(people: list[str], values: np.ndarray, rounds: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Bootstrap interval of the mean of each column, drawing people."""
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


def timing(
    matter: Callable[[np.ndarray, np.ndarray], np.ndarray], folder: Path, patience: float = 60.0
) -> dict[str, float]:
    """Median milliseconds per size, on a picture of the set brought to that size.

    No size is tried that would take more than `patience` seconds.
    """
    _, rgb, coarse, _ = pictures(folder)[0]
    found: dict[str, float] = {}
    for size in SIZES:
        picture, mask = cv2.resize(rgb, size), cv2.resize(coarse, size)
        spent: list[float] = []
        while len(spent) < 9 and sum(spent) < patience * 250:
            began = time.perf_counter()
            matter(picture, mask)
            spent.append((time.perf_counter() - began) * 1000)
        found[f"{size[0]}x{size[1]}"] = float(np.median(spent[1:] or spent))
        if spent[-1] * 4 > patience * 1000:  # the next size has four times as many pixels, or more
            break
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("composites", type=Path)
    parser.add_argument("--methods", nargs="+", default=["coarse", "guided", "hair"])
    parser.add_argument("--checkpoint", type=Path, help="evaluate this instead of the shipped network")
    parser.add_argument("--times", action="store_true", help="measure what a picture costs, too")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results = {}
    for name in arguments.methods:
        if name == "hair" and arguments.checkpoint:
            import torch

            from training.matting_network.learning.network import Hair

            net = Hair()
            net.load_state_dict(torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)["mean"])
            matter: Callable[[np.ndarray, np.ndarray], np.ndarray] = torch_matter(net)
        else:
            matter = matter_of(name)
        people, values = table(matter, arguments.composites)
        low, high = interval(people, values)
        times = timing(matter, arguments.composites) if arguments.times else {}
        columns = zip(MEASURES, values.mean(axis=0), low, high, strict=True)
        results[name] = {"mean": {}, "interval": {}, "times": times}
        parts = []
        for measure, mean, below, above in columns:
            results[name]["mean"][measure] = float(mean)
            results[name]["interval"][measure] = [float(below), float(above)]
            parts.append(f"{measure} {mean:.4g} [{below:.4g}, {above:.4g}]")
        print(f"{name}: {'; '.join(parts)}; {', '.join(f'{k} {v:.0f} ms' for k, v in times.items())}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
