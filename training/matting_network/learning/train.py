"""Train the network.

    python -m training.matting_network.learning.train DATA/pool --out DATA/run --val DATA/val --steps 6000
    python -m training.matting_network.learning.train DATA/pool --out DATA/run --val DATA/val --begin 6000 --steps \
        15500 --rate 1e-3 --freeze

The second command is a stage that goes on from where the first ended: its rate rises and falls
anew, and the statistics of batch normalisation no longer change.

Goes on from the last checkpoint in ``--out`` if there is one, exactly as if it had never stopped:
the samples of each step follow from the seed and the step. ``curve.csv`` there holds the losses
and what the validation composites say. Uses a GPU if there is one.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn.functional import grid_sample
from torch.utils.data import DataLoader

from training.matting_network.learning.dataset import PHOTOS, Pool
from training.matting_network.learning.losses import losses, total
from training.matting_network.learning.network import Hair, freeze, told, widened

HALF = torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported()
"""Convolutions in bfloat16: several times faster where the processor has AMX or the GPU tensor cores, and several
times slower where neither knows it."""

RATE, DECAY, AVERAGE, WARM, COOL = 2e-3, 1e-3, 0.998, 200, 0.4


@dataclass(frozen=True)
class Stage:
    """Steps `begin` to `steps`, with the learning rate at its highest and whether statistics are frozen."""

    steps: int
    begin: int = 0
    peak: float = RATE
    freeze: bool = False


def rate(step: int, stage: Stage) -> float:
    """Learning rate: rises over `WARM` steps, stays, and falls as a cosine over the last `COOL` share."""
    warm = min(1.0, (step - stage.begin + 1) / WARM)
    left = (stage.steps - step) / (COOL * (stage.steps - stage.begin))
    return stage.peak * warm * (1.0 if left >= 1 else 0.5 - 0.5 * math.cos(math.pi * max(left, 0.002)))


class Learner(torch.nn.Module):
    """Everything that is differentiated, as one graph to be compiled."""

    def __init__(self, net: Hair) -> None:
        super().__init__()
        self.net = net

    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Losses of a batch."""
        device = batch["whole"].device.type
        with torch.autocast(device, torch.bfloat16, enabled=HALF):
            semantic = self.net.semantic(batch["whole"], batch["coarse"]).float()
            grid = batch["grid"].flatten(0, 1)
            crops = len(grid) // len(semantic)
            known = told(batch["whole"], semantic).repeat_interleave(crops, 0)
            placed = grid_sample(known, grid, mode="bilinear", padding_mode="border", align_corners=False)
            logits = self.net.detail(batch["rgb"].flatten(0, 1), placed).float()
        flat = {name: batch[name].flatten(0, 1) for name in ("alpha", "band", "known")}
        return losses(logits, semantic, batch | flat)


def average(mean: Hair, net: Hair, step: int) -> None:
    """Move the exponential moving average of the weights; early on it follows faster."""
    keep = min(AVERAGE, (1 + step) / (10 + step))
    with torch.no_grad():
        pairs = list(zip(mean.state_dict().values(), net.state_dict().values(), strict=True))
        numbers = [pair for pair in pairs if pair[0].dtype.is_floating_point]
        torch._foreach_lerp_([old for old, _ in numbers], [new for _, new in numbers], 1 - keep)


class Trainer:
    """Network, its average, and the optimiser; all that a checkpoint holds."""

    def __init__(self, seed: int, stage: Stage, device: torch.device) -> None:
        torch.manual_seed(seed)
        self.seed, self.stage, self.step, self.device = seed, stage, 0, device
        self.net = Hair().to(device, memory_format=torch.channels_last)
        self.mean = deepcopy(self.net).eval()
        if stage.freeze:
            freeze(self.net)
        matrices = [p for p in self.net.parameters() if p.ndim > 1]
        vectors = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
        self.learner = Learner(self.net)
        self.optimiser = torch.optim.AdamW(groups, lr=stage.peak, betas=(0.9, 0.99), fused=True)

    def learn(self, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        """One step."""
        self.net.train()
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.step, self.stage)
        terms = self.learner({name: value.to(self.device) for name, value in batch.items()})
        loss = total(terms)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        average(self.mean, self.net, self.step)
        self.step += 1
        return {name: float(value.detach()) for name, value in terms.items()} | {"total": float(loss.detach())}

    def save(self, path: Path) -> None:
        """Write a checkpoint; the old one is replaced only by a whole one."""
        state = {
            "seed": self.seed, "steps": self.stage.steps, "step": self.step, "net": self.net.state_dict(),
            "mean": self.mean.state_dict(), "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.seed, self.step = state["seed"], state["step"]
        for name, net in (("net", self.net), ("mean", self.mean)):
            like = net.state_dict()
            net.load_state_dict({key: widened(value, like[key]) for key, value in state[name].items()})
        self.optimiser.load_state_dict(state["optimiser"])
        for weights, moments in self.optimiser.state.items():
            moments.update({key: widened(value, weights) for key, value in moments.items()})


def batches(pool: Pool, size: int, workers: int = 1) -> DataLoader:
    """The batches of a pool in its order."""
    return DataLoader(pool, size, num_workers=workers, worker_init_fn=_quiet)


def _quiet(_: int) -> None:
    import cv2

    cv2.setNumThreads(1)


def log(path: Path, row: dict[str, float | int]) -> None:
    """Add a row to the curve."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(row)
        writer.writerow([f"{value:.6g}" for value in row.values()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--val", type=Path, help="validation composites, made by evaluation_composites")
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--begin", type=int, default=0, help="step at which this stage begins")
    parser.add_argument("--rate", type=float, default=RATE, help="the stage's highest learning rate")
    parser.add_argument("--freeze", action="store_true", help="keep the statistics of batch normalisation")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="real photos, made by outlined_photos")
    parser.add_argument("--share", type=float, default=PHOTOS, help="share of the samples that are real photos")
    parser.add_argument("--vary", type=float, default=1.0, help="how much the colours of photos vary: 1 as composites'")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=50, help="steps between rows of the curve")
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument("--validate-every", type=int, default=1000)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    arguments.out.mkdir(parents=True, exist_ok=True)
    stage = Stage(arguments.steps, arguments.begin, arguments.rate, arguments.freeze)
    trainer = Trainer(arguments.seed, stage, device)
    checkpoint = arguments.out / "last.pt"
    if checkpoint.exists():
        trainer.restore(checkpoint)
    if trainer.step < stage.begin:
        parser.error(f"{checkpoint} ends at step {trainer.step}; this stage begins at {stage.begin}")
    sums: dict[str, float] = {}
    began = time.monotonic()
    size = arguments.batch
    pool = Pool(
        arguments.pools, trainer.seed, trainer.step * size, stage.steps * size,
        arguments.photos, arguments.share, arguments.vary,
    )  # fmt: skip
    for batch in batches(pool, size):
        for name, value in trainer.learn(batch).items():
            sums[name] = sums.get(name, 0) + value
        if trainer.step % arguments.every == 0:
            pace = (time.monotonic() - began) / arguments.every
            means = {name: value / arguments.every for name, value in sums.items()}
            log(arguments.out / "curve.csv", {"step": trainer.step, "seconds": pace, **means})
            sums, began = {}, time.monotonic()
        if trainer.step % arguments.save_every == 0 or trainer.step == arguments.steps:
            trainer.save(checkpoint)
        if arguments.val and (trainer.step % arguments.validate_every == 0 or trainer.step == arguments.steps):
            from training.matting_network.evaluation.errors import summary, torch_matter

            row = summary(torch_matter(trainer.mean), arguments.val)
            log(arguments.out / "validation.csv", {"step": trainer.step, **row})
            began = time.monotonic()


if __name__ == "__main__":
    main()
