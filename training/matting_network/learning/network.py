"""Define the matting network: one branch decides what is person, the other where the edge runs.

:class:`SemanticBranch` sees the whole picture, resized to 256x320 pixels, together with the person mask, and says what
is person. It knows shapes and context but no detail. :class:`DetailBranch` sees the picture at full resolution, or any
part of it, together with the output of the first branch for that part. It knows texture and edges but no context. It is
fully convolutional, and runs no convolution at full resolution, because that would take most of the time.

Both take uint8 pictures in channels-last order, as the rest of the package has them, so that a caller converts nothing.
All convolutions are plain 3x3 ones: on a CPU they were three times faster than depthwise ones of the same quality.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

from idphoto.matting.likeness import PLANES, measure_likeness

SEMANTIC_SIZE = (320, 256)
"""Rows and columns of the picture that the semantic branch sees."""

FEATURES = 12
"""Channels that the semantic branch hands to the detail branch beside its logit."""

STRIDE = 16
"""The sides of a picture that the detail branch sees are multiples of this."""

SEMANTIC_REDUCTION = 4
"""The semantic output enters the detail branch at the picture's size divided by this."""

DETAIL_INPUTS = 1 + FEATURES + PLANES
"""Channels that the detail branch gets beside the picture: semantic output, and likeness of colours."""

MASK_LOGIT = 4.0
"""Difference of the logits of a mask pixel that is certainly person and one that is certainly not."""

LEVELS = (0.02, 0.98)
"""Probabilities that become alpha 0 and 1, since a sigmoid never reaches 0 or 1."""


class NormedConvolution(nn.Sequential):
    """A convolution with batch normalisation, and the modules that follow.

    If `frozen` is set, the statistics no longer follow the batches and the normalisation becomes part of the
    convolution's weights. A step of training then takes two thirds of the time on a CPU.
    """

    frozen = False

    def forward(self, x: Tensor) -> Tensor:
        """Apply all modules in turn."""
        if not self.frozen:
            return super().forward(x)
        conv, norm, *rest = self
        scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        weight, bias = conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale
        x = conv2d(x, weight, bias, conv.stride, conv.padding)
        for module in rest:
            x = module(x)
        return x


def freeze_statistics(net: nn.Module) -> None:
    """Freeze the statistics of every batch normalisation."""
    for module in net.modules():
        if isinstance(module, NormedConvolution):
            module.frozen = True


def make_block(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> NormedConvolution:
    """Make a convolution with batch normalisation (which the export folds into it) and ReLU."""
    padding = (kernel - 1) // 2
    return NormedConvolution(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class ResidualBlock(nn.Module):
    """Two convolutions whose output is added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = make_block(channels, channels)
        self.second = NormedConvolution(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Add the output of the convolutions to the input."""
        return torch.relu(x + self.second(self.first(x)))


class UpBlock(nn.Module):
    """Enlarge a coarser level to the size of a finer one and mix both."""

    def __init__(self, coarse: int, fine: int) -> None:
        super().__init__()
        self.narrow = NormedConvolution(nn.Conv2d(coarse, fine, 1, bias=False), nn.BatchNorm2d(fine))
        self.mix = make_block(fine, fine)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Mix the enlarged coarser level into the finer one."""
        wide = interpolate(self.narrow(coarse), scale_factor=2, mode="bilinear", align_corners=False)
        return self.mix(torch.relu(wide + fine))


def normalise_picture(rgb: Tensor) -> Tensor:
    """Convert channels-last uint8 pictures to channels-first float32 in [-1, 1]."""
    return rgb.permute(0, 3, 1, 2).to(torch.float32) * (1 / 127.5) - 1


class SemanticBranch(nn.Module):
    """The branch that decides what is person, from the whole picture and the person mask.

    Inputs are the pictures, ``(N, 320, 256, 3)`` uint8, and the masks, ``(N, 1, 320, 256)`` float32 in [0, 1]. The
    output, ``(N, 1 + FEATURES, 160, 128)``, is the logit of the person and features for the detail branch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = make_block(4, 24, 4, 2)
        self.e2 = nn.Sequential(make_block(24, 40, 3, 2), ResidualBlock(40))
        self.e3 = nn.Sequential(make_block(40, 72, 3, 2), ResidualBlock(72))
        self.e4 = nn.Sequential(make_block(72, 112, 3, 2), ResidualBlock(112), ResidualBlock(112))
        self.e5 = nn.Sequential(make_block(112, 160, 3, 2), ResidualBlock(160), ResidualBlock(160))
        self.everywhere = nn.Conv2d(160, 160, 1)
        self.u4, self.u3, self.u2, self.u1 = UpBlock(160, 112), UpBlock(112, 72), UpBlock(72, 40), UpBlock(40, 24)
        self.out = nn.Conv2d(24, 1 + FEATURES, 3, 1, 1)
        with torch.no_grad():
            self.out.weight[0] *= 0.1

    def forward(self, rgb: Tensor, mask: Tensor) -> Tensor:
        """Return logit and features."""
        x1 = self.stem(torch.cat([normalise_picture(rgb), 2 * mask - 1], 1))
        x2 = self.e2(x1)
        x3 = self.e3(x2)
        x4 = self.e4(x3)
        x5 = self.e5(x4)
        x5 = x5 + self.everywhere(x5.mean((2, 3), keepdim=True))
        out = self.out(self.u1(self.u2(self.u3(self.u4(x5, x4), x3), x2), x1))
        # The mask is added to the output, so that the branch has to learn only the mistakes of the mask.
        return torch.cat([out[:, :1] + MASK_LOGIT * (avg_pool2d(mask, 2) - 0.5), out[:, 1:]], 1)


class DetailBranch(nn.Module):
    """The branch that decides where the edge runs.

    Inputs are the pictures, ``(N, H, W, 3)`` uint8, and the output of :func:`add_likeness`,
    ``(N, DETAIL_INPUTS, H/4, W/4)``. The output are logits, ``(N, 1, H, W)``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = make_block(3, 24, 4, 2)
        self.e2 = make_block(24, 32, 3, 2)
        self.join = make_block(32 + DETAIL_INPUTS, 40)
        self.e3 = nn.Sequential(make_block(40, 64, 3, 2), ResidualBlock(64))
        self.e4 = nn.Sequential(make_block(64, 96, 3, 2), ResidualBlock(96))
        self.u3, self.u2, self.u1 = UpBlock(96, 64), UpBlock(64, 40), UpBlock(40, 24)
        self.out = nn.ConvTranspose2d(25, 1, 2, 2)
        with torch.no_grad():
            # Before training, the matte is the output of the semantic branch.
            self.out.weight[:24] *= 0.1
            self.out.weight[24] = 1
            self.out.bias.zero_()

    def forward(self, rgb: Tensor, semantic: Tensor) -> Tensor:
        """Return the logits of the matte."""
        x1 = self.stem(normalise_picture(rgb))
        x2 = self.join(torch.cat([self.e2(x1), semantic], 1))
        x3 = self.e3(x2)
        x4 = self.e4(x3)
        fine = self.u1(self.u2(self.u3(x4, x3), x2), x1)
        skip = interpolate(semantic[:, :1], scale_factor=2, mode="bilinear", align_corners=False)
        return self.out(torch.cat([fine, skip], 1))


class MattingNetwork(nn.Module):
    """Both branches, which are trained together."""

    def __init__(self) -> None:
        super().__init__()
        self.semantic = SemanticBranch()
        self.detail = DetailBranch()


def add_likeness(rgb: Tensor, semantic: Tensor) -> Tensor:
    """Add the likeness of colours to the semantic output of whole pictures; no gradient flows through the likeness."""
    person = torch.sigmoid(semantic[:, 0].detach()).cpu().numpy()
    pairs = zip(rgb.cpu().numpy(), person, strict=True)
    added = torch.stack([torch.from_numpy(measure_likeness(picture, share)) for picture, share in pairs])
    return torch.cat([semantic, added.to(semantic)], 1)


def pad_inputs(value: Tensor, like: Tensor) -> Tensor:
    """Pad the weights of a network that had fewer inputs; the new inputs get weight 0."""
    return value if value.ndim != 4 else pad(value, (0, 0, 0, 0, 0, like.shape[1] - value.shape[1]))


def alpha_of(logits: Tensor) -> Tensor:
    """Convert logits to alpha in [0, 1]; the ends are reached, see `LEVELS`."""
    low, high = LEVELS
    return ((torch.sigmoid(logits) - low) / (high - low)).clamp(0, 1)
