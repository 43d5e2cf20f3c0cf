"""Hard cases made from real portraits by known transformations, so that measures can be held against the truth."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from idphoto.colour import to_linear, to_srgb
from training.eyes_and_glasses.face_warping import landmarks, middle_x

Rgb = NDArray[np.uint8]


def opened(data: bytes | str) -> Rgb:
    """Pixels of a file."""
    return np.asarray(Image.open(io.BytesIO(data) if isinstance(data, bytes) else data).convert("RGB"))


def jpeg(rgb: Rgb, quality: int = 95) -> bytes:
    """A JPEG file without chroma subsampling."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def side_light(rgb: Rgb, ratio: float) -> Rgb:
    """Light from the left: that half of the face gets `ratio` times as much as the other, in linear light."""
    mesh = landmarks(rgb)[:, :2]
    middle, width = middle_x(mesh), 0.1 * float(np.linalg.norm(mesh[263] - mesh[33]))
    step = 1 / (1 + np.exp((np.arange(rgb.shape[1]) - middle) / (width / 6)))
    gain = np.exp(np.log(ratio) * step) / ratio  # nothing becomes brighter, so that nothing clips
    return to_srgb((to_linear(rgb) * gain[None, :, None]).astype(np.float32))


def rotated(rgb: Rgb, degrees: float) -> Rgb:
    """Tilt the whole picture clockwise as seen."""
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def blurred(rgb: Rgb, sigma: float) -> Rgb:
    """Gaussian blur; 0 is none."""
    return cv2.GaussianBlur(rgb, (0, 0), sigma) if sigma else rgb


def two_people(first: Rgb, second: Rgb) -> Rgb:
    """Two portraits side by side."""
    height = min(first.shape[0], second.shape[0])
    return np.hstack([picture[:height] for picture in (first, second)])


def tinted(rgb: Rgb, gains: tuple[float, float, float]) -> Rgb:
    """Coloured light."""
    return to_srgb((to_linear(rgb) * np.array(gains, np.float32)).clip(0, 1).astype(np.float32))
