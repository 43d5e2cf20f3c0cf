"""Make the backgrounds of the training pool: places, real portraits without their person, colours like the clothes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.faces import BACKENDS as FACES
from idphoto.segmentation import run_segmenter
from training.matting_network.data.sample_files import read_rgb
from training.matting_network.data.split import files_of_split
from training.matting_network.drawing.background_pictures import choose_picture, draw_background
from training.matting_network.drawing.layers import Layer, colour_of_hue, disc_kernel, smooth_noise, srgb_to_linear
from training.matting_network.drawing.people import CHIN, EYE_CORNERS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

    from training.matting_network.drawing.people import PlacedPerson

KIND_SHARES = {"place": 0.36, "scene": 0.36, "like": 0.12, "canvas": 0.16}


@lru_cache(maxsize=128)
def remove_person(path: Path) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Paint over the person of a real portrait.

    Returns
    -------
    tuple or None
        The picture (uint8 sRGB), the middle between the eyes (x, y), and the height from eyes to chin, both in pixels;
        None if no face is found.
    """
    rgb = read_rgb(path)
    mesh = FACES.get("mediapipe").find_mesh(rgb)
    if mesh is None:
        return None
    eyes = mesh[list(EYE_CORNERS), :2].mean(axis=0)
    size = float(mesh[CHIN, 1] - eyes[1])
    reach = max(5, int(size * 0.16)) | 1
    hole = cv2.dilate((run_segmenter(rgb) > 0.25).astype(np.uint8), np.ones((reach, reach), np.uint8))
    small = cv2.resize(rgb, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    little = cv2.resize(hole, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_NEAREST)
    filled = cv2.resize(cv2.inpaint(small, little, 4, cv2.INPAINT_TELEA), (rgb.shape[1], rgb.shape[0]))
    soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 2)[..., None]
    return (rgb * (1 - soft) + filled * soft).astype(np.uint8), eyes, size


def place_scene(
    shared: Path, split: str, rng: Generator, placed: PlacedPerson, width: int, height: int
) -> np.ndarray | None:
    """Take the surroundings of a real portrait, moved so that this person stands where the other one stood.

    Returns uint8 sRGB, or None if no face is found in the portrait.
    """
    found = remove_person(rng.choice(files_of_split(shared / "portraits/scenes", split)))
    if found is None:
        return None
    rgb, eyes, size = found
    ours = placed.mesh[list(EYE_CORNERS)].mean(axis=0)
    scale = (placed.mesh[CHIN, 1] - ours[1]) / size * rng.uniform(0.65, 1.0)
    flip = -1 if rng.random() < 0.5 else 1
    matrix = np.array([[scale * flip, 0, ours[0] - scale * flip * eyes[0]], [0, scale, ours[1] - scale * eyes[1]]])
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def draw_like_person(rng: Generator, placed: PlacedPerson, width: int, height: int) -> np.ndarray:
    """Draw a plain background nearly in a colour of the person: hair, clothes or any. Linear light."""
    layer = placed.layer
    solid = layer.alpha > 0.9
    head = np.arange(height)[:, None] < placed.crown[1] + 0.15 * (placed.mesh[CHIN, 1] - placed.crown[1])
    low = np.arange(height)[:, None] > placed.mesh[CHIN, 1]
    part = solid & [head, low, solid][rng.integers(3)]
    pixels = layer.light[part if part.any() else solid]
    colour = pixels[rng.integers(len(pixels), size=30)].mean(axis=0) if len(pixels) else np.full(3, 0.2)
    colour = np.clip(colour * np.exp(rng.normal(0, 0.12, 3)), 0, 1)
    light = 1 + rng.uniform(0, 1.0) * (smooth_noise(rng, width, height, rng.uniform(1, 6)) - 0.5)
    return (colour * light[..., None]).astype(np.float32)


def draw_canvas(rng: Generator, width: int, height: int) -> np.ndarray:
    """Draw a photographer's mottled or plain cloth, brightest in the middle. Linear light."""
    base = srgb_to_linear(np.array([[60, 80, 110], [110, 110, 115], [90, 110, 140], [150, 120, 95], [225, 225, 228],
                            [40, 42, 48], [165, 185, 205], [200, 200, 190]][rng.integers(8)]))  # fmt: skip
    base = np.clip(base * np.exp(rng.normal(0, 0.25, 3) + rng.normal(0, 0.3)), 0, 1)
    mottle = sum(smooth_noise(rng, width, height, cells) / 2**i for i, cells in enumerate((4, 9, 18, 40))) / 1.9
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    spot = np.exp(-((x - rng.normal(0, 0.4)) ** 2 + (y - rng.normal(0, 0.4)) ** 2) / rng.uniform(0.4, 3))
    light = (1 + rng.uniform(0, 1.3) * (mottle - 0.5)) * (0.5 + rng.uniform(0.2, 1.0) * spot)
    return np.clip(base * light[..., None], 0, 1).astype(np.float32)


def draw_plain(rng: Generator, width: int, height: int) -> np.ndarray:
    """Draw a smooth background of one strong colour, as studios have: mostly blue, unevenly lit. Linear light."""
    if rng.random() < 0.6:
        base = srgb_to_linear(np.array([85, 115, 215]) + rng.normal(0, 18, 3))
    else:
        saturation, brightness = rng.uniform(0.3, 1), rng.uniform(0.1, 0.9)
        base = colour_of_hue(rng.uniform(0, 360), saturation, brightness)
    light = 1 + rng.uniform(0, 0.8) * (smooth_noise(rng, width, height, rng.uniform(0.5, 2)) - 0.5)
    return np.clip(base * light[..., None], 0, 1).astype(np.float32)


def choose_background(
    shared: Path, split: str, rng: Generator, placed: PlacedPerson, width: int, height: int
) -> tuple[np.ndarray, str]:
    """Choose an empty background by chance; return it in linear light, and its kind."""
    kind = str(rng.choice(list(KIND_SHARES), p=list(KIND_SHARES.values())))
    if kind == "scene":
        found = place_scene(shared, split, rng, placed, width, height)
        if found is not None:
            return srgb_to_linear(found), kind
    if kind == "like":
        return draw_like_person(rng, placed, width, height), kind
    if kind == "canvas":
        return draw_canvas(rng, width, height), kind
    behind, kind = choose_picture(shared, split, rng, width, height)
    if rng.random() < 0.15:  # a picture on the wall
        other = draw_background(rng, width, height)
        x, y = int(rng.uniform(0, width * 0.8)), int(rng.uniform(0, height * 0.5))
        w, h = int(rng.uniform(0.1, 0.6) * width), int(rng.uniform(0.1, 0.6) * height)
        behind = behind.copy()
        behind[y : y + h, x : x + w] = other[y : y + h, x : x + w]
    return srgb_to_linear(behind), kind


def defocus_by_chance(rng: Generator, picture: np.ndarray) -> np.ndarray:
    """Blur a background (linear light) as a lens out of focus does, by a random radius or not at all."""
    radius = picture.shape[1] * abs(rng.normal(0, 0.012))
    if radius < 0.5 or rng.random() < 0.35:
        return picture
    return Layer(picture, np.ones(picture.shape[:2], np.float32)).blur(disc_kernel(min(radius, 14))).light
