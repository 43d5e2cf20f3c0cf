"""Synthetic pictures for tests, and how to encode them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def smooth(width: int, height: int) -> NDArray[np.uint8]:
    """A picture without sharp edges and without any symmetry, which codecs keep nearly as it is."""
    x = np.linspace(0, 1, width)[None, :]
    y = np.linspace(0, 1, height)[:, None]
    red = 40 + 180 * x + 0 * y
    green = 30 + 180 * y + 0 * x
    blue = 60 + 120 * np.exp(-8 * ((x - 0.3) ** 2 + (y - 0.2) ** 2))
    return np.stack([red, green, blue], axis=-1).round().astype(np.uint8)


def grainy(width: int, height: int, seed: int = 0, sigma: float = 6.0) -> NDArray[np.uint8]:
    """The smooth picture with a camera's noise."""
    noise = np.random.default_rng(seed).normal(0, sigma, (height, width, 3))
    return np.clip(smooth(width, height) + noise, 0, 255).astype(np.uint8)


def encoded(picture: NDArray[np.uint8] | Image.Image, form: str, **options: Any) -> bytes:
    """Encode by Pillow, or by pillow-heif for HEIC."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    if form == "heic":
        import pillow_heif

        # Not from_pillow, which turns the picture by its orientation instead of writing that.
        pillow_heif.from_bytes(image.mode, image.size, image.tobytes()).save(buffer, **options)
    else:
        image.save(buffer, form, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
