"""Export the averaged weights as ONNX files.

    python -m training.matting_network.export.to_onnx DATA/run/23600.pt DATA/run/last.pt idphoto/matting

Writes ``hair_semantic.onnx`` and ``hair_detail.onnx`` and prints their SHA-256. Both files are first written to a
temporary folder and run by onnxruntime. Only if onnxruntime computes what PyTorch computes do they replace the files in
the folder given. Needs ``onnx``.

If several checkpoints of one run are given, the mean of their weights is exported. On pictures that the network has
never seen this is better than the last checkpoint alone, because what a late stage has learnt by heart has less weight
(Wortsman et al., "Model soups", ICML 2022).
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from idphoto.matting.backends.hair import DETAIL_FILE, SEMANTIC_FILE
from idphoto.output.files import write_files
from training.matting_network.learning.network import DETAIL_INPUTS, SEMANTIC_SIZE, MattingNetwork, alpha_of

LARGEST_DIFFERENCE = 1e-3
"""Largest difference of any output between onnxruntime and PyTorch."""

TEST_SIZES = ((320, 256), (416, 336))
"""Heights and widths at which the detail branch is compared."""


class DetailToAlpha(torch.nn.Module):
    """The detail branch as it is used: it returns alpha instead of logits."""

    def __init__(self, detail: torch.nn.Module) -> None:
        super().__init__()
        self.detail = detail

    def forward(self, rgb: torch.Tensor, semantic: torch.Tensor) -> torch.Tensor:
        """Return alpha."""
        return alpha_of(self.detail(rgb, semantic))


def load_checkpoints(*checkpoints: Path) -> MattingNetwork:
    """Load the averaged network of a checkpoint, or the mean of several, ready for use."""
    net = MattingNetwork()
    states = [torch.load(path, map_location="cpu", weights_only=True)["mean"] for path in checkpoints]
    net.load_state_dict({name: mean_of([state[name] for state in states]) for name in states[0]})
    return net.eval()


def mean_of(values: list[torch.Tensor]) -> torch.Tensor:
    """Return the mean of weights, or the last value if they are counts."""
    return torch.stack(values).mean(0) if values[0].is_floating_point() else values[-1]


def example_inputs() -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
    """Make inputs of the semantic and of the detail branch, filled with zeros."""
    rows, columns = SEMANTIC_SIZE
    whole = (torch.zeros(1, rows, columns, 3, dtype=torch.uint8), torch.zeros(1, 1, rows, columns))
    part = (torch.zeros(1, 320, 256, 3, dtype=torch.uint8), torch.zeros(1, DETAIL_INPUTS, 80, 64))
    return whole, part


def write_graphs(net: MattingNetwork, folder: Path) -> tuple[Path, Path]:
    """Write both graphs; batch normalisation becomes part of the convolutions."""
    whole, part = example_inputs()
    paths = folder / SEMANTIC_FILE, folder / DETAIL_FILE
    options = {"dynamo": False, "opset_version": 17}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.semantic, whole, str(paths[0]), input_names=["rgb", "coarse"], output_names=["semantic"], **options
        )
        free = {"rgb": {1: "h", 2: "w"}, "semantic": {2: "h4", 3: "w4"}, "alpha": {2: "h", 3: "w"}}
        torch.onnx.export(
            DetailToAlpha(net.detail).eval(), part, str(paths[1]), input_names=["rgb", "semantic"],
            output_names=["alpha"], dynamic_axes=free, **options,
        )  # fmt: skip
    return paths


def largest_difference(
    net: MattingNetwork, paths: tuple[Path, Path], sizes: tuple[tuple[int, int], ...] = TEST_SIZES
) -> float:
    """Return the largest difference between the outputs of onnxruntime and PyTorch, on noise, at several sizes."""
    rng = np.random.default_rng(0)
    semantic, detail = (onnxruntime.InferenceSession(str(p), providers=["CPUExecutionProvider"]) for p in paths)
    worst = 0.0
    with torch.inference_mode():
        rgb = rng.integers(0, 256, (1, *SEMANTIC_SIZE, 3), dtype=np.uint8)
        mask = rng.random((1, 1, *SEMANTIC_SIZE), dtype=np.float32)
        expected = net.semantic(torch.from_numpy(rgb), torch.from_numpy(mask)).numpy()
        worst = max(worst, float(np.abs(semantic.run(None, {"rgb": rgb, "coarse": mask})[0] - expected).max()))
        for height, width in sizes:
            rgb = rng.integers(0, 256, (1, height, width, 3), dtype=np.uint8)
            said = rng.standard_normal((1, DETAIL_INPUTS, height // 4, width // 4), dtype=np.float32)
            expected = DetailToAlpha(net.detail)(torch.from_numpy(rgb), torch.from_numpy(said)).numpy()
            found = detail.run(None, {"rgb": rgb, "semantic": said})[0]
            worst = max(worst, float(np.abs(found - expected).max()))
    return worst


def export(net: MattingNetwork, folder: Path) -> list[Path]:
    """Write both graphs to a folder if they compute what the network computes; otherwise leave the folder as it is."""
    with tempfile.TemporaryDirectory() as temporary:
        paths = write_graphs(net, Path(temporary))
        worst = largest_difference(net, paths)
        print(f"onnxruntime differs from PyTorch by at most {worst:.1e}")
        if worst > LARGEST_DIFFERENCE:
            raise SystemExit(f"That is more than {LARGEST_DIFFERENCE:.0e}; nothing was written.")
        return write_files({folder / path.name: path.read_bytes() for path in paths}, force=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    for path in export(load_checkpoints(*arguments.checkpoints), arguments.folder):
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name, f"{path.stat().st_size / 2**20:.2f} MB")


if __name__ == "__main__":
    main()
