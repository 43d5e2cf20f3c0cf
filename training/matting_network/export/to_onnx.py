"""Export the averaged weights as ONNX and prove that onnxruntime computes what PyTorch does.

    python -m training.matting_network.export.to_onnx DATA/run/23600.pt DATA/run/last.pt idphoto/matting

Writes ``hair_semantic.onnx`` and ``hair_detail.onnx`` and prints their SHA-256. Needs ``onnx``. Of several
checkpoints of one run the mean is taken: on pictures never seen, what a later stage has learnt by heart
weighs less in it (Wortsman et al., "Model soups", ICML 2022).
"""

from __future__ import annotations

import argparse
import hashlib
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from idphoto.matting.backends.hair import DETAIL_FILE, SEMANTIC_FILE
from training.matting_network.learning.network import SIZE, TOLD, Hair, alpha_of


class Edge(torch.nn.Module):
    """The detail branch as it is used: alpha instead of logits."""

    def __init__(self, detail: torch.nn.Module) -> None:
        super().__init__()
        self.detail = detail

    def forward(self, rgb: torch.Tensor, semantic: torch.Tensor) -> torch.Tensor:
        """Alpha."""
        return alpha_of(self.detail(rgb, semantic))


def load(*checkpoints: Path) -> Hair:
    """The averaged network of a checkpoint, or the mean of several, for use."""
    net = Hair()
    states = [torch.load(path, map_location="cpu", weights_only=True)["mean"] for path in checkpoints]
    net.load_state_dict({name: mean([state[name] for state in states]) for name in states[0]})
    return net.eval()


def mean(values: list[torch.Tensor]) -> torch.Tensor:
    """The mean of weights; of counts, the last."""
    return torch.stack(values).mean(0) if values[0].is_floating_point() else values[-1]


def inputs() -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
    """What either branch takes, all zero."""
    rows, columns = SIZE
    whole = (torch.zeros(1, rows, columns, 3, dtype=torch.uint8), torch.zeros(1, 1, rows, columns))
    part = (torch.zeros(1, 320, 256, 3, dtype=torch.uint8), torch.zeros(1, TOLD, 80, 64))
    return whole, part


def write(net: Hair, folder: Path) -> tuple[Path, Path]:
    """Both graphs; batch normalisation is folded into the convolutions."""
    whole, part = inputs()
    paths = folder / SEMANTIC_FILE, folder / DETAIL_FILE
    options = {"dynamo": False, "opset_version": 17}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.semantic, whole, str(paths[0]), input_names=["rgb", "coarse"], output_names=["semantic"], **options
        )
        free = {"rgb": {1: "h", 2: "w"}, "semantic": {2: "h4", 3: "w4"}, "alpha": {2: "h", 3: "w"}}
        torch.onnx.export(
            Edge(net.detail).eval(), part, str(paths[1]), input_names=["rgb", "semantic"],
            output_names=["alpha"], dynamic_axes=free, **options,
        )  # fmt: skip
    return paths


def difference(
    net: Hair, paths: tuple[Path, Path], sizes: tuple[tuple[int, int], ...] = ((320, 256), (416, 336))
) -> float:
    """Largest difference of the outputs on noise, at several sizes."""
    rng = np.random.default_rng(0)
    semantic, detail = (onnxruntime.InferenceSession(str(p), providers=["CPUExecutionProvider"]) for p in paths)
    worst = 0.0
    with torch.inference_mode():
        rgb = rng.integers(0, 256, (1, *SIZE, 3), dtype=np.uint8)
        coarse = rng.random((1, 1, *SIZE), dtype=np.float32)
        ours = net.semantic(torch.from_numpy(rgb), torch.from_numpy(coarse)).numpy()
        worst = max(worst, float(np.abs(semantic.run(None, {"rgb": rgb, "coarse": coarse})[0] - ours).max()))
        for height, width in sizes:
            rgb = rng.integers(0, 256, (1, height, width, 3), dtype=np.uint8)
            placed = rng.standard_normal((1, TOLD, height // 4, width // 4), dtype=np.float32)
            wanted = Edge(net.detail)(torch.from_numpy(rgb), torch.from_numpy(placed)).numpy()
            got = detail.run(None, {"rgb": rgb, "semantic": placed})[0]
            worst = max(worst, float(np.abs(got - wanted).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    net = load(*arguments.checkpoints)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    paths = write(net, arguments.folder)
    worst = difference(net, paths)
    print(f"onnxruntime differs from PyTorch by at most {worst:.1e}")
    if worst > 1e-3:
        raise SystemExit("that is too much")
    for path in paths:
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name, f"{path.stat().st_size / 2**20:.2f} MB")


if __name__ == "__main__":
    main()
