"""Make hard cases from real portraits by known changes, so that measures can be compared with the truth."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from idphoto.colour import to_linear, to_srgb
from training.eyes_and_glasses.face_warping import face_middle_x, find_landmarks

Rgb = NDArray[np.uint8]


def read_rgb(data: bytes | str) -> Rgb:
    """Return the pixels of a picture, given as a path or as the bytes of a file."""
    return np.asarray(Image.open(io.BytesIO(data) if isinstance(data, bytes) else data).convert("RGB"))


def encode_jpeg(rgb: Rgb, quality: int = 95) -> bytes:
    """Encode as JPEG without chroma subsampling."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def add_side_light(rgb: Rgb, ratio: float) -> Rgb:
    """Give the left half of the face `ratio` times as much linear light as the right half."""
    mesh = find_landmarks(rgb)[:, :2]
    middle, width = face_middle_x(mesh), 0.1 * float(np.linalg.norm(mesh[263] - mesh[33]))
    step = 1 / (1 + np.exp((np.arange(rgb.shape[1]) - middle) / (width / 6)))
    gain = np.exp(np.log(ratio) * step) / ratio  # nothing becomes brighter, so that nothing clips
    return to_srgb((to_linear(rgb) * gain[None, :, None]).astype(np.float32))


def rotate(rgb: Rgb, degrees: float) -> Rgb:
    """Rotate the whole picture clockwise, as seen."""
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def blur(rgb: Rgb, sigma: float) -> Rgb:
    """Blur with a Gaussian of this standard deviation in pixels; 0 changes nothing."""
    return cv2.GaussianBlur(rgb, (0, 0), sigma) if sigma else rgb


def place_side_by_side(first: Rgb, second: Rgb) -> Rgb:
    """Place two portraits side by side, cut to the height of the lower one."""
    height = min(first.shape[0], second.shape[0])
    return np.hstack([picture[:height] for picture in (first, second)])


def tint(rgb: Rgb, gains: tuple[float, float, float]) -> Rgb:
    """Multiply the linear light of each channel by its gain."""
    return to_srgb((to_linear(rgb) * np.array(gains, np.float32)).clip(0, 1).astype(np.float32))
