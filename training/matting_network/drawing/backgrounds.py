"""Backdrops of the training pool: places, real portraits with the person taken out, walls like the clothes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.faces import BACKENDS as FACES
from idphoto.segmentation import run_segmenter as coarse_person
from training.matting_network.data.split import files
from training.matting_network.drawing.background_pictures import background, drawn
from training.matting_network.drawing.layers import Layer, disc, linear, noise, of_hue
from training.matting_network.drawing.people import CHIN, EYES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

    from training.matting_network.drawing.people import Placed

KINDS = {"place": 0.36, "scene": 0.36, "like": 0.12, "canvas": 0.16}


@lru_cache(maxsize=128)
def emptied(path: Path) -> tuple[np.ndarray, np.ndarray, float] | None:
    """A real portrait with its person painted out; the middle of the face and its size, or None without a face."""
    rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    mesh = FACES.get("mediapipe").find_mesh(rgb)
    if mesh is None:
        return None
    eyes = mesh[list(EYES), :2].mean(axis=0)
    size = float(mesh[CHIN, 1] - eyes[1])
    reach = max(5, int(size * 0.16)) | 1
    hole = cv2.dilate((coarse_person(rgb) > 0.25).astype(np.uint8), np.ones((reach, reach), np.uint8))
    small = cv2.resize(rgb, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    little = cv2.resize(hole, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_NEAREST)
    filled = cv2.resize(cv2.inpaint(small, little, 4, cv2.INPAINT_TELEA), (rgb.shape[1], rgb.shape[0]))
    soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 2)[..., None]
    return (rgb * (1 - soft) + filled * soft).astype(np.uint8), eyes, size


def scene(shared: Path, split: str, rng: Generator, placed: Placed, width: int, height: int) -> np.ndarray | None:
    """The surroundings of a real portrait, moved so that this person stands where the other did."""
    found = emptied(rng.choice(files(shared / "portraits/scenes", split)))
    if found is None:
        return None
    rgb, eyes, size = found
    ours = placed.mesh[list(EYES)].mean(axis=0)
    scale = (placed.mesh[CHIN, 1] - ours[1]) / size * rng.uniform(0.65, 1.0)
    flip = -1 if rng.random() < 0.5 else 1
    matrix = np.array([[scale * flip, 0, ours[0] - scale * flip * eyes[0]], [0, scale, ours[1] - scale * eyes[1]]])
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def like(rng: Generator, placed: Placed, width: int, height: int) -> np.ndarray:
    """A wall in a colour of the person: hair, skin or clothes, nearly."""
    layer = placed.layer
    solid = layer.alpha > 0.9
    head = np.arange(height)[:, None] < placed.crown[1] + 0.15 * (placed.mesh[CHIN, 1] - placed.crown[1])
    low = np.arange(height)[:, None] > placed.mesh[CHIN, 1]
    part = solid & [head, low, solid][rng.integers(3)]
    pixels = layer.light[part if part.any() else solid]
    colour = pixels[rng.integers(len(pixels), size=30)].mean(axis=0) if len(pixels) else np.full(3, 0.2)
    colour = np.clip(colour * np.exp(rng.normal(0, 0.12, 3)), 0, 1)
    light = 1 + rng.uniform(0, 1.0) * (noise(rng, width, height, rng.uniform(1, 6)) - 0.5)
    return (colour * light[..., None]).astype(np.float32)


def canvas(rng: Generator, width: int, height: int) -> np.ndarray:
    """A photographer's mottled or plain cloth, lit from its middle."""
    base = linear(np.array([[60, 80, 110], [110, 110, 115], [90, 110, 140], [150, 120, 95], [225, 225, 228],
                            [40, 42, 48], [165, 185, 205], [200, 200, 190]][rng.integers(8)]))  # fmt: skip
    base = np.clip(base * np.exp(rng.normal(0, 0.25, 3) + rng.normal(0, 0.3)), 0, 1)
    mottle = sum(noise(rng, width, height, cells) / 2**i for i, cells in enumerate((4, 9, 18, 40))) / 1.9
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    spot = np.exp(-((x - rng.normal(0, 0.4)) ** 2 + (y - rng.normal(0, 0.4)) ** 2) / rng.uniform(0.4, 3))
    light = (1 + rng.uniform(0, 1.3) * (mottle - 0.5)) * (0.5 + rng.uniform(0.2, 1.0) * spot)
    return np.clip(base * light[..., None], 0, 1).astype(np.float32)


def plain(rng: Generator, width: int, height: int) -> np.ndarray:
    """A smooth wall of one strong colour, as studios have: mostly blue, lit from one side. Linear light."""
    if rng.random() < 0.6:
        base = linear(np.array([85, 115, 215]) + rng.normal(0, 18, 3))
    else:
        vivid, bright = rng.uniform(0.3, 1), rng.uniform(0.1, 0.9)
        base = of_hue(rng.uniform(0, 360), vivid, bright)
    light = 1 + rng.uniform(0, 0.8) * (noise(rng, width, height, rng.uniform(0.5, 2)) - 0.5)
    return np.clip(base * light[..., None], 0, 1).astype(np.float32)


def backdrop(
    shared: Path, split: str, rng: Generator, placed: Placed, width: int, height: int
) -> tuple[np.ndarray, str]:
    """An empty backdrop in linear light, and its kind."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    if kind == "scene":
        found = scene(shared, split, rng, placed, width, height)
        if found is not None:
            return linear(found), kind
    if kind == "like":
        return like(rng, placed, width, height), kind
    if kind == "canvas":
        return canvas(rng, width, height), kind
    behind, kind = background(shared, split, rng, width, height)
    if rng.random() < 0.15:  # something hangs on the wall
        other = drawn(rng, width, height)
        x, y = int(rng.uniform(0, width * 0.8)), int(rng.uniform(0, height * 0.5))
        w, h = int(rng.uniform(0.1, 0.6) * width), int(rng.uniform(0.1, 0.6) * height)
        behind = behind.copy()
        behind[y : y + h, x : x + w] = other[y : y + h, x : x + w]
    return linear(behind), kind


def defocused(rng: Generator, picture: np.ndarray) -> np.ndarray:
    """Blur a backdrop as an open lens does: half of them not at all."""
    radius = picture.shape[1] * abs(rng.normal(0, 0.012))
    if radius < 0.5 or rng.random() < 0.35:
        return picture
    return Layer(picture, np.ones(picture.shape[:2], np.float32)).spread(disc(min(radius, 14))).light
