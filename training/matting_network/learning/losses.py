"""What the network is punished for."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits, conv2d, interpolate, max_pool2d, pad

from training.matting_network.learning.network import alpha_of

WEIGHTS = {"l1": 1.0, "laplacian": 2.0, "bce": 0.3, "semantic": 0.5}
NEAR = 4.0
"""How much more a pixel near the edge counts in L1."""

GROSS, FROM, HARD = 10.0, 0.25, 5.0
"""How much more a pixel counts that is wholly wrong, and the error from which on it begins to; the same for the
semantic branch. A scrap of a flag is what everybody sees, and is a few dozen pixels of a crop's 65,536."""


def _blur(x: Tensor) -> Tensor:
    kernel = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], dtype=x.dtype, device=x.device) / 16
    x = conv2d(pad(x, (2, 2, 0, 0), mode="reflect"), kernel.view(1, 1, 1, 5))
    return conv2d(pad(x, (0, 0, 2, 2), mode="reflect"), kernel.view(1, 1, 5, 1))


def laplacian(error: Tensor, levels: int = 4) -> Tensor:
    """L1 of the Laplacian pyramid of an error map (which is linear, so the error itself may be taken apart)."""
    total = error.new_zeros(())
    for level in range(levels):
        down = _blur(error)[..., ::2, ::2]
        up = interpolate(down, size=error.shape[-2:], mode="bilinear", align_corners=False)
        total = total + 2**level * (error - up).abs().mean()
        error = down
    return total + 2**levels * error.abs().mean() / 4


def gross(error: Tensor) -> Tensor:
    """How wrong pixels are, as a weight through which nothing is learnt: 0 up to an error of `FROM`, 1 at one of 1."""
    return ((error.detach().abs() - FROM) / (1 - FROM)).clamp(0, 1)


def losses(logits: Tensor, semantic: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Every term by name, unweighted. Pixels whose truth nobody knows do not count."""
    truth, alpha, known = batch["alpha"], alpha_of(logits), batch["known"]
    near = batch["band"]
    error = (alpha - truth) * known
    weight = known * (1 + NEAR * near)
    mean = weight.mean().clamp(min=1e-3)
    weight = weight + known * GROSS * gross(error)
    # The semantic truth counts most where it is hard: near the edge, and where the coarse mask is wrong.
    given = interpolate(batch["coarse"], size=batch["truth"].shape[-2:], mode="area")
    hard = 1 + 2 * max_pool2d(((batch["truth"] > 0.05) & (batch["truth"] < 0.95)).float(), 5, 1, 2)
    missed = gross(torch.sigmoid(semantic[:, :1]) - batch["truth"])
    hard = (hard + 3 * (given - batch["truth"]).abs() + HARD * missed) * batch["sure"]
    said = binary_cross_entropy_with_logits(semantic[:, :1], batch["truth"], reduction="none")
    every = avg_pool2d(known, 8)
    coarse = binary_cross_entropy_with_logits(avg_pool2d(logits, 8), avg_pool2d(truth, 8), reduction="none")
    return {
        "l1": (weight * error.abs()).mean() / mean,
        "laplacian": laplacian(error),
        "bce": (weight * binary_cross_entropy_with_logits(logits, truth, reduction="none")).mean() / mean
        + 0.3 * (coarse * (every >= 1)).mean(),
        "semantic": (hard * said).mean(),
    }


def total(terms: dict[str, Tensor]) -> Tensor:
    """The weighted sum."""
    return sum((WEIGHTS[name] * value for name, value in terms.items()), torch.zeros(()))
