"""Make a checkpoint from the shipped ONNX files, so that training can continue without the original checkpoint.

    python -m training.matting_network.export.from_onnx idphoto/matting DATA/run --step 30400

Writes ``last.pt``, from which ``training.matting_network.learning.train`` continues as from any other checkpoint. In
the ONNX files batch normalisation is part of the convolutions. In the checkpoint it is an identity, so that the next
stage must keep its statistics (``--freeze``). The moments of the optimiser are lost; they start from 0.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch

from idphoto.matting.backends.hair import DETAIL_FILE, SEMANTIC_FILE
from training.matting_network.export.to_onnx import example_inputs
from training.matting_network.learning.network import MattingNetwork, NormedConvolution
from training.matting_network.learning.train import CHECKPOINT, Stage, Trainer

if TYPE_CHECKING:
    from torch import nn


def read_convolutions(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read the weights and biases of a graph, in the order in which they are used."""
    graph = onnx.load(path).graph
    known = {value.name: onnx.numpy_helper.to_array(value) for value in graph.initializer}
    nodes = [node for node in graph.node if node.op_type in ("Conv", "ConvTranspose")]
    return [(known[node.input[1]], known[node.input[2]]) for node in nodes]


def order_of_convolutions(branch: nn.Module, example: tuple[torch.Tensor, ...]) -> list[nn.Module]:
    """Return the convolutions of a branch, in the order in which they are used.

    One with batch normalisation is returned as its `NormedConvolution`.
    """
    order: list[nn.Module] = []
    inner = {conv for module in branch.modules() if isinstance(module, NormedConvolution) for conv in module.children()}
    kinds = (NormedConvolution, torch.nn.Conv2d, torch.nn.ConvTranspose2d)
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


def fill_weights(branch: nn.Module, path: Path, example: tuple[torch.Tensor, ...]) -> None:
    """Copy the weights of a graph into a branch."""
    for module, (weight, bias) in zip(order_of_convolutions(branch, example), read_convolutions(path), strict=True):
        conv, norm = (module[0], module[1]) if isinstance(module, NormedConvolution) else (module, None)
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(weight.copy()))
            if norm is None:
                conv.bias.copy_(torch.from_numpy(bias.copy()))
            else:
                norm.bias.copy_(torch.from_numpy(bias.copy()))
                norm.running_mean.zero_()
                norm.running_var.fill_(1)
                norm.weight.fill_((1 + norm.eps) ** 0.5)


def load_network(folder: Path) -> MattingNetwork:
    """Load the network from the two graphs of a folder, ready for use."""
    net = MattingNetwork().eval()
    whole, part = example_inputs()
    fill_weights(net.semantic, folder / SEMANTIC_FILE, whole)
    fill_weights(net.detail, folder / DETAIL_FILE, part)
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
    state = load_network(arguments.weights).state_dict()
    trainer.net.load_state_dict(state)
    trainer.mean.load_state_dict(state)
    trainer.step = arguments.step
    trainer.save(arguments.out / CHECKPOINT)


if __name__ == "__main__":
    main()
