"""Simulate a camera: optics, exposure, sensor noise and JPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing.layers import Layer, disc_kernel, linear_to_srgb, motion_kernel

if TYPE_CHECKING:
    from numpy.random import Generator


def blur_by_optics(rng: Generator, layer: Layer, background: np.ndarray) -> tuple[Layer, np.ndarray]:
    """Blur the person in 15 % of the cases out of focus, and in 8 % by motion, which blurs the background as well."""
    size = max(layer.alpha.shape)
    if rng.random() < 0.15:
        layer = layer.blur(disc_kernel(rng.uniform(0.5, 1.0 + 0.003 * size)))
    if rng.random() < 0.08:
        kernel = motion_kernel(rng.uniform(1.5, 2 + 0.01 * size), rng.uniform(0, np.pi))
        layer = layer.blur(kernel)
        background = cv2.filter2D(background, -1, kernel, borderType=cv2.BORDER_REFLECT)
    return layer, background


def develop(rng: Generator, light: np.ndarray) -> np.ndarray:
    """Convert linear light to sRGB levels (float32), with random exposure, white balance, contrast and saturation."""
    gain = np.exp(rng.normal(0, 0.04, 3) + rng.normal(0, 0.12))
    values = linear_to_srgb(light * gain.astype(np.float32))
    contrast = np.exp(rng.normal(0, 0.08))
    values = (values - 128) * contrast + 128 + rng.normal(0, 6)
    grey = values.mean(axis=-1, keepdims=True)
    saturation = 0 if rng.random() < 0.02 else np.exp(rng.normal(0, 0.12))
    return grey + (values - grey) * saturation


def add_sensor_noise(rng: Generator, values: np.ndarray) -> np.ndarray:
    """Add the noise of a small sensor, and in 35 % of the cases sharpen; return uint8.

    Noise is stronger in the dark, and partly coarse and coloured.
    """
    level = np.exp(rng.uniform(np.log(0.4), np.log(7)))
    grain = rng.standard_normal(values.shape, np.float32)
    if rng.random() < 0.4:  # noise reduction leaves blurred noise
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.3)) * 1.7
    grain = rng.uniform(0.3, 1.0) * grain + rng.uniform(0.2, 1.0) * grain.mean(axis=-1, keepdims=True) * 1.7
    values = values + level * grain * (1.3 - values / 255 * 0.8)
    if rng.random() < 0.35:
        soft = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.7, 1.6))
        values = values + rng.uniform(0.2, 1.2) * (values - soft)
    return np.clip(values, 0, 255).round().astype(np.uint8)


def encode_jpeg(rng: Generator, rgb: np.ndarray) -> bytes:
    """Encode as JPEG of quality 60 to 96, in 75 % of the cases with halved colour resolution."""
    halved = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420 if rng.random() < 0.75 else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 97)), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, halved]
    return cv2.imencode(".jpg", rgb[..., ::-1], options)[1].tobytes()
