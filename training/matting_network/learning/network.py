"""The matting network: one branch decides what is person, the other where the edge runs.

:class:`Semantic` sees the whole picture, stretched to 256x320 pixels, together with the coarse
mask, and says what is person; it knows shapes and context but no detail. :class:`Detail` sees the
picture at full resolution, or any part of it, together with what the first branch said about that
part; it knows texture and edges but no context. It is all convolutional and runs no convolution
at full resolution, where most of the time would go.

Both take uint8 pictures in channels-last order, as the rest of the package has them, so that a
caller converts nothing. Plain 3x3 convolutions throughout: they were three times faster on a CPU
than depthwise ones of the same quality.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate, pad

from idphoto.matting.likeness import PLANES, likeness

SIZE = (320, 256)
"""Rows and columns of what the semantic branch sees."""

FEATURES = 12
"""Channels that the semantic branch hands on beside its logit."""

STRIDE = 16
"""The sides of what the detail branch sees are multiples of this."""

QUARTER = 4
"""The semantic output enters the detail branch at this fraction of the picture's size."""

TOLD = 1 + FEATURES + PLANES
"""Channels that the detail branch is told beside the picture: the semantic output, and what colours are near."""

TRUST = 4.0
"""Logit of a coarse mask that is certain, before the network has its say, times two."""

LEVELS = (0.02, 0.98)
"""A sigmoid never reaches its ends: below the first is background, above the second is person."""


class Normed(nn.Sequential):
    """A convolution, its batch normalisation, and what follows.

    Once `frozen`, the statistics no longer follow the batches and the normalisation becomes part of
    the convolution's weights: a step of training then takes two thirds of the time on a CPU.
    """

    frozen = False

    def forward(self, x: Tensor) -> Tensor:
        """Apply all in turn."""
        if not self.frozen:
            return super().forward(x)
        conv, norm, *rest = self
        scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        weight, bias = conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale
        x = conv2d(x, weight, bias, conv.stride, conv.padding)
        for module in rest:
            x = module(x)
        return x


def freeze(net: nn.Module) -> None:
    """Freeze all statistics of batch normalisation."""
    for module in net.modules():
        if isinstance(module, Normed):
            module.frozen = True


def block(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> Normed:
    """Convolution, batch normalisation (folded away for use), ReLU."""
    padding = (kernel - 1) // 2
    return Normed(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    """Two convolutions beside an identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = block(channels, channels)
        self.second = Normed(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Add what the convolutions find."""
        return torch.relu(x + self.second(self.first(x)))


class Up(nn.Module):
    """Bring a coarser level to the size of a finer one and mix them."""

    def __init__(self, coarse: int, fine: int) -> None:
        super().__init__()
        self.narrow = Normed(nn.Conv2d(coarse, fine, 1, bias=False), nn.BatchNorm2d(fine))
        self.mix = block(fine, fine)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Mix the enlarged coarser level into the finer one."""
        wide = interpolate(self.narrow(coarse), scale_factor=2, mode="bilinear", align_corners=False)
        return self.mix(torch.relu(wide + fine))


def planes(rgb: Tensor) -> Tensor:
    """Channels-last uint8 pictures to channels-first float in [-1, 1]."""
    return rgb.permute(0, 3, 1, 2).to(torch.float32) * (1 / 127.5) - 1


class Semantic(nn.Module):
    """What is person, from the whole picture and the coarse mask.

    ``(N, 320, 256, 3)`` uint8 and ``(N, 1, 320, 256)`` float32 probability to
    ``(N, 1 + FEATURES, 160, 128)``: the logit of the person and features for the detail branch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(4, 24, 4, 2)
        self.e2 = nn.Sequential(block(24, 40, 3, 2), Residual(40))
        self.e3 = nn.Sequential(block(40, 72, 3, 2), Residual(72))
        self.e4 = nn.Sequential(block(72, 112, 3, 2), Residual(112), Residual(112))
        self.e5 = nn.Sequential(block(112, 160, 3, 2), Residual(160), Residual(160))
        self.everywhere = nn.Conv2d(160, 160, 1)
        self.u4, self.u3, self.u2, self.u1 = Up(160, 112), Up(112, 72), Up(72, 40), Up(40, 24)
        self.out = nn.Conv2d(24, 1 + FEATURES, 3, 1, 1)
        with torch.no_grad():
            self.out.weight[0] *= 0.1

    def forward(self, rgb: Tensor, coarse: Tensor) -> Tensor:
        """Logit and features."""
        x1 = self.stem(torch.cat([planes(rgb), 2 * coarse - 1], 1))
        x2 = self.e2(x1)
        x3 = self.e3(x2)
        x4 = self.e4(x3)
        x5 = self.e5(x4)
        x5 = x5 + self.everywhere(x5.mean((2, 3), keepdim=True))
        out = self.out(self.u1(self.u2(self.u3(self.u4(x5, x4), x3), x2), x1))
        # What is learnt is what the coarse mask gets wrong.
        return torch.cat([out[:, :1] + TRUST * (avg_pool2d(coarse, 2) - 0.5), out[:, 1:]], 1)


class Detail(nn.Module):
    """Where the edge runs.

    ``(N, H, W, 3)`` uint8 and ``(N, TOLD, H/4, W/4)``, what the semantic branch says and what
    :func:`told` adds, to logits ``(N, 1, H, W)``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 24, 4, 2)
        self.e2 = block(24, 32, 3, 2)
        self.join = block(32 + TOLD, 40)
        self.e3 = nn.Sequential(block(40, 64, 3, 2), Residual(64))
        self.e4 = nn.Sequential(block(64, 96, 3, 2), Residual(96))
        self.u3, self.u2, self.u1 = Up(96, 64), Up(64, 40), Up(40, 24)
        self.out = nn.ConvTranspose2d(25, 1, 2, 2)
        with torch.no_grad():
            # At first the matte is what the semantic branch says.
            self.out.weight[:24] *= 0.1
            self.out.weight[24] = 1
            self.out.bias.zero_()

    def forward(self, rgb: Tensor, semantic: Tensor) -> Tensor:
        """Logits from a picture and what is told about it."""
        x1 = self.stem(planes(rgb))
        x2 = self.join(torch.cat([self.e2(x1), semantic], 1))
        x3 = self.e3(x2)
        x4 = self.e4(x3)
        fine = self.u1(self.u2(self.u3(x4, x3), x2), x1)
        skip = interpolate(semantic[:, :1], scale_factor=2, mode="bilinear", align_corners=False)
        return self.out(torch.cat([fine, skip], 1))


class Hair(nn.Module):
    """Both branches, as they are trained: together."""

    def __init__(self) -> None:
        super().__init__()
        self.semantic = Semantic()
        self.detail = Detail()


def told(rgb: Tensor, semantic: Tensor) -> Tensor:
    """The semantic output of whole pictures, with the likeness of colours that follows from it and learns nothing."""
    person = torch.sigmoid(semantic[:, 0].detach()).cpu().numpy()
    pairs = zip(rgb.cpu().numpy(), person, strict=True)
    planes = torch.stack([torch.from_numpy(likeness(picture, share)) for picture, share in pairs])
    return torch.cat([semantic, planes.to(semantic)], 1)


def widened(value: Tensor, like: Tensor) -> Tensor:
    """Weights of a network that was told less: what it did not know has no weight in them."""
    return value if value.ndim != 4 else pad(value, (0, 0, 0, 0, 0, like.shape[1] - value.shape[1]))


def alpha_of(logits: Tensor) -> Tensor:
    """Alpha in [0, 1] with exact ends."""
    low, high = LEVELS
    return ((torch.sigmoid(logits) - low) / (high - low)).clamp(0, 1)
