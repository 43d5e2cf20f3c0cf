"""Draw things behind and beside people: flags, head-rests, furniture, shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing.layers import Layer, smooth_noise, srgb_to_linear

if TYPE_CHECKING:
    from numpy.random import Generator

SUPERSAMPLING = 4
"""Shapes are drawn larger by this factor and averaged, so that their coverage is nearly exact."""


def make_star(size: float) -> np.ndarray:
    """Return the corners of a five-pointed star of a radius, around the origin."""
    angles = -np.pi / 2 + np.arange(10) * np.pi / 5
    return np.stack([np.cos(angles), np.sin(angles)], 1) * np.where(np.arange(10) % 2, 0.4, 1)[:, None] * size


def draw_flag_cloth(rng: Generator) -> np.ndarray:
    """Draw a flat flag, 240x400 pixels, uint8 RGB: stars and stripes, or bands with an emblem and stars by chance."""
    cloth = np.empty((240, 400, 3), np.uint8)
    red, blue, white = (
        np.clip(np.array(c) + rng.normal(0, 12, 3), 0, 255) for c in ((178, 30, 50), (35, 40, 95), (235, 232, 228))
    )
    if rng.random() < 0.65:
        rows = np.arange(240) * 13 // 240
        cloth[:] = np.where((rows % 2 == 0)[:, None, None], red, white)
        cloth[:129, :170] = blue
        for i in range(9):
            for j in range(11):
                if (i + j) % 2 == 0:
                    points = make_star(6.5) + np.array([(j + 1) * 170 / 12, (i + 1) * 129 / 10])
                    cv2.fillPoly(cloth, [np.rint(points * 16).astype(np.int32)], white.tolist(), cv2.LINE_AA, 4)
        return cloth
    bands = rng.integers(2, 5)
    colours = [rng.uniform(0, 255, 3) if rng.random() < 0.6 else (red, blue, white)[rng.integers(3)] for _ in range(6)]
    along = np.arange(240 if rng.random() < 0.5 else 400) * bands
    table = np.array(colours)[:bands]
    cloth[:] = table[along // 240][:, None] if len(along) == 240 else table[along // 400][None]
    if rng.random() < 0.5:
        cv2.circle(cloth, (200, 120), int(rng.uniform(25, 70)), colours[4].tolist(), -1, cv2.LINE_AA)
        for _ in range(rng.integers(0, 12)):
            points = make_star(rng.uniform(6, 25)) + rng.uniform(0, [400, 240])
            cv2.fillPoly(cloth, [np.rint(points * 16).astype(np.int32)], colours[5].tolist(), cv2.LINE_AA, 4)
    return cloth


def draw_flag(rng: Generator, width: int, height: int, beside: tuple[float, float], side: int) -> Layer:
    """Draw a flag that hangs in folds from a pole.

    Parameters
    ----------
    rng, width, height
        Random numbers, and size of the picture.
    beside : tuple of float
        Point (x, y) of the shoulder that the flag may touch.
    side : int
        -1 for the left, 1 for the right of the picture.
    """
    cloth = draw_flag_cloth(rng)
    tall = height * rng.uniform(0.8, 1.5)
    wide = width * rng.uniform(0.2, 0.5)
    left = beside[0] + (rng.uniform(-0.15, 0.12) * width if side > 0 else -wide + rng.uniform(-0.12, 0.15) * width)
    head = rng.uniform(-0.5, 0.3) * height
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    v = (y - head) / tall
    # The cloth becomes narrower towards the top of the pole, and sways.
    sway = rng.normal(0, 0.12) * v**2 * wide * 2 + rng.normal(0, 0.02) * wide * np.sin(7 * v + rng.uniform(0, 6))
    spread = np.clip(rng.uniform(0.2, 0.6) + v * rng.uniform(0.3, 1.2), 0.15, 1.1)
    u = (x - left - sway) / (wide * spread)
    if side < 0:
        u = 1 - (left + wide - x - sway) / (wide * spread)
    folds = rng.uniform(2, 7)
    phase = 2 * np.pi * folds * u + 1.5 * np.sin(3 * v + rng.uniform(0, 6)) + rng.uniform(0, 6)
    depth = rng.uniform(0.3, 0.95)
    along = u + depth * np.sin(phase) / (2 * np.pi * folds)
    # On a flag that hangs from a pole, stripes run vertically or obliquely.
    tilt = rng.uniform(-0.5, 0.9)
    across = rng.uniform(0.5, 1.0)
    s = (v * np.cos(tilt) + along * np.sin(tilt) * wide / tall * 1.5) * 400 * rng.uniform(0.7, 1.2)
    t = (along * across * np.cos(tilt) - v * np.sin(tilt)) * 240 + rng.uniform(-60, 60)
    colours = cv2.remap(
        cloth, s.astype(np.float32), t.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    shade = 0.75 + rng.uniform(0.15, 0.45) * np.cos(phase + 0.7)
    edge = 1.5 / (wide * spread)
    alpha = np.clip(u / edge, 0, 1) * np.clip((1 - u) / edge, 0, 1) * np.clip((y - head) / 2, 0, 1)
    light = srgb_to_linear(colours) * np.clip(shade, 0.08, 1.3)[..., None] * rng.uniform(0.25, 1.0)
    if rng.random() < 0.4:
        draw_pole(rng, light, alpha, x - (left + sway if side > 0 else left + wide) - 0.04 * (y - head))
    return Layer(np.clip(light, 0, 1).astype(np.float32), alpha.astype(np.float32))


def draw_pole(rng: Generator, light: np.ndarray, alpha: np.ndarray, offset: np.ndarray) -> None:
    """Draw a pole into the light and the coverage of a flag; `offset` is each pixel's distance from the pole."""
    near = np.abs(offset) < alpha.shape[1] * rng.uniform(0.004, 0.012)
    light[near] = srgb_to_linear(np.array([150, 110, 45])) * rng.uniform(0.3, 1.2)
    np.maximum(alpha, near, out=alpha)


def draw_polygon(rng: Generator, width: int, height: int, shape: np.ndarray, colour: np.ndarray | None = None) -> Layer:
    """Draw a filled polygon with uneven light and texture.

    `shape` are its corners (n, 2) in pixels, `colour` its sRGB levels, by chance if None.
    """
    mask = np.zeros((height * SUPERSAMPLING, width * SUPERSAMPLING), np.uint8)
    cv2.fillPoly(mask, [np.rint(shape * SUPERSAMPLING).astype(np.int32)], 255)
    alpha = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    base = srgb_to_linear(rng.uniform(5, 250, 3) if colour is None else colour)
    if colour is None and rng.random() < 0.5:
        base = base.mean() * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    texture = 1 + rng.uniform(0, 0.8) * (smooth_noise(rng, width, height, rng.uniform(3, 8)) - 0.5)
    texture = texture * (1 + rng.uniform(0, 0.4) * (smooth_noise(rng, width, height, rng.uniform(40, 160)) - 0.5))
    light = base * texture[..., None]
    if rng.random() < 0.35:
        angle, period = rng.uniform(0, np.pi), rng.uniform(0.01, 0.08) * width
        y, x = np.mgrid[0:height, 0:width]
        stripes = (x * np.cos(angle) + y * np.sin(angle)) % period < period * rng.uniform(0.1, 0.9)
        light = np.where(stripes[..., None], light, srgb_to_linear(rng.uniform(5, 250, 3)) * texture[..., None])
    if rng.random() < 0.5:  # darker towards the rim, as upholstery is
        inner = cv2.GaussianBlur(alpha, (0, 0), max(1.0, width * rng.uniform(0.01, 0.06)))
        light = light * np.clip(0.25 + inner, 0, 1)[..., None]
    return Layer(np.clip(light, 0, 1).astype(np.float32), alpha)


def draw_head_rest(rng: Generator, width: int, height: int, head: tuple[float, float], breadth: float) -> Layer:
    """Draw the back of a chair or car seat behind the head or the shoulders.

    `head` is the middle of the face (x, y), `breadth` its width, both in pixels.
    """
    half = breadth * rng.uniform(0.5, 1.6)
    top = head[1] + rng.uniform(-0.7, 0.9) * breadth
    angle = np.linspace(np.pi, 2 * np.pi, 40)
    power = rng.uniform(0.15, 1.0)
    arc = np.stack([np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power, np.sin(angle)], 1)
    middle = head[0] + rng.normal(0, 0.3) * breadth
    points = arc * [half, breadth * rng.uniform(0.1, 0.5)] + [middle, top + 0.3 * breadth]
    foot = half * rng.uniform(0.8, 1.2)
    shape = np.vstack([points, [[middle + foot, height + 9], [middle - foot, height + 9]]])
    return draw_polygon(rng, width, height, shape)


def draw_furniture(rng: Generator, width: int, height: int, beside: tuple[float, float], side: int) -> Layer:
    """Draw a post, a box or an irregular blob beside the person, often touching the shoulder; see `draw_flag`."""
    kind = rng.choice(["post", "box", "blob"])
    near = beside[0] - side * rng.uniform(0, 0.12) * width
    if kind == "post":
        x = near + side * rng.uniform(0, 0.3) * width
        half, lean = rng.uniform(0.008, 0.08) * width, rng.normal(0, 0.1) * width
        shape = np.array([[x - half + lean, -9], [x + half + lean, -9], [x + half, height + 9], [x - half, height + 9]])
    elif kind == "box":
        far = near + side * rng.uniform(0.1, 0.7) * width
        top = beside[1] + rng.uniform(-0.45, 0.1) * height
        low = top + rng.uniform(0.08, 0.9) * height
        lean = rng.normal(0, 0.03, 4) * width
        shape = np.array([[near, top + lean[0]], [far, top + lean[1]], [far, low + lean[2]], [near, low + lean[3]]])
    else:
        angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        radius = 1 + sum(rng.normal(0, 0.25 / k) * np.cos(k * angle + rng.uniform(0, 6)) for k in range(2, 6))
        reach = rng.uniform(0.06, 0.28) * width
        centre = [near + side * reach * 0.7, beside[1] + rng.uniform(-0.3, 0.2) * height]
        shape = np.stack([np.cos(angle), rng.uniform(0.6, 1.8) * np.sin(angle)], 1) * radius[:, None] * reach + centre
    return draw_polygon(rng, width, height, shape)


def cast_shadow(rng: Generator, background: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Darken the background (linear light) by the person's shadow, hard or soft, shifted to one side."""
    height, width = alpha.shape
    shift = np.float32([[1, 0, rng.normal(0, 0.06) * width], [0, 1, rng.uniform(-0.02, 0.06) * height]])
    cast = cv2.warpAffine(alpha, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
    cast = cv2.GaussianBlur(cast, (0, 0), width * np.exp(rng.uniform(np.log(0.002), np.log(0.04))))
    return background * (1 - rng.uniform(0.2, 0.8) * cast)[..., None]
