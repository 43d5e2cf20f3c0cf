"""Draw synthetic pictures for tests, and encode them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def draw_smooth(width: int, height: int) -> NDArray[np.uint8]:
    """Draw a picture without sharp edges and without symmetry. Codecs change it very little."""
    x = np.linspace(0, 1, width)[None, :]
    y = np.linspace(0, 1, height)[:, None]
    red = 40 + 180 * x + 0 * y
    green = 30 + 180 * y + 0 * x
    blue = 60 + 120 * np.exp(-8 * ((x - 0.3) ** 2 + (y - 0.2) ** 2))
    return np.stack([red, green, blue], axis=-1).round().astype(np.uint8)


def draw_grainy(width: int, height: int, seed: int = 0, sigma: float = 6.0) -> NDArray[np.uint8]:
    """Draw the smooth picture with the noise of a camera, in 8-bit levels of standard deviation `sigma`."""
    noise = np.random.default_rng(seed).normal(0, sigma, (height, width, 3))
    return np.clip(draw_smooth(width, height) + noise, 0, 255).astype(np.uint8)


def encode(picture: NDArray[np.uint8] | Image.Image, form: str, **options: Any) -> bytes:
    """Encode with Pillow, or with pillow-heif for HEIC."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    if form == "heic":
        import pillow_heif

        # from_pillow would rotate the picture by its orientation instead of writing the orientation.
        pillow_heif.from_bytes(image.mode, image.size, image.tobytes()).save(buffer, **options)
    else:
        image.save(buffer, form, **options)
    return buffer.getvalue()


def encode_png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
