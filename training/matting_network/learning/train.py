"""Train the network.

    python -m training.matting_network.learning.train DATA/pool --out DATA/run --val DATA/val --steps 6000
    python -m training.matting_network.learning.train DATA/pool --out DATA/run --val DATA/val --begin 6000 \
        --steps 15500 --rate 1e-3 --freeze

The second command trains a stage that continues where the first ended. Its learning rate rises and falls again, and
the statistics of batch normalisation no longer change.

If there is a checkpoint in ``--out``, training continues from it. The result is the same as without the interruption,
because the samples of each step depend on the seed and the step only. The command writes the losses to ``curve.csv``
and the errors on the validation composites to ``validation.csv`` in that folder. It uses a GPU if there is one.
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

from training.matting_network.learning.dataset import PHOTO_SHARE, TrainingSamples
from training.matting_network.learning.losses import compute_losses, sum_losses
from training.matting_network.learning.network import MattingNetwork, add_likeness, freeze_statistics, pad_inputs

USE_BFLOAT16 = torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported()
"""Compute convolutions in bfloat16. This is several times faster with AMX or the tensor cores of a GPU, and several
times slower on processors that do not support it."""

PEAK_RATE = 2e-3
WEIGHT_DECAY = 1e-3
AVERAGE_DECAY = 0.998
WARM_UP_STEPS = 200
COOL_DOWN_SHARE = 0.4
"""Share of a stage's steps during which the learning rate falls."""

CHECKPOINT = "last.pt"


@dataclass(frozen=True)
class Stage:
    """A stage of training.

    Attributes
    ----------
    steps : int
        Step at which the stage ends, counted from the beginning of the first stage.
    begin : int
        Step at which it begins.
    peak_rate : float
        Its highest learning rate.
    freeze : bool
        Keep the statistics of batch normalisation.
    """

    steps: int
    begin: int = 0
    peak_rate: float = PEAK_RATE
    freeze: bool = False


def learning_rate(step: int, stage: Stage) -> float:
    """Return the learning rate of a step.

    It rises over `WARM_UP_STEPS`, stays, and falls as a cosine over the last `COOL_DOWN_SHARE` of the stage.
    """
    warm = min(1.0, (step - stage.begin + 1) / WARM_UP_STEPS)
    left = (stage.steps - step) / (COOL_DOWN_SHARE * (stage.steps - stage.begin))
    return stage.peak_rate * warm * (1.0 if left >= 1 else 0.5 - 0.5 * math.cos(math.pi * max(left, 0.002)))


class NetworkWithLosses(torch.nn.Module):
    """The network and its losses: everything that is differentiated."""

    def __init__(self, net: MattingNetwork) -> None:
        super().__init__()
        self.net = net

    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Compute the losses of a batch."""
        device = batch["whole"].device.type
        with torch.autocast(device, torch.bfloat16, enabled=USE_BFLOAT16):
            semantic = self.net.semantic(batch["whole"], batch["mask"]).float()
            grid = batch["grid"].flatten(0, 1)
            crops = len(grid) // len(semantic)
            whole = add_likeness(batch["whole"], semantic).repeat_interleave(crops, 0)
            part = grid_sample(whole, grid, mode="bilinear", padding_mode="border", align_corners=False)
            logits = self.net.detail(batch["rgb"].flatten(0, 1), part).float()
        flat = {name: batch[name].flatten(0, 1) for name in ("alpha", "band", "known")}
        return compute_losses(logits, semantic, batch | flat)


def update_average(mean: MattingNetwork, net: MattingNetwork, step: int) -> None:
    """Update the exponential moving average of the weights; in the first steps it follows faster."""
    keep = min(AVERAGE_DECAY, (1 + step) / (10 + step))
    with torch.no_grad():
        pairs = list(zip(mean.state_dict().values(), net.state_dict().values(), strict=True))
        numbers = [pair for pair in pairs if pair[0].dtype.is_floating_point]
        torch._foreach_lerp_([old for old, _ in numbers], [new for _, new in numbers], 1 - keep)


class Trainer:
    """The network, the average of its weights, and the optimiser: everything that a checkpoint holds."""

    def __init__(self, seed: int, stage: Stage, device: torch.device) -> None:
        torch.manual_seed(seed)
        self.seed, self.stage, self.step, self.device = seed, stage, 0, device
        self.net = MattingNetwork().to(device, memory_format=torch.channels_last)
        self.mean = deepcopy(self.net).eval()
        if stage.freeze:
            freeze_statistics(self.net)
        matrices = [p for p in self.net.parameters() if p.ndim > 1]
        vectors = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": vectors, "weight_decay": 0.0}]
        self.losses = NetworkWithLosses(self.net)
        self.optimiser = torch.optim.AdamW(groups, lr=stage.peak_rate, betas=(0.9, 0.99), fused=True)

    def learn(self, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        """Train one step; return the loss terms and their total."""
        self.net.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.step, self.stage)
        terms = self.losses({name: value.to(self.device) for name, value in batch.items()})
        loss = sum_losses(terms)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        update_average(self.mean, self.net, self.step)
        self.step += 1
        return {name: float(value.detach()) for name, value in terms.items()} | {"total": float(loss.detach())}

    def save(self, path: Path) -> None:
        """Write a checkpoint. The old one is replaced when the new one is complete."""
        state = {
            "seed": self.seed, "steps": self.stage.steps, "step": self.step, "net": self.net.state_dict(),
            "mean": self.mean.state_dict(), "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)

    def restore(self, path: Path) -> None:
        """Continue from a checkpoint, also of a network that had fewer inputs."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.seed, self.step = state["seed"], state["step"]
        for name, net in (("net", self.net), ("mean", self.mean)):
            like = net.state_dict()
            net.load_state_dict({key: pad_inputs(value, like[key]) for key, value in state[name].items()})
        self.optimiser.load_state_dict(state["optimiser"])
        for weights, moments in self.optimiser.state.items():
            moments.update({key: pad_inputs(value, weights) for key, value in moments.items()})


def load_batches(samples: TrainingSamples, size: int, workers: int = 1) -> DataLoader:
    """Load the batches of the samples, in their order."""
    return DataLoader(samples, size, num_workers=workers, worker_init_fn=_use_one_thread)


def _use_one_thread(_: int) -> None:
    import cv2

    cv2.setNumThreads(1)


def append_row(path: Path, row: dict[str, float | int]) -> None:
    """Append a row to a CSV file; a new file gets a header."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(row)
        writer.writerow([f"{value:.6g}" for value in row.values()])


def validate(trainer: Trainer, composites: Path, file: Path) -> None:
    """Append the errors of the averaged network on the validation composites to a CSV file."""
    from training.matting_network.evaluation.errors import backend_of_network, mean_errors

    row = mean_errors(backend_of_network(trainer.mean), composites)
    append_row(file, {"step": trainer.step, **row})


def train(trainer: Trainer, samples: TrainingSamples, arguments: argparse.Namespace) -> None:
    """Train to the end of the stage; write checkpoints, losses and validation errors to ``arguments.out``."""
    sums: dict[str, float] = {}
    began = time.monotonic()
    for batch in load_batches(samples, arguments.batch):
        for name, value in trainer.learn(batch).items():
            sums[name] = sums.get(name, 0) + value
        last = trainer.step == trainer.stage.steps
        if trainer.step % arguments.every == 0:
            pace = (time.monotonic() - began) / arguments.every
            means = {name: value / arguments.every for name, value in sums.items()}
            append_row(arguments.out / "curve.csv", {"step": trainer.step, "seconds": pace, **means})
            sums, began = {}, time.monotonic()
        if trainer.step % arguments.save_every == 0 or last:
            trainer.save(arguments.out / CHECKPOINT)
        if arguments.val and (trainer.step % arguments.validate_every == 0 or last):
            validate(trainer, arguments.val, arguments.out / "validation.csv")
            began = time.monotonic()


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--val", type=Path, help="validation composites, made by evaluation_composites")
    parser.add_argument("--steps", type=int, default=12000, help="step at which this stage ends")
    parser.add_argument("--begin", type=int, default=0, help="step at which this stage begins")
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="the stage's highest learning rate")
    parser.add_argument("--freeze", action="store_true", help="keep the statistics of batch normalisation")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="real photos, made by outlined_photos")
    parser.add_argument("--share", type=float, default=PHOTO_SHARE, help="share of the samples that are real photos")
    parser.add_argument("--vary", type=float, default=1.0, help="strength of the tint of photos; composites have 1")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=50, help="steps between rows of the curve")
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument("--validate-every", type=int, default=1000)
    return parser


def main() -> None:
    parser = build_parser()
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    stage = Stage(arguments.steps, arguments.begin, arguments.rate, arguments.freeze)
    trainer = Trainer(arguments.seed, stage, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    checkpoint = arguments.out / CHECKPOINT
    if checkpoint.exists():
        trainer.restore(checkpoint)
    if trainer.step < stage.begin:
        parser.error(f"{checkpoint} ends at step {trainer.step}; this stage begins at {stage.begin}")
    start, stop = trainer.step * arguments.batch, stage.steps * arguments.batch
    samples = TrainingSamples(
        arguments.pools, trainer.seed, start, stop, arguments.photos, arguments.share, arguments.vary
    )
    train(trainer, samples, arguments)


if __name__ == "__main__":
    main()
