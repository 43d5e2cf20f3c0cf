"""Compute the training losses of both branches."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits, conv2d, interpolate, max_pool2d, pad

from training.matting_network.learning.network import alpha_of

WEIGHTS = {"l1": 1.0, "laplacian": 2.0, "bce": 0.3, "semantic": 0.5}
"""Weight of each term in the total."""

EDGE_WEIGHT = 4.0
"""Added weight of a pixel near the edge, in L1 and cross-entropy; other pixels have 1."""

GROSS_WEIGHT, SEMANTIC_GROSS_WEIGHT = 10.0, 5.0
"""Added weight of a pixel that is wholly wrong, for the detail and the semantic branch.

A scrap of a flag is what users notice first, but it is only a few dozen of the 65,536 pixels of a crop.
"""

GROSS_ERROR = 0.25
"""Error from which on a pixel gets added weight."""


def _blur(x: Tensor) -> Tensor:
    kernel = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], dtype=x.dtype, device=x.device) / 16
    x = conv2d(pad(x, (2, 2, 0, 0), mode="reflect"), kernel.view(1, 1, 1, 5))
    return conv2d(pad(x, (0, 0, 2, 2), mode="reflect"), kernel.view(1, 1, 5, 1))


def laplacian_loss(error: Tensor, levels: int = 4) -> Tensor:
    """Return the L1 norm of the Laplacian pyramid of an error map.

    The pyramid is linear, so the pyramid of the error is the difference of the pyramids of matte and truth.
    """
    total = error.new_zeros(())
    for level in range(levels):
        down = _blur(error)[..., ::2, ::2]
        up = interpolate(down, size=error.shape[-2:], mode="bilinear", align_corners=False)
        total = total + 2**level * (error - up).abs().mean()
        error = down
    return total + 2**levels * error.abs().mean() / 4


def weigh_gross_errors(error: Tensor) -> Tensor:
    """Return weights that rise from 0 at an error of `GROSS_ERROR` to 1 at an error of 1; no gradient flows through."""
    return ((error.detach().abs() - GROSS_ERROR) / (1 - GROSS_ERROR)).clamp(0, 1)


def compute_losses(logits: Tensor, semantic: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return every term by name, without its weight. Pixels of which the truth is not known do not count.

    Parameters
    ----------
    logits : Tensor, shape (N, 1, H, W)
        Output of the detail branch for the crops.
    semantic : Tensor
        Output of the semantic branch for the whole pictures.
    batch : dict
        The tensors of `dataset.make_inputs`; those of the crops with crops as the first axis.
    """
    truth, alpha, known = batch["alpha"], alpha_of(logits), batch["known"]
    error = (alpha - truth) * known
    weight = known * (1 + EDGE_WEIGHT * batch["band"])
    mean = weight.mean().clamp(min=1e-3)
    weight = weight + known * GROSS_WEIGHT * weigh_gross_errors(error)
    all_known = avg_pool2d(known, 8) >= 1
    reduced = binary_cross_entropy_with_logits(avg_pool2d(logits, 8), avg_pool2d(truth, 8), reduction="none")
    return {
        "l1": (weight * error.abs()).mean() / mean,
        "laplacian": laplacian_loss(error),
        "bce": (weight * binary_cross_entropy_with_logits(logits, truth, reduction="none")).mean() / mean
        + 0.3 * (reduced * all_known).mean(),
        "semantic": semantic_loss(semantic, batch),
    }


def semantic_loss(semantic: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Return the cross-entropy of the semantic branch.

    Pixels have more weight near the edge, where the mask given is wrong, and where the branch itself is grossly wrong.
    """
    truth = batch["whole_alpha"]
    mask = interpolate(batch["mask"], size=truth.shape[-2:], mode="area")
    weight = 1 + 2 * max_pool2d(((truth > 0.05) & (truth < 0.95)).float(), 5, 1, 2)
    gross = weigh_gross_errors(torch.sigmoid(semantic[:, :1]) - truth)
    weight = (weight + 3 * (mask - truth).abs() + SEMANTIC_GROSS_WEIGHT * gross) * batch["whole_known"]
    return (weight * binary_cross_entropy_with_logits(semantic[:, :1], truth, reduction="none")).mean()


def sum_losses(terms: dict[str, Tensor]) -> Tensor:
    """Return the weighted sum of the terms."""
    return sum((WEIGHTS[name] * value for name, value in terms.items()), torch.zeros(()))
