"""Draw hair strand by strand.

Strands are drawn two or three times larger than needed and averaged in linear light. Alpha is then the share of each
pixel that hair covers, and nearly exact.

A head has an outline over its skull, from one ear over the top to the other. The functions `falling`, `radiating` and
`bun_strands` compute how clumps of strands run from that outline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing.layers import Layer, srgb_to_linear
from training.matting_network.drawing.people import CHIN, EYE_CORNERS, FACE_OVAL

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.matting_network.drawing.people import PlacedPerson

HAIR_COLOURS = np.array([
    (20, 17, 16), (28, 22, 20), (48, 34, 26), (70, 48, 34), (95, 64, 42), (115, 55, 32), (155, 80, 40),
    (140, 108, 72), (196, 162, 108), (226, 205, 165), (120, 120, 122), (165, 165, 166), (222, 222, 222),
])  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The frame of reference of a head, in pixels of the picture.

    Attributes
    ----------
    centre : ndarray, shape (2,)
        Middle between the eyes.
    right, up : ndarray, shape (2,)
        Unit vectors.
    reach : float
        Half the width between the temples.
    rise : float
        Height of the crown above the eyes.
    chin : float
        Distance of the chin below the eyes.
    """

    centre: np.ndarray
    right: np.ndarray
    up: np.ndarray
    reach: float
    rise: float
    chin: float

    @classmethod
    def of(cls, placed: PlacedPerson) -> Head:
        """Measure the head of a placed person on its landmarks."""
        mesh = placed.mesh
        eyes = mesh[list(EYE_CORNERS)].mean(axis=0)
        up = eyes - mesh[CHIN]
        chin = float(np.linalg.norm(up))
        up = up / chin
        right = np.array([-up[1], up[0]])
        reach = float(np.abs((mesh[list(FACE_OVAL)] - eyes) @ right).max())
        rise = float(np.clip((placed.crown - eyes) @ up, 0.75 * chin, 1.3 * chin))
        return cls(eyes, right, up, reach, rise, chin)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the points of the picture, shape (..., 2), at offsets to the right and up."""
        return self.centre + np.multiply.outer(x, self.right) + np.multiply.outer(y, self.up)

    def outline(self, angle: np.ndarray, size: np.ndarray | float = 1.0) -> np.ndarray:
        """Return points of the outline: angle 0 at the right ear, pi / 2 at the crown, pi at the left ear."""
        return self.at(1.06 * self.reach * size * np.cos(angle), self.rise * size * np.sin(angle))


class Brush:
    """A canvas two or three times larger than the picture, on which strands are drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.zoom = 3 if height <= 640 else 2
        self.canvas = np.zeros((height * self.zoom, width * self.zoom, 4), np.uint8)

    def line(self, points: np.ndarray, colour: np.ndarray, breadth: float, shades: np.ndarray) -> None:
        """Draw a strand in as many pieces as there are shades; `breadth` is in pixels of the picture."""
        fixed = np.rint(points * self.zoom * 16).astype(np.int32)
        pieces = np.linspace(0, len(points) - 1, len(shades) + 1).astype(int)
        thick = max(1, round(breadth * self.zoom))
        for first, last, shade in zip(pieces[:-1], pieces[1:], shades, strict=True):
            paint = (*np.clip(colour * shade, 0, 255).tolist(), 255)
            cv2.polylines(self.canvas, [fixed[first : last + 1]], False, paint, thick, cv2.LINE_8, 4)

    def fill(self, points: np.ndarray, colour: np.ndarray) -> None:
        """Fill a closed shape."""
        fixed = np.rint(points * self.zoom * 16).astype(np.int32)
        cv2.fillPoly(self.canvas, [fixed], (*np.clip(colour, 0, 255).tolist(), 255), cv2.LINE_8, 4)

    def layer(self) -> Layer:
        """Reduce the canvas to a layer of the picture's size, with mean colours in linear light."""
        mask = (self.canvas[..., 3] > 0).astype(np.float32)
        light = srgb_to_linear(self.canvas[..., :3]) * mask[..., None]
        alpha = cv2.resize(mask, self.size, interpolation=cv2.INTER_AREA)
        light = cv2.resize(light, self.size, interpolation=cv2.INTER_AREA)
        return Layer(light / np.maximum(alpha, 1e-3)[..., None], alpha)


@dataclass(frozen=True)
class Style:
    """The look of hair.

    Attributes
    ----------
    colour : ndarray, shape (3,)
        sRGB levels.
    spread : float
        Distance by which falling hair moves away from the head, in reaches of the head.
    wave, waves : float
        Amplitude of waves, in reaches of the head, and their number along a strand.
    breadth : float
        Width of a strand, in pixels of the picture.
    loose : float
        Amount of irregularity.
    """

    colour: np.ndarray
    spread: float
    wave: float
    waves: float
    breadth: float
    loose: float


def choose_style(rng: Generator, size: float) -> Style:
    """Choose a style by chance; `size` is the reach of the head in pixels."""
    colour = HAIR_COLOURS[rng.integers(len(HAIR_COLOURS))] * np.exp(rng.normal(0, 0.12, 3) + rng.normal(0, 0.15))
    if rng.random() < 0.05:
        colour = rng.uniform(0, 255, 3)
    wave = rng.choice([0.0, 0.015, 0.04, 0.08]) * rng.uniform(0.6, 1.4)
    return Style(colour, rng.uniform(0.0, 0.5), wave, rng.uniform(1.5, 7), max(0.34, size * rng.uniform(0.004, 0.014)),
                 rng.uniform(0.2, 1.6))  # fmt: skip


def random_walks(rng: Generator, count: int, points: int, roughness: float) -> np.ndarray:
    """Return smooth random walks, shape (count, points), 0 at the root; `roughness` multiplies them."""
    steps = np.cumsum(rng.normal(0, 1, (count, points)), axis=1) / points
    walk = np.cumsum(steps, axis=1) / points * 2
    return roughness * (walk - walk[:, :1])


def assign_clumps(rng: Generator, count: int, clumps: int) -> tuple[np.ndarray, np.ndarray]:
    """Assign each strand to a clump by chance; return the clump and the place in it, -1..1."""
    return rng.integers(0, clumps, count), rng.uniform(-1, 1, count)


def falling(rng: Generator, head: Head, style: Style, count: int, low: float, side_only: bool) -> list[np.ndarray]:
    """Compute strands that run from a parting over the outline to one side and fall down.

    They end `low` reaches of the head below the eyes. With `side_only`, none falls before the face.
    """
    clumps = rng.integers(14, 46)
    clump, inside = assign_clumps(rng, count, clumps)
    parting = np.pi / 2 + rng.normal(0, 0.25)
    side = np.where(rng.random(clumps) < 0.5, 1, -1)
    target = rng.uniform(0.62 if side_only else 0.0, 1.0, clumps)
    layer = rng.uniform(0.86, 1.1, clumps) + 0.05 * style.loose * np.abs(rng.normal(0, 0.6, clumps))
    length = low * (1 - 0.25 * rng.random(clumps) ** 2) * np.where(rng.random(clumps) < 0.12, rng.uniform(0.5, 1), 1)
    phase, pace = rng.uniform(0, 6.3, clumps), style.waves * rng.uniform(0.8, 1.25, clumps)
    t = np.linspace(0, 1, 36)
    strays = random_walks(rng, count, len(t), 0.25 * style.loose)
    paths = []
    for i in range(count):
        c = clump[i]
        s = side[c]
        goal = np.clip(target[c] + 0.07 * inside[i], 0, 1.02)
        end_angle = np.pi / 2 - s * (np.pi / 2 - np.arccos(np.clip(goal, 0, 1)))
        size = layer[c] + 0.03 * inside[i]
        arc = np.clip(t / 0.3, 0, 1)
        angle = parting + (end_angle - parting) * arc
        over = head.outline(angle, size)
        drop = np.clip((t - 0.3) / 0.7, 0, 1)
        fall = drop * (length[c] * (1 + 0.06 * inside[i]) * head.reach + max(0.0, head.rise * size * np.sin(end_angle)))
        out = s * head.reach * (style.spread * drop**1.3 + 0.10 * inside[i] * np.sin(np.pi * np.clip(drop, 0, 1)))
        wave = (
            style.wave
            * head.reach
            * np.sin(2 * np.pi * pace[c] * t + phase[c] + 0.5 * inside[i])
            * np.clip(3 * t, 0, 1)
        )
        sway = (out + wave + strays[i] * head.reach)[:, None] * head.right
        paths.append(over + sway - fall[:, None] * np.array([0.0, -1.0]))
    return paths


def radiating(
    rng: Generator, head: Head, style: Style, count: int, long: float, curl: float, below: float = 0.25
) -> list[np.ndarray]:
    """Compute short strands that stand off the outline, curled if `curl` (radius in reaches of the head) is not 0."""
    angle = rng.uniform(-below, np.pi + below, count)
    depth = rng.uniform(0.55, 1.02, count)
    lean = rng.normal(0, 0.25) + rng.normal(0, 0.15 + 0.3 * style.loose, count)
    far = long * head.reach * rng.uniform(0.45, 1.0, count) * np.where(rng.random(count) < 0.05, 1.35, 1)
    t = np.linspace(0, 1, 26)
    strays = random_walks(rng, count, len(t), 0.6)
    turns, radius, phase = (
        rng.uniform(1.5, 5, count),
        curl * head.reach * rng.uniform(0.5, 1.3, count),
        rng.uniform(0, 6.3, count),
    )
    root = head.outline(angle, depth)
    direction = angle + lean
    outward = np.multiply.outer(np.cos(direction), head.right) + np.multiply.outer(np.sin(direction), head.up)
    across = outward[:, ::-1] * [-1, 1]
    paths = []
    for i in range(count):
        along, aside = t * far[i], strays[i] * far[i]
        if curl > 0:
            swing = 2 * np.pi * turns[i] * t + phase[i]
            along = along + radius[i] * (np.sin(swing) - np.sin(phase[i]))
            aside = aside + radius[i] * (np.cos(swing) - np.cos(phase[i]))
        paths.append(root[i] + along[:, None] * outward[i] + aside[:, None] * across[i])
    return paths


def bun_strands(rng: Generator, head: Head, style: Style, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Compute the strands of a bun on the outline; return them and the contour of the bun."""
    angle = np.pi / 2 + rng.normal(0, 0.35)
    ball = head.reach * rng.uniform(0.28, 0.62)
    centre = head.outline(np.array(angle), 1 + 0.6 * ball / head.rise)
    round_ = np.linspace(0, 2 * np.pi, 40)
    shape = centre + ball * np.stack([np.cos(round_), 0.85 * np.sin(round_)], axis=1)
    t = np.linspace(0, 1, 26)
    paths = []
    for _ in range(count):
        start, arc = rng.uniform(0, 6.3), rng.uniform(1, 4)
        tight = (
            ball
            * np.sqrt(rng.uniform(0.15, 1.08))
            * (1 + 0.06 * style.loose * np.cumsum(rng.normal(0, 0.3, len(t))) / 5)
        )
        turn = start + arc * t
        paths.append(centre + tight[:, None] * np.stack([np.cos(turn), 0.85 * np.sin(turn)], axis=1))
    return paths, shape


def draw_strands(brush: Brush, rng: Generator, style: Style, paths: list[np.ndarray], gloss: float = 0.5) -> None:
    """Draw strands, each in a shade of its own and with a highlight part of the way along."""
    tone = np.exp(rng.normal(0, 0.28, len(paths)))
    sheen = rng.uniform(0.15, 0.5)
    along = np.linspace(0, 1, 6)
    band = 0.75 + gloss * np.exp(-(((along - sheen) / 0.15) ** 2)) - 0.2 * along
    for path, own in zip(paths, tone, strict=True):
        brush.line(path, style.colour * own, style.breadth * rng.uniform(0.6, 1.4), band)


def draw_undercoat(brush: Brush, paths: list[np.ndarray], style: Style, dark: float = 0.5) -> None:
    """Draw thick dark strokes, on which strands are drawn later, so that the mass of the hair is opaque."""
    for path in paths:
        brush.line(path[: max(3, int(len(path) * 0.86))], style.colour * dark, 9 * style.breadth, np.ones(1))


def find_hair_outline(alpha: np.ndarray, head: Head) -> np.ndarray:
    """Find points (n, 2) along the upper outline of a person, from ear to ear over the top."""
    solid = (alpha > 0.6).astype(np.uint8)
    found, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        return np.empty((0, 2))
    points = max(found, key=len)[:, 0].astype(float)
    width = alpha.shape[1]
    off = points - head.centre
    upper = (off @ head.up > -0.4 * head.chin) & (np.abs(off @ head.right) < 2.2 * head.reach)
    rim = (points[:, 0] > 1) & (points[:, 0] < width - 2) & (points[:, 1] > 1)
    return points[upper & rim]


def draw_flyaways(rng: Generator, placed: PlacedPerson, head: Head, count: int) -> Layer | None:
    """Draw single hairs that leave the outline of the person's hair, in its colours; None if there is no outline."""
    height, width = placed.layer.alpha.shape
    points = find_hair_outline(placed.layer.alpha, head)
    if len(points) < 50:
        return None
    brush = Brush(width, height)
    size = head.reach
    breadth = max(0.3, size * rng.uniform(0.002, 0.006))
    t = np.linspace(0, 1, 24)
    picks = points[rng.integers(len(points), size=count)]
    if rng.random() < 0.5:  # in a few places instead of everywhere
        around = points[rng.integers(len(points), size=max(2, count // 12))]
        near = around[rng.integers(len(around), size=count)] + rng.normal(0, 0.12 * size, (count, 2))
        nearest = np.argmin(((near[:, None] - points[None, ::7]) ** 2).sum(axis=2), axis=1)
        picks = points[::7][nearest]
    strays = random_walks(rng, count, len(t), rng.uniform(0.8, 3.5))
    long = size * rng.uniform(0.08, 0.7) * rng.uniform(0.3, 1.3, count)
    combed = rng.choice([-1, 1])
    for i in range(count):
        away = picks[i] - head.centre
        away = away / max(np.linalg.norm(away), 1)
        inner = picks[i] - away * 0.09 * size
        x, y = np.clip(np.rint(inner), 0, [width - 1, height - 1]).astype(int)
        colour = np.clip(placed.layer.light[y, x], 0, 1) ** (1 / 2.2) * 255
        lean = combed * (1.0 + rng.normal(0, 0.35)) if rng.random() < 0.7 else rng.normal(0, 1.0)
        direction = away * np.cos(lean) + np.array([-away[1], away[0]]) * np.sin(lean)
        across = np.array([-direction[1], direction[0]])
        droop = rng.uniform(0, 0.5) * long[i] * t**2
        path = inner + np.outer(t * (long[i] + 0.09 * size), direction) + np.outer(strays[i] * long[i], across)
        path[:, 1] += droop
        brush.line(path, colour * np.exp(rng.normal(0.1, 0.2)), breadth * rng.uniform(0.7, 1.3), np.ones(2))
    return brush.layer()
