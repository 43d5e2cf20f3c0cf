"""The same seed gives the same network, also when the run was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which is no dependency of the package")


if TYPE_CHECKING:
    from training.matting_network.learning.train import Stage


def pool(folder: Path) -> Path:
    """Three drawn composites, each with its two files."""
    rng = np.random.default_rng(0)
    for number in range(3):
        stem = folder / f"{number:05d}"
        alpha = np.zeros((330, 270), np.uint8)
        cv2.ellipse(alpha, (135 + 9 * number, 330), (90, 240), 0, 0, 360, 255, -1, cv2.LINE_AA)
        alpha = cv2.GaussianBlur(alpha, (0, 0), 2)
        picture = rng.integers(0, 256, (330, 270, 3), dtype=np.uint8)
        cv2.imwrite(f"{stem}.coarse.png", cv2.resize(alpha, (256, 320)))
        np.save(f"{stem}.npy", np.dstack([picture, alpha]))
    return folder


def photos(folder: Path) -> Path:
    """One composite as a photo of which the middle is not known."""
    folder.mkdir()
    layers = np.load(pool(folder) / "00000.npy")
    for number in (1, 2):
        (folder / f"{number:05d}.npy").unlink()
    layers[..., 3] = np.where(layers[..., 3] > 127, 255, 0)
    layers[100:230, :, 3] = 128
    np.save(folder / "00000.npy", layers)
    return folder


def run(folder: Path, stops: list[int], checkpoint: Path, stage: Stage | None = None) -> list[float]:
    """Losses of a run of 6 steps that was stopped and started again at `stops`."""
    from training.matting_network.learning.dataset import TrainingSamples
    from training.matting_network.learning.train import Stage, Trainer, load_batches

    losses = []
    for start, stop in zip([0, *stops], [*stops, 6], strict=True):
        trainer = Trainer(3, stage or Stage(6), torch.device("cpu"))
        if start:
            trainer.restore(checkpoint)
        assert trainer.step == start
        samples = TrainingSamples([folder], 3, start * 2, stop * 2)
        losses += [trainer.learn(batch)["total"] for batch in load_batches(samples, 2, workers=0)]
        trainer.save(checkpoint)
    return losses


@pytest.mark.filterwarnings("ignore")  # PyTorch deprecates parts of itself every month
def test_same_seed_same_losses(tmp_path):
    folder = pool(tmp_path)
    torch.set_num_threads(2)
    first = run(folder, [], tmp_path / "a.pt")
    again = run(folder, [], tmp_path / "b.pt")
    resumed = run(folder, [2], tmp_path / "c.pt")
    assert first == again == resumed
    assert len(set(first)) == 6


@pytest.mark.filterwarnings("ignore")
def test_frozen_statistics_stay(tmp_path):
    """A stage with frozen statistics computes what evaluation does, and goes on learning."""
    from training.matting_network.learning.network import MattingNetwork, freeze_statistics
    from training.matting_network.learning.train import Stage

    folder = pool(tmp_path)
    run(folder, [], tmp_path / "a.pt")
    before = torch.load(tmp_path / "a.pt", weights_only=True)["net"]
    net = MattingNetwork()
    net.load_state_dict(before)
    whole, coarse = torch.randint(0, 255, (1, 320, 256, 3), dtype=torch.uint8), torch.rand(1, 1, 320, 256)
    with torch.no_grad():
        expected = net.eval().semantic(whole, coarse)
        freeze_statistics(net.train())
        assert torch.allclose(net.semantic(whole, coarse), expected, atol=1e-4)
    run(folder, [], tmp_path / "b.pt", Stage(6, freeze=True))
    again = torch.load(tmp_path / "b.pt", weights_only=True)["net"]
    start = MattingNetwork().state_dict()
    assert all(torch.equal(again[name], start[name]) for name in again if "running" in name)
    assert not torch.equal(again["semantic.out.weight"], before["semantic.out.weight"])


@pytest.mark.filterwarnings("ignore")
def test_a_checkpoint_that_was_told_less_goes_on(tmp_path):
    """It computes what it did, whatever it is told now, and can learn on."""
    from idphoto.matting.likeness import PLANES
    from training.matting_network.learning.network import DETAIL_INPUTS
    from training.matting_network.learning.train import Stage, Trainer, load_batches

    folder, path = pool(tmp_path), tmp_path / "a.pt"
    run(folder, [], path)
    state = torch.load(path, weights_only=True)
    join = "detail.join.0.weight"
    place = list(dict(Trainer(3, Stage(6), torch.device("cpu")).net.named_parameters()))
    place = [name for name in place if state["net"][name].ndim > 1].index(join)
    for name in ("net", "mean"):
        state[name][join] = state[name][join][:, :-PLANES].clone()
    for moment in ("exp_avg", "exp_avg_sq"):
        moments = state["optimiser"]["state"][place]
        moments[moment] = moments[moment][:, :-PLANES].clone()
    torch.save(state, path)

    trainer = Trainer(3, Stage(8, begin=6), torch.device("cpu"))
    trainer.restore(path)
    rgb, known = torch.randint(0, 255, (1, 64, 64, 3), dtype=torch.uint8), torch.rand(1, DETAIL_INPUTS, 16, 16)
    other = known.clone()
    other[:, -PLANES:] = torch.rand(1, PLANES, 16, 16)
    with torch.no_grad():
        assert torch.equal(trainer.mean.detail(rgb, known), trainer.mean.detail(rgb, other))
    from training.matting_network.learning.dataset import TrainingSamples

    learnt = [
        trainer.learn(batch)["total"] for batch in load_batches(TrainingSamples([folder], 3, 12, 16), 2, workers=0)
    ]
    assert np.isfinite(learnt).all()


def test_gross_mistakes_weigh_more():
    from training.matting_network.learning.losses import GROSS_ERROR, GROSS_WEIGHT, compute_losses, weigh_gross_errors

    assert weigh_gross_errors(torch.tensor([0.0, -GROSS_ERROR, 1.0, -1.0])).tolist() == [0, 0, 1, 1]
    truth = torch.zeros(1, 1, 64, 64)
    small = torch.zeros(1, 1, 32, 32)
    batch = {
        "alpha": truth, "known": truth + 1, "band": truth, "mask": truth,
        "whole_alpha": small, "whole_known": small + 1,
    }  # fmt: skip
    wrong = torch.full_like(truth, -9)
    wrong[..., :4, :4] = 9
    mean = compute_losses(wrong, small - 9, batch)["l1"]
    assert float(mean) == pytest.approx((1 + GROSS_WEIGHT) * 16 / 64**2)


def test_truth_of_portraits_lets_the_wall_through():
    """A gap between curls is as blue as the wall, however deep; eyes, spectacles at temples and clothes may be."""
    from training.matting_network.data.studio_portraits import refine_alpha
    from training.matting_network.drawing.people import CHIN, FACE_OVAL

    rng = np.random.default_rng(2)
    rgb = np.full((600, 480, 3), (70, 95, 205), np.float32)
    alpha = np.zeros((600, 480), np.float32)
    cv2.ellipse(alpha, (240, 560), (160, 430), 0, 0, 360, 1, -1)
    rgb[alpha > 0] = (40, 30, 25)
    mesh = np.zeros((478, 2), np.float32)
    turn = 2 * np.pi * np.arange(len(FACE_OVAL)) / len(FACE_OVAL)
    mesh[list(FACE_OVAL)] = np.array((240, 250)) + np.array((70, 95)) * np.array((np.sin(turn), -np.cos(turn))).T
    assert tuple(mesh[CHIN]) == pytest.approx((240, 345))
    gap, deep = (slice(200, 215), slice(130, 145)), (slice(330, 350), slice(300, 315))
    eye, temple, tie = (slice(230, 240), slice(210, 225)), (slice(225, 231), slice(304, 318)), (slice(500, 580), 240)
    for where in (gap, deep, eye, temple, tie):
        rgb[where] = (70, 95, 205)
    found = refine_alpha(np.clip(rgb + rng.normal(0, 1.5, rgb.shape), 0, 255).astype(np.uint8), alpha, mesh)
    for where in (gap, deep):
        assert found[where].max() < 0.3
    for where in (eye, temple, tie):
        assert found[where].min() == 1
    assert (found[(alpha > 0) & (rgb[..., 2] < 100)] > 0.95).all()


def test_rate_of_a_later_stage_rises_and_falls_anew():
    from training.matting_network.learning.train import WARM_UP_STEPS, Stage, learning_rate

    stage = Stage(1000, begin=400, peak_rate=0.5)
    assert learning_rate(400, stage) == pytest.approx(0.5 / WARM_UP_STEPS)
    assert learning_rate(400 + WARM_UP_STEPS, stage) == 0.5
    assert learning_rate(999, stage) < 0.001
    assert all(learning_rate(step, stage) >= learning_rate(step + 1, stage) for step in range(700, 999))


def test_samples_follow_from_seed_and_number(tmp_path):
    from training.matting_network.learning.dataset import TrainingSamples

    folder = pool(tmp_path)
    one, other = TrainingSamples([folder], 5, 0, 9)[7], TrainingSamples([folder], 5, 7, 9)[0]
    assert all(torch.equal(one[name], other[name]) for name in one)
    different = TrainingSamples([folder], 6, 0, 9)[7]
    assert not torch.equal(one["whole"], different["whole"])


def test_truth_fits_its_crop(tmp_path):
    """The semantic branch is asked about the same place as the crop."""
    from torch.nn.functional import grid_sample, interpolate

    from training.matting_network.learning.dataset import TrainingSamples

    for sample in (TrainingSamples([pool(tmp_path)], 1, 0, 12)[number] for number in range(12)):
        truth = sample["whole_alpha"].expand(len(sample["grid"]), -1, -1, -1)
        placed = grid_sample(truth, sample["grid"], padding_mode="border", align_corners=False)
        small = interpolate(sample["alpha"], scale_factor=0.25, mode="area")
        assert float((placed - small).abs().mean()) < 0.02


def test_what_nobody_knows_teaches_nothing(tmp_path):
    from training.matting_network.learning.dataset import TrainingSamples
    from training.matting_network.learning.losses import compute_losses

    samples = TrainingSamples([pool(tmp_path)], 1, 0, 99, [photos(tmp_path / "photos")])
    sample = next(entry for entry in (samples[i] for i in range(99)) if 0 < float(entry["known"].mean()) < 1)
    batch = {name: value[None] if value.ndim == 3 else value for name, value in sample.items()}
    batch |= {name: sample[name] for name in ("alpha", "band", "known")}
    logits = torch.zeros_like(batch["alpha"], requires_grad=True)
    semantic = torch.zeros_like(batch["whole_alpha"], requires_grad=True)
    terms = compute_losses(logits, semantic, batch)
    (terms["l1"] + terms["bce"] + terms["semantic"]).backward()
    assert not logits.grad[batch["known"] == 0].any()
    assert not semantic.grad[batch["whole_known"] == 0].any()
    assert logits.grad.any()
    assert semantic.grad.any()


def test_clothes_change_and_faces_do_not():
    from training.matting_network.drawing.layers import Layer
    from training.matting_network.drawing.people import CHEEKS, CHIN, PlacedPerson, recolour_clothes

    rng = np.random.default_rng(4)
    light = np.full((400, 300, 3), 0.05, np.float32)
    light[:220] = (0.5, 0.35, 0.28)
    mesh = np.full((478, 2), 150.0)
    mesh[CHIN] = (150, 200)
    mesh[list(CHEEKS)] = [(120, 150), (180, 150), (125, 160), (175, 160)]
    placed = PlacedPerson(Layer(light, np.ones((400, 300), np.float32)), mesh, np.array([150.0, 60.0]), 1.0)
    changed = recolour_clothes(placed, rng)
    assert np.array_equal(changed.layer.light[:200], light[:200])
    assert np.abs(changed.layer.light[300:] - light[300:]).max() > 0.03
    assert np.array_equal(changed.layer.alpha, placed.layer.alpha)
