"""The same seed gives the same network, also when the run was interrupted."""

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which is no dependency of the package")


def pool(folder: Path) -> Path:
    """Three drawn composites, each with its four files."""
    rng = np.random.default_rng(0)
    for number in range(3):
        stem = folder / f"{number:05d}"
        alpha = np.zeros((330, 270), np.uint8)
        cv2.ellipse(alpha, (135 + 9 * number, 330), (90, 240), 0, 0, 360, 255, -1, cv2.LINE_AA)
        alpha = cv2.GaussianBlur(alpha, (0, 0), 2)
        picture = rng.integers(0, 256, (330, 270, 3), dtype=np.uint8)
        edge = ((alpha > 0) & (alpha < 255))[..., None]
        cv2.imwrite(f"{stem}.alpha.png", alpha)
        cv2.imwrite(f"{stem}.fore.png", picture * edge)
        cv2.imwrite(f"{stem}.coarse.png", cv2.resize(alpha, (256, 320)))
        cv2.imwrite(f"{stem}.jpg", picture)
    return folder


def run(folder: Path, stops: list[int], checkpoint: Path) -> list[float]:
    """Losses of a run of 6 steps that was stopped and started again at `stops`."""
    from training.train import Trainer, batches

    losses = []
    for start, stop in zip([0, *stops], [*stops, 6], strict=True):
        trainer = Trainer(seed=3, steps=6, device=torch.device("cpu"))
        if start:
            trainer.restore(checkpoint)
        assert trainer.step == start
        losses += [trainer.learn(batch)["total"] for batch in batches([folder], 3, start, stop, 2, workers=0)]
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


def test_samples_follow_from_seed_and_number(tmp_path):
    from training.dataset import Pool

    folder = pool(tmp_path)
    one, other = Pool([folder], 5, 0, 9)[7], Pool([folder], 5, 7, 9)[0]
    assert all(torch.equal(one[name], other[name]) for name in one)
    different = Pool([folder], 6, 0, 9)[7]
    assert not torch.equal(one["whole"], different["whole"])


def test_truth_fits_its_crop(tmp_path):
    """What the semantic branch is asked about a crop is what lies there."""
    from torch.nn.functional import grid_sample, interpolate

    from training.dataset import Pool

    for sample in (Pool([pool(tmp_path)], 1, 0, 12)[number] for number in range(12)):
        truth = sample["truth"].expand(len(sample["grid"]), -1, -1, -1)
        placed = grid_sample(truth, sample["grid"], padding_mode="border", align_corners=False)
        small = interpolate(sample["alpha"], scale_factor=0.25, mode="area")
        assert float((placed - small).abs().mean()) < 0.02
