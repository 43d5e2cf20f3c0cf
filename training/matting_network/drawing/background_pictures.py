"""Make background pictures: views of real rooms, photos, strips of busy portraits, drawings."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.data.sample_files import read_rgb
from training.matting_network.data.split import files_of_split

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator


@lru_cache(maxsize=64)
def _read(path: Path) -> np.ndarray:
    return read_rgb(path)


def project_panorama(panorama: np.ndarray, rng: Generator, width: int, height: int) -> np.ndarray:
    """Project a panorama to a perspective view of 50 to 90 degrees, in a random direction near the horizon."""
    reach = np.radians(rng.uniform(50, 90)) / 2
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height) * height / width)
    x, y = x * np.tan(reach), y * np.tan(reach)
    tilt, turn = rng.normal(0, np.radians(8)), rng.uniform(-np.pi, np.pi)
    down = y * np.cos(tilt) + np.sin(tilt)
    ahead = np.cos(tilt) - y * np.sin(tilt)
    longitude = np.arctan2(x, ahead) + turn
    latitude = np.arctan2(down, np.hypot(x, ahead))
    rows, columns = panorama.shape[:2]
    u = ((longitude / (2 * np.pi) + 0.5) % 1) * columns
    v = np.clip((latitude / np.pi + 0.5) * rows, 0, rows - 1)
    return cv2.remap(panorama, u.astype(np.float32), v.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)


def random_crop(picture: np.ndarray, rng: Generator, width: int, height: int) -> np.ndarray:
    """Cut a random part out of a picture, scale it to a size, and mirror it by chance."""
    rows, columns = picture.shape[:2]
    fit = min(columns / width, rows / height)
    scale = fit * rng.uniform(0.5, 1.0)
    w, h = max(8, int(width * scale)), max(8, int(height * scale))
    x, y = rng.integers(0, columns - w + 1), rng.integers(0, rows - h + 1)
    piece = cv2.resize(
        picture[y : y + h, x : x + w], (width, height), interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    )
    return piece[:, ::-1].copy() if rng.random() < 0.5 else piece


def make_strip(portrait: np.ndarray, rng: Generator, width: int, height: int) -> np.ndarray:
    """Make a background from the upper left or right fifth of a busy portrait, tiled by mirroring."""
    rows, columns = portrait.shape[:2]
    piece = (
        portrait[: int(rows * 0.55), : columns // 5]
        if rng.random() < 0.5
        else portrait[: int(rows * 0.55), -columns // 5 :]
    )
    wide = np.hstack([piece, piece[:, ::-1], piece, piece[:, ::-1]])
    return random_crop(np.vstack([wide, wide[::-1]]), rng, width, height)


def _noise(rng: Generator, width: int, height: int, cells: int) -> np.ndarray:
    small = rng.random((max(2, cells * height // width), cells)).astype(np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def draw_background(rng: Generator, width: int, height: int) -> np.ndarray:
    """Draw a wall, a gradient, shelves, curtains, bricks, stripes or clouds, with uneven light; uint8 sRGB."""
    base = rng.uniform(20, 250, 3)
    other = np.clip(base + rng.normal(0, 70, 3), 0, 255)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    kind = rng.choice(["wall", "gradient", "shelves", "curtain", "bricks", "stripes", "clouds"])
    if kind == "wall":
        mix = 0.15 * _noise(rng, width, height, 3)
    elif kind == "gradient":
        angle = rng.uniform(0, 2 * np.pi)
        mix = (x * np.cos(angle) + y * np.sin(angle)) / (width + height) + 0.5
    elif kind == "curtain":
        mix = 0.5 + 0.5 * np.sin(x / rng.uniform(4, 25) + 2 * _noise(rng, width, height, 4))
    elif kind == "stripes":
        angle, period = rng.uniform(0, np.pi), rng.uniform(6, 60)
        mix = ((x * np.cos(angle) + y * np.sin(angle)) % period < period * rng.uniform(0.2, 0.8)).astype(np.float32)
    elif kind == "bricks":
        bh, bw = rng.uniform(8, 30), rng.uniform(20, 70)
        row = np.floor(y / bh)
        mix = ((y % bh < 2) | ((x + row % 2 * bw / 2) % bw < 2)).astype(np.float32) + 0.2 * _noise(
            rng, width, height, 30
        )
    elif kind == "clouds":
        mix = sum(_noise(rng, width, height, cells) / 2**i for i, cells in enumerate((3, 6, 12, 24, 48))) / 2
    else:
        return add_uneven_light(draw_shelves(rng, width, height, base / 3), rng)
    picture = base + (other - base) * np.clip(mix, 0, 1)[..., None]
    return add_uneven_light(picture, rng)


def draw_shelves(rng: Generator, width: int, height: int, wood: np.ndarray) -> np.ndarray:
    """Draw shelves of a colour with rows of books, float32 in 0..255."""
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = wood
    top = 0.0
    while top < height:
        tall, left = rng.uniform(25, 90), 0.0
        while left < width:
            wide = rng.uniform(4, 22)
            low = top + rng.uniform(0, 0.3) * tall
            picture[int(low) : int(top + tall), int(left) : int(left + wide)] = rng.uniform(15, 235, 3)
            left += wide + rng.choice([0, 0, 0, 20])
        top += tall + rng.uniform(3, 9)
    return picture


def add_uneven_light(picture: np.ndarray, rng: Generator) -> np.ndarray:
    """Multiply by slowly varying light and add grain; return uint8."""
    height, width = picture.shape[:2]
    light = 1 + rng.uniform(0, 0.35) * (_noise(rng, width, height, 3) - 0.5)
    grain = rng.normal(0, rng.uniform(0, 4), picture.shape)
    return np.clip(picture * light[..., None] + grain, 0, 255).astype(np.uint8)


def choose_picture(shared: Path, split: str, rng: Generator, width: int, height: int) -> tuple[np.ndarray, str]:
    """Choose a background by chance; return it (sharp, uint8 sRGB) and its kind.

    `shared` is the folder with ``backgrounds`` and ``portraits``; only files of the split are used.
    """
    kind = rng.choice(["panorama", "photo", "strip", "drawn"], p=[0.34, 0.14, 0.30, 0.22])
    if kind == "panorama":
        return project_panorama(
            _read(rng.choice(files_of_split(shared / "backgrounds/panoramas", split))), rng, width, height
        ), kind
    if kind == "photo":
        return random_crop(
            _read(rng.choice(files_of_split(shared / "backgrounds/photos", split))), rng, width, height
        ), kind
    if kind == "strip":
        return make_strip(
            _read(rng.choice(files_of_split(shared / "portraits/scenes", split))), rng, width, height
        ), kind
    return draw_background(rng, width, height), kind


def defocus(picture: np.ndarray, radius: float) -> np.ndarray:
    """Blur as a lens out of focus does: with a disc, in linear light, so that highlights grow."""
    if radius < 0.6:
        return picture
    size = 2 * int(np.ceil(radius)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)).astype(np.float32)
    linear = (picture.astype(np.float32) / 255) ** 2.2
    blurred = cv2.filter2D(linear, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return (255 * np.clip(blurred, 0, 1) ** (1 / 2.2)).round().astype(np.uint8)
