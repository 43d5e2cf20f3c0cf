"""Begin a stage of training from shipped weights, where the checkpoint that they came from is no longer at hand.

    python -m training.matting_network.export.from_onnx idphoto/matting DATA/run --step 30400

writes ``last.pt``, from which ``training.matting_network.learning.train`` goes on as from any other. In the ONNX
files batch
normalisation is part of the convolutions; here it becomes one that changes nothing, so that the stage
must be one with frozen statistics. The optimiser's moments are lost, and rise anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch

from idphoto.matting.backends.hair import DETAIL_FILE, SEMANTIC_FILE
from training.matting_network.export.to_onnx import inputs
from training.matting_network.learning.network import Hair, Normed
from training.matting_network.learning.train import Stage, Trainer

if TYPE_CHECKING:
    from torch import nn


def convolutions(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of a graph, in the order in which they are used."""
    graph = onnx.load(path).graph
    known = {value.name: onnx.numpy_helper.to_array(value) for value in graph.initializer}
    nodes = [node for node in graph.node if node.op_type in ("Conv", "ConvTranspose")]
    return [(known[node.input[1]], known[node.input[2]]) for node in nodes]


def used(branch: nn.Module, example: tuple[torch.Tensor, ...]) -> list[nn.Module]:
    """What has convolutions of a branch, in the order in which they are used."""
    order: list[nn.Module] = []
    inner = {conv for module in branch.modules() if isinstance(module, Normed) for conv in module.children()}
    kinds = (Normed, torch.nn.Conv2d, torch.nn.ConvTranspose2d)
    hooks = [
        module.register_forward_pre_hook(lambda module, _: order.append(module))
        for module in branch.modules()
        if isinstance(module, kinds) and module not in inner
    ]
    with torch.inference_mode():
        branch(*example)
    for hook in hooks:
        hook.remove()
    return order


def fill(branch: nn.Module, path: Path, example: tuple[torch.Tensor, ...]) -> None:
    """Give a branch the weights of its graph."""
    for module, (weight, bias) in zip(used(branch, example), convolutions(path), strict=True):
        conv, norm = (module[0], module[1]) if isinstance(module, Normed) else (module, None)
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(weight.copy()))
            if norm is None:
                conv.bias.copy_(torch.from_numpy(bias.copy()))
            else:
                norm.bias.copy_(torch.from_numpy(bias.copy()))
                norm.running_mean.zero_()
                norm.running_var.fill_(1)
                norm.weight.fill_((1 + norm.eps) ** 0.5)


def load(folder: Path) -> Hair:
    """The network of a folder's two graphs, for use."""
    net = Hair().eval()
    whole, part = inputs()
    fill(net.semantic, folder / SEMANTIC_FILE, whole)
    fill(net.detail, folder / DETAIL_FILE, part)
    return net


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="folder of the two ONNX files")
    parser.add_argument("out", type=Path)
    parser.add_argument("--step", type=int, required=True, help="step at which the weights were shipped")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(arguments.seed, Stage(arguments.step, freeze=True), torch.device("cpu"))
    state = load(arguments.weights).state_dict()
    trainer.net.load_state_dict(state)
    trainer.mean.load_state_dict(state)
    trainer.step = arguments.step
    trainer.save(arguments.out / "last.pt")


if __name__ == "__main__":
    main()
