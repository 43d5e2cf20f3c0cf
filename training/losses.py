"""What the network is punished for."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits, conv2d, interpolate, max_pool2d, pad

from training.network import alpha_of, planes

WEIGHTS = {"l1": 1.0, "laplacian": 2.0, "bce": 0.3, "semantic": 0.5, "colour": 1.0, "composition": 0.5}
NEAR = 4.0
"""How much more a pixel near the edge counts in L1."""


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


def losses(logits: Tensor, residual: Tensor, semantic: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Every term by name, unweighted."""
    truth, alpha = batch["alpha"], alpha_of(logits)
    near = batch["band"]
    error = alpha - truth
    weight = 1 + NEAR * near
    coarse = avg_pool2d(truth, 8)
    # The semantic truth counts most where it is hard: near the edge, and where the coarse mask is wrong.
    given = interpolate(batch["coarse"], size=batch["truth"].shape[-2:], mode="area")
    hard = 1 + 2 * max_pool2d(((batch["truth"] > 0.05) & (batch["truth"] < 0.95)).float(), 5, 1, 2)
    hard = hard + 3 * (given - batch["truth"]).abs()
    said = binary_cross_entropy_with_logits(semantic[:, :1], batch["truth"], reduction="none")

    rgb = (planes(batch["rgb"]) + 1) / 2
    colours = (planes(batch["colours"]) + 1) / 2
    known = (batch["colours"].amax(dim=-1) > 0).unsqueeze(1).to(truth.dtype) * near
    own = (rgb + residual).clamp(0, 1)
    miss = (rgb + residual - colours).abs().mean(dim=1, keepdim=True)
    # Over a white page: what is seen of both mistakes together; linear light is near enough to its square root here.
    page = (own * alpha - colours * truth).abs().mean(dim=1, keepdim=True)
    return {
        "l1": (weight * error.abs()).mean() / (1 + NEAR * near.mean().detach()),
        "laplacian": laplacian(error),
        "bce": (weight * binary_cross_entropy_with_logits(logits, truth, reduction="none")).mean()
        / (1 + NEAR * near.mean().detach())
        + 0.3 * binary_cross_entropy_with_logits(avg_pool2d(logits, 8), coarse),
        "semantic": (hard * said).mean(),
        "colour": (known * truth * miss).sum() / (known * truth).sum().clamp(min=1) * 0.2,
        "composition": (known * page).sum() / known.sum().clamp(min=1) * 0.2,
    }


def total(terms: dict[str, Tensor]) -> Tensor:
    """The weighted sum."""
    return sum((WEIGHTS[name] * value for name, value in terms.items()), torch.zeros(()))
