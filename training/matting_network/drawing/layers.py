"""Combine pictures in layers: colours in linear light with their coverage."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


def srgb_to_linear(levels: np.ndarray) -> np.ndarray:
    """Convert sRGB levels (uint8, or float in 0..255) to linear light, float32."""
    if isinstance(levels, np.ndarray) and levels.dtype == np.uint8:
        return LINEAR_OF_LEVEL[levels]
    values = np.asarray(levels, np.float32) / 255
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


LINEAR_OF_LEVEL = srgb_to_linear(np.arange(256.0))


def colour_of_hue(hue: float, saturation: float, brightness: float) -> np.ndarray:
    """Return the linear light of a hue in degrees, with saturation and brightness in [0, 1]."""
    return cv2.cvtColor(np.float32([[[hue, saturation, 1]]]), cv2.COLOR_HSV2RGB)[0, 0] ** 2.2 * brightness


def linear_to_srgb(light: np.ndarray) -> np.ndarray:
    """Convert linear light to sRGB levels, float32 in 0..255."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32) * 255


@dataclass
class Layer:
    """A picture with coverage.

    Attributes
    ----------
    light : ndarray of float32, shape (H, W, 3)
        Straight (not premultiplied) linear light.
    alpha : ndarray of float32, shape (H, W)
        Coverage in [0, 1].
    """

    light: np.ndarray
    alpha: np.ndarray

    def over(self, below: Layer) -> Layer:
        """Lay this layer on top of another one; return both as one layer."""
        rest = below.alpha * (1 - self.alpha)
        alpha = self.alpha + rest
        light = self.light * self.alpha[..., None] + below.light * rest[..., None]
        # Where both are transparent the colour is free. The lower layer's colour avoids dark rims in later resampling.
        light = np.where((alpha > 1e-4)[..., None], light / np.maximum(alpha, 1e-4)[..., None], below.light)
        return Layer(light.astype(np.float32), alpha.astype(np.float32))

    def on(self, background: np.ndarray) -> np.ndarray:
        """Composite over an opaque picture in linear light; return float32, shape (H, W, 3)."""
        return (background + (self.light - background) * self.alpha[..., None]).astype(np.float32)

    def blur(self, kernel: np.ndarray) -> Layer:
        """Blur light and coverage together with a kernel, as optics do."""
        alpha = cv2.filter2D(self.alpha, -1, kernel, borderType=cv2.BORDER_REFLECT)
        light = cv2.filter2D(self.light * self.alpha[..., None], -1, kernel, borderType=cv2.BORDER_REFLECT)
        soft = cv2.filter2D(self.light, -1, kernel, borderType=cv2.BORDER_REFLECT)
        known = alpha > 1e-3
        light = np.where(known[..., None], light / np.maximum(alpha, 1e-3)[..., None], soft)
        return Layer(light, np.clip(alpha, 0, 1))


def disc_kernel(radius: float) -> np.ndarray:
    """Return the kernel of a lens out of focus: a disc with an antialiased rim, radius in pixels."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return kernel / kernel.sum()


def motion_kernel(length: float, angle: float) -> np.ndarray:
    """Return the kernel of a straight motion, length in pixels, angle in radians."""
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


def smooth_noise(rng: np.random.Generator, width: int, height: int, cells: float) -> np.ndarray:
    """Return smooth noise in [0, 1], shape (height, width), with about `cells` waves across the width."""
    grid = rng.random((max(2, round(cells * height / width)) + 1, max(2, round(cells)) + 1)).astype(np.float32)
    return np.clip(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
