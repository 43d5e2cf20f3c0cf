"""Shipped weights become a checkpoint that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which is no dependency of the package")
pytest.importorskip("onnx", reason="training needs ONNX, which is no dependency of the package")

if TYPE_CHECKING:
    from pathlib import Path


def test_a_network_is_the_same_after_export_and_back(tmp_path: Path) -> None:
    from training.matting_network.export.from_onnx import load_network
    from training.matting_network.export.to_onnx import largest_difference, write_graphs
    from training.matting_network.learning.network import MattingNetwork

    torch.manual_seed(0)
    net = MattingNetwork().eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    paths = write_graphs(net, tmp_path)
    assert largest_difference(net, paths) < 1e-4
    assert largest_difference(load_network(tmp_path), paths) < 1e-4


def test_training_goes_on_from_shipped_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from idphoto.matting.backends import hair
    from training.matting_network.export import from_onnx
    from training.matting_network.learning.train import Stage, Trainer

    monkeypatch.setattr("sys.argv", ["resumed", str(hair.WEIGHTS_FOLDER), str(tmp_path), "--step", "70", "--seed", "4"])
    from_onnx.main()
    trainer = Trainer(1, Stage(80, begin=70, freeze=True), torch.device("cpu"))
    trainer.restore(tmp_path / "last.pt")
    assert (trainer.step, trainer.seed) == (70, 4)
    shipped = from_onnx.load_network(hair.WEIGHTS_FOLDER).state_dict()
    assert all(torch.equal(value, shipped[name]) for name, value in trainer.mean.state_dict().items())
