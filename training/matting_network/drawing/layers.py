"""Pictures in layers: colours in linear light with their coverage, laid over each other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


def linear(codes: np.ndarray) -> np.ndarray:
    """SRGB codes (uint8, or float in 0..255) to linear light, float32."""
    if isinstance(codes, np.ndarray) and codes.dtype == np.uint8:
        return TABLE[codes]
    values = np.asarray(codes, np.float32) / 255
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


TABLE = linear(np.arange(256.0))


def of_hue(hue: float, vivid: float, bright: float) -> np.ndarray:
    """Linear light of a hue in degrees, of a saturation and a brightness in [0, 1]."""
    return cv2.cvtColor(np.float32([[[hue, vivid, 1]]]), cv2.COLOR_HSV2RGB)[0, 0] ** 2.2 * bright


def codes(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB codes, float32 in 0..255."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32) * 255


@dataclass
class Layer:
    """Straight (not premultiplied) linear light (H, W, 3) and coverage (H, W), both float32."""

    light: np.ndarray
    alpha: np.ndarray

    def over(self, below: Layer) -> Layer:
        """Lay on top of another; both as one."""
        rest = below.alpha * (1 - self.alpha)
        alpha = self.alpha + rest
        light = self.light * self.alpha[..., None] + below.light * rest[..., None]
        # Where nothing is, keep the colour of the layer that comes nearest to being there.
        light = np.where((alpha > 1e-4)[..., None], light / np.maximum(alpha, 1e-4)[..., None], below.light)
        return Layer(light.astype(np.float32), alpha.astype(np.float32))

    def on(self, backdrop: np.ndarray) -> np.ndarray:
        """Composite over an opaque picture in linear light."""
        return (backdrop + (self.light - backdrop) * self.alpha[..., None]).astype(np.float32)

    def spread(self, kernel: np.ndarray) -> Layer:
        """Blur as optics do: light and coverage together."""
        alpha = cv2.filter2D(self.alpha, -1, kernel, borderType=cv2.BORDER_REFLECT)
        light = cv2.filter2D(self.light * self.alpha[..., None], -1, kernel, borderType=cv2.BORDER_REFLECT)
        soft = cv2.filter2D(self.light, -1, kernel, borderType=cv2.BORDER_REFLECT)
        known = alpha > 1e-3
        light = np.where(known[..., None], light / np.maximum(alpha, 1e-3)[..., None], soft)
        return Layer(light, np.clip(alpha, 0, 1))


def disc(radius: float) -> np.ndarray:
    """Kernel of an open lens, its rim smooth to a fraction of a pixel."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return kernel / kernel.sum()


def streak(length: float, angle: float) -> np.ndarray:
    """Kernel of a straight motion."""
    reach = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    step = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    for t in np.linspace(-1, 1, 4 * reach + 3):
        x, y = reach + t * step
        i, j = int(y), int(x)
        for di, dj, weight in (
            (0, 0, (1 - y % 1) * (1 - x % 1)),
            (0, 1, (1 - y % 1) * (x % 1)),
            (1, 0, (y % 1) * (1 - x % 1)),
            (1, 1, (y % 1) * (x % 1)),
        ):
            kernel[i + di, j + dj] += weight
    return kernel / kernel.sum()


def noise(rng: np.random.Generator, width: int, height: int, cells: float) -> np.ndarray:
    """Smooth noise in [0, 1] with about `cells` waves across."""
    grid = rng.random((max(2, round(cells * height / width)) + 1, max(2, round(cells)) + 1)).astype(np.float32)
    return np.clip(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
