"""People of `tests/portraits` in front of drawn, busy backgrounds, with the alpha matte known by construction.

A scene is drawn from a seed: a wall with a gradient, a bookshelf, a window and a striped flag, slightly out of focus.
The person is composited over it in linear light with a stored matte.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from idphoto.colour import composite

PORTRAITS = Path(__file__).with_name("portraits")

MASKS = PORTRAITS / "masks"

PEOPLE = tuple(sorted(path.stem for path in MASKS.glob("*.png")))
"""Names of the people of whom there is a matte."""

OPAQUE = 0.98
"""Alpha from which on a pixel shows the person's own colour."""


def draw_background(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    """Draw an office without people.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        sRGB; equal for equal arguments.
    """
    rng = np.random.default_rng(seed)
    wall = rng.integers(90, 200, 3)
    shade = np.linspace(1.1, 0.75, width)[None, :, None] * np.linspace(1, 0.85, height)[:, None, None]
    scene = np.ascontiguousarray(np.clip(wall * shade, 0, 255).astype(np.uint8))
    split = int(width * rng.uniform(0.4, 0.6))
    draw_bookshelf(scene[:, :split], rng)
    draw_window(scene[height // 8 : height // 2, split + width // 20 : split + width // 4])
    draw_flag(scene[height // 5 :, width - width // 5 :], rng)
    blurred = cv2.GaussianBlur(scene, (0, 0), width / 250)
    noise = rng.normal(0, 2, scene.shape)
    return np.clip(blurred + noise, 0, 255).round().astype(np.uint8)


def draw_bookshelf(area: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Fill an area with shelves of books, in place."""
    height, width = area.shape[:2]
    area[...] = (70, 45, 30)
    board = max(height // 60, 2)
    for top in np.linspace(0, height, 5, dtype=int)[:-1]:
        bottom, left = top + height // 4 - board, 0
        while left < width:
            breadth = int(rng.integers(max(width // 25, 3), max(width // 9, 5)))
            upper = top + int(rng.integers(board, height // 14))
            area[upper:bottom, left : left + breadth - 1] = rng.integers(20, 235, 3)
            left += breadth


def draw_window(area: NDArray[np.uint8]) -> None:
    """Draw a bright window with a frame and a cross bar, in place."""
    height, width = area.shape[:2]
    frame = max(width // 12, 2)
    area[...] = (240, 240, 235)
    area[frame:-frame, frame:-frame] = (205, 225, 250)
    area[height // 2 - frame // 2 : height // 2 + frame // 2 + 1] = (240, 240, 235)


def draw_flag(area: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Draw a hanging flag with wavy stripes of two colours, in place."""
    height, width = area.shape[:2]
    y, x = np.mgrid[:height, :width]
    stripes = ((x + 0.15 * width * np.sin(y / height * 7)) // max(width / 5, 2) % 2).astype(bool)
    area[...] = np.where(stripes[..., None], rng.integers(150, 255, 3), rng.integers(10, 120, 3))


def extend_foreground(rgb: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Give each pixel that is not opaque the colour of the nearest opaque one, so that no old background is left."""
    opaque = alpha >= OPAQUE
    _, labels = cv2.distanceTransformWithLabels(
        (~opaque).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(labels.max()) + 1, 3), np.uint8)
    colours[labels[opaque]] = rgb[opaque]
    return np.where(opaque[..., None], rgb, colours[labels])


def read_person(name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the colours and the true alpha of a person of `PEOPLE`."""
    rgb = np.asarray(Image.open(PORTRAITS / f"{name}.jpg").convert("RGB"))
    alpha = np.asarray(Image.open(MASKS / f"{name}.png")).astype(np.float32) / 255
    return extend_foreground(rgb, alpha), alpha


@lru_cache(maxsize=len(PEOPLE))
def make_scene(name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Place a person of `PEOPLE` in front of a background of their own.

    Returns
    -------
    rgb : ndarray of uint8, shape (410, 335, 3)
        sRGB. Read-only.
    alpha : ndarray of float32, shape (410, 335)
        The true alpha matte, in [0, 1]. Read-only.
    """
    colours, alpha = read_person(name)
    background = draw_background(colours.shape[1], colours.shape[0], crc32(name.encode()))
    scene = composite(colours, alpha, background)
    scene.flags.writeable = alpha.flags.writeable = False
    return scene, alpha
