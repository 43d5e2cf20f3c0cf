"""Draw things that people wear: scarves, hats, glasses, earrings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing.clutter import draw_polygon
from training.matting_network.drawing.layers import Layer, linear_to_srgb, smooth_noise, srgb_to_linear
from training.matting_network.drawing.people import CHIN, FACE_OVAL, PlacedPerson, recolour_clothes
from training.matting_network.drawing.strands import Brush, Head

if TYPE_CHECKING:
    from numpy.random import Generator


EYE_PAIRS = ((33, 133), (263, 362))
"""Outer and inner corner of either eye."""


def smooth_curve(points: np.ndarray, count: int = 160) -> np.ndarray:
    """Return a closed smooth curve through points (n, 2): a periodic Catmull-Rom spline."""
    n = len(points)
    t = np.linspace(0, n, count, endpoint=False)
    i, f = t.astype(int), (t % 1)[:, None]
    p0, p1, p2, p3 = (points[(i + k) % n] for k in (-1, 0, 1, 2))
    return 0.5 * (2 * p1 + (p2 - p0) * f + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2 + (3 * p1 - p0 - 3 * p2 + p3) * f**3)


def draw_scarf(rng: Generator, placed: PlacedPerson, head: Head) -> Layer:
    """Draw a scarf around head and neck, as a hijab is worn, with folds and an opening for the face."""
    height, width = placed.layer.alpha.shape
    wide, top = rng.uniform(1.02, 1.3), rng.uniform(1.06, 1.22)
    low = rng.uniform(1.3, 2.8) * head.chin
    jitter = lambda: rng.normal(0, 0.04)  # noqa: E731
    sides = [(-0.05, top), (0.6, 0.9 * top), (wide * 0.98, 0.35), (wide, -0.3), (wide * 0.95, -0.8)]
    skirt = [(wide * rng.uniform(1.0, 1.7), -low / head.rise), (0, -low / head.rise * rng.uniform(1.0, 1.3))]
    half = [((x + jitter()) * head.reach, (y + jitter()) * head.rise) for x, y in (*sides, *skirt)]
    other = [((-x + jitter()) * head.reach, (y + jitter()) * head.rise) for x, y in (*sides[1:], skirt[0])]
    points = np.array(half + other[::-1])
    outline = smooth_curve(head.at(points[:, 0], points[:, 1]))
    layer = draw_polygon(rng, width, height, outline)
    oval = placed.mesh[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    opening = middle + (oval - middle) * rng.uniform([0.84, 0.84], [0.98, 0.98])
    opening = opening - 0.06 * head.chin * head.up * rng.random()
    hole = np.zeros((height * 4, width * 4), np.uint8)
    cv2.fillPoly(hole, [np.rint(opening * 4).astype(np.int32)], 255)
    hole = cv2.resize(hole, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    turn = np.arctan2(y - middle[1], x - middle[0])
    far = np.hypot(x - middle[0], y - middle[1]) / head.reach
    folds = np.sin(rng.uniform(3, 14) * turn + 5 * smooth_noise(rng, width, height, 5) + rng.uniform(2, 9) * far)
    shade = 1 + rng.uniform(0.1, 0.4) * folds
    return Layer(np.clip(layer.light * shade[..., None], 0, 1).astype(np.float32), layer.alpha * (1 - hole))


def draw_hat(rng: Generator, placed: PlacedPerson, head: Head) -> Layer:
    """Draw a cap, brimmed hat, beret, knitted cap or helmet, low on the forehead."""
    height, width = placed.layer.alpha.shape
    kind = rng.choice(["cap", "brim", "knit", "helmet", "beret"])
    line = rng.uniform(0.35, 0.62) * head.rise
    wide = head.reach * rng.uniform(1.04, 1.25)
    tall = head.rise * rng.uniform(1.08, 1.45)
    angle = np.linspace(0, np.pi, 40)
    power = {"cap": 0.8, "brim": 0.45, "knit": 0.9, "helmet": 0.75, "beret": 0.7}[kind] * rng.uniform(0.85, 1.15)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power * wide
    y = line + np.sin(angle) ** min(power, 1) * (tall - line)
    if kind == "beret":
        x, y = x * 1.25 + 0.3 * head.reach * rng.normal() * np.sin(angle), line + (y - line) * 0.75
    if kind == "helmet":
        line = rng.uniform(-0.5, 0.4) * head.rise
        y = np.maximum(y, line)
        x, y = np.append(x, [-wide, wide]), np.append(y, [line, line])
    colour = rng.uniform(215, 255, 3) if kind == "helmet" and rng.random() < 0.6 else None
    layer = draw_polygon(rng, width, height, head.at(x, y), colour)
    if kind in ("cap", "brim"):
        reach = wide * (rng.uniform(1.0, 1.15) if kind == "cap" else rng.uniform(1.3, 2.1))
        turn = np.linspace(0, 2 * np.pi, 60)
        deep = head.rise * rng.uniform(0.06, 0.22)
        tilt = rng.normal(0, 0.06)
        brim = head.at(reach * np.cos(turn), line + deep * np.sin(turn) + tilt * reach * np.cos(turn))
        layer = draw_polygon(rng, width, height, brim).over(layer)
    if kind == "helmet" or (kind == "knit" and rng.random() < 0.5):
        # Helmets, and half of the knitted caps, have a rim around the face; the face itself stays free.
        oval = placed.mesh[list(FACE_OVAL)]
        hole = np.zeros((height, width), np.uint8)
        cv2.fillPoly(hole, [np.rint(oval).astype(np.int32)], 255)
        soft = cv2.GaussianBlur(hole, (0, 0), 1.0).astype(np.float32) / 255
        inside = (np.arange(height)[:, None] > placed.mesh[10, 1]).astype(np.float32)
        layer = Layer(layer.light, layer.alpha * (1 - soft * inside))
    return layer


def draw_glasses(rng: Generator, placed: PlacedPerson, head: Head, temples: np.ndarray | None = None) -> Layer:
    """Draw glasses with tinted lenses; the ends of their temples may stand off the head.

    `temples` is the colour (sRGB levels) of the temples, the bars that run to the ears. They are then of any width up
    to broad ones. Without it they are as the frame.
    """
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    lens = np.zeros((height, width), np.float32)
    colour = rng.uniform(5, 90, 3) if rng.random() < 0.75 else rng.uniform(0, 255, 3)
    thick = head.reach * rng.uniform(0.015, 0.09)
    broad, tall, power = (
        head.reach * rng.uniform(0.34, 0.46),
        head.reach * rng.uniform(0.24, 0.42),
        rng.uniform(0.45, 1.0),
    )
    turn = np.linspace(0, 2 * np.pi, 60)
    lens_shape = np.stack(
        [np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power, np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power],
        1,
    )
    centres = []
    for outer, inner in EYE_PAIRS:
        centre = placed.mesh[[outer, inner]].mean(axis=0) - head.up * 0.05 * head.reach
        shape = centre + np.outer(lens_shape[:, 0] * broad, head.right) + np.outer(lens_shape[:, 1] * tall, head.up)
        cv2.fillPoly(lens, [np.rint(shape).astype(np.int32)], 1.0)
        brush.line(shape, colour, thick, np.ones(1))
        centres.append(centre)
    left, right = sorted(centres, key=lambda centre: centre @ head.right)
    bridge = [left + head.right * broad * 0.95, right - head.right * broad * 0.95]
    brush.line(np.array(bridge), colour, thick, np.ones(1))
    for centre, side in ((left, -1), (right, 1)):
        hinge = centre + side * head.right * broad * 0.98 + head.up * 0.3 * tall
        draw_temple(brush, rng, head, hinge, side, (colour, thick) if temples is None else (temples, None))
    tinted = np.full((height, width, 3), 0, np.float32) + srgb_to_linear(rng.uniform(0, 255, 3))
    strength = rng.uniform(0.5, 0.95) if rng.random() < 0.15 else rng.uniform(0, 0.15)
    return brush.layer().over(Layer(tinted, cv2.GaussianBlur(lens, (0, 0), 0.8) * strength))


def draw_temple(
    brush: Brush, rng: Generator, head: Head, hinge: np.ndarray, side: int, paint: tuple[np.ndarray, float | None]
) -> None:
    """Draw one temple of glasses, from the hinge to the ear.

    `paint` is its colour and the width of the frame. If the width is None, the temple gets a width and a length by
    chance.
    """
    colour, thick = paint
    end = head.centre + head.right * side * head.reach * rng.uniform(0.98, 1.06)
    bar = np.array([hinge, end + head.up * 0.1 * head.reach])
    if thick is None:
        bar[1] += (bar[0] - bar[1]) * rng.uniform(0, 0.4)
        brush.line(bar, colour, head.reach * rng.uniform(0.03, 0.13), np.ones(1))
    else:
        brush.line(bar, colour, thick * 0.9, np.ones(1))


def draw_earrings(rng: Generator, placed: PlacedPerson, head: Head, stones: np.ndarray | None = None) -> Layer:
    """Draw hoops, drops or studs under the ears.

    `stones` is their colour (sRGB levels), by chance if None. The background is visible through a hoop.
    """
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    colour = np.array([[212, 175, 80], [200, 200, 205], [20, 20, 22], [235, 230, 225]][rng.integers(4)], float)
    if rng.random() < 0.25:
        colour = rng.uniform(0, 255, 3)
    if stones is not None:
        colour = stones
    kind, size = rng.choice(["hoop", "drop", "stud"]), head.reach * rng.uniform(0.06, 0.34)
    turn = np.linspace(0, 2 * np.pi, 50)
    for side in (-1, 1):
        lobe = head.at(np.array(side * head.reach * rng.uniform(0.97, 1.1)), np.array(-0.42 * head.chin))
        down = np.array([0.0, 1.0])
        if kind == "hoop":
            ring = lobe + down * size + size * np.stack([np.cos(turn) * rng.uniform(0.4, 1), np.sin(turn)], 1)
            brush.line(ring, colour, max(0.5, head.reach * rng.uniform(0.01, 0.05)), rng.uniform(0.6, 1.2, 8))
        elif kind == "drop":
            for j in range(rng.integers(1, 5)):
                centre = lobe + down * size * (0.6 + 0.8 * j)
                bead = np.stack([np.cos(turn) * rng.uniform(0.2, 0.6), np.sin(turn) * 0.4], 1) * size
                brush.fill(centre + bead, colour * rng.uniform(0.6, 1.2))
            brush.line(np.array([lobe, lobe + down * size * 2]), colour * 0.8, max(0.4, 0.012 * head.reach), np.ones(1))
        else:
            brush.fill(lobe + 0.35 * size * np.stack([np.cos(turn), np.sin(turn)], 1), colour)
    return brush.layer()


def add_accessories(rng: Generator, placed: PlacedPerson, chance: float) -> PlacedPerson:
    """Add glasses, earrings, and a scarf or a hat, each by chance; `chance` is that of glasses."""
    head, layer = Head.of(placed), placed.layer
    if rng.random() < chance:
        layer = draw_glasses(rng, placed, head).over(layer)
    if rng.random() < chance:
        jewels = draw_earrings(rng, placed, head)
        layer = jewels.over(layer) if rng.random() < 0.7 else layer.over(jewels)
    covered = rng.random()
    if covered < 0.6 * chance:
        layer = draw_scarf(rng, placed, head).over(layer)
    elif covered < 1.3 * chance:
        layer = draw_hat(rng, placed, head).over(layer)
    return PlacedPerson(layer, placed.mesh, placed.crown, placed.scale)


def add_things_like_background(
    rng: Generator, placed: PlacedPerson, behind: np.ndarray, clothes: float
) -> PlacedPerson:
    """Add glasses, earrings and clothes that have the colour of the background beside them.

    The background seen through a gap looks the same. Only shape and place tell them apart.

    Parameters
    ----------
    rng, placed
        Random numbers, and the person.
    behind : ndarray of float32, shape (H, W, 3)
        The background, in linear light.
    clothes : float
        Chance that clothes have its colour.
    """
    head, layer = Head.of(placed), placed.layer
    height = len(behind)

    def background_colour(y: float) -> np.ndarray:
        first = int(np.clip(y - 0.05 * height, 0, 0.9 * height))
        light = np.median(behind[first : first + height // 10].reshape(-1, 3), axis=0)
        return linear_to_srgb(light * np.exp(rng.normal(0, 0.06, 3) + rng.normal(-0.1, 0.25)))

    eyes = float(placed.mesh[[33, 263], 1].mean())
    chin = float(placed.mesh[CHIN, 1])
    if rng.random() < clothes:
        placed = recolour_clothes(placed, rng, srgb_to_linear(background_colour(chin)))
        layer = placed.layer
    if rng.random() < 0.75:
        layer = draw_glasses(rng, placed, head, background_colour(eyes)).over(layer)
    if rng.random() < 0.3:
        layer = draw_earrings(rng, placed, head, background_colour(chin)).over(layer)
    return PlacedPerson(layer, placed.mesh, placed.crown, placed.scale)
