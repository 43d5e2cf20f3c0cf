"""Draw hairdos and beards onto a person, behind and in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing import strands
from training.matting_network.drawing.layers import Layer
from training.matting_network.drawing.people import FACE_OVAL, PlacedPerson
from training.matting_network.drawing.strands import Brush, Head, Style

if TYPE_CHECKING:
    from numpy.random import Generator


def clear_face(layer: Layer, placed: PlacedPerson, head: Head, rng: Generator, neck: bool = True) -> Layer:
    """Remove hair from the face, inside its oval, and with `neck` from the neck as well."""
    height, width = layer.alpha.shape
    hole = np.zeros((height, width), np.uint8)
    oval = placed.mesh[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    cv2.fillPoly(hole, [np.rint(middle + (oval - middle) * rng.uniform(0.88, 0.98)).astype(np.int32)], 255)
    if neck:
        below = head.at(head.reach * np.array([-0.7, 0.7, 0.62, -0.62]), head.chin * np.array([-0.6, -0.6, -2.6, -2.6]))
        cv2.fillPoly(hole, [np.rint(below).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(hole, (0, 0), max(1.0, 0.03 * head.reach)).astype(np.float32) / 255
    return Layer(layer.light, layer.alpha * (1 - soft))


def draw_long_hair(rng: Generator, placed: PlacedPerson, head: Head, style: Style) -> tuple[Layer, Layer]:
    """Draw straight to curly hair over the ears to the shoulders or below; return the layers behind and in front."""
    height, width = placed.layer.alpha.shape
    low = rng.uniform(0.9, 4.0)
    back = Brush(width, height)
    paths = strands.falling(rng, head, style, 420, low, side_only=False)
    strands.draw_undercoat(back, paths[::2], style, 0.35)
    strands.draw_strands(back, rng, style, paths, 0.3)
    front = Brush(width, height)
    paths = strands.falling(rng, head, style, int(rng.uniform(500, 1400)), low, side_only=True)
    strands.draw_undercoat(front, paths[::3], style)
    strands.draw_strands(front, rng, style, paths)
    return back.layer(), clear_face(front.layer(), placed, head, rng)


def draw_short_hair(rng: Generator, placed: PlacedPerson, head: Head, style: Style) -> tuple[Layer | None, Layer]:
    """Draw hair that stands off the head a little."""
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    brush.fill(head.outline(np.linspace(-0.1, np.pi + 0.1, 50), 1.0), style.colour * 0.5)
    long = rng.uniform(0.08, 0.4)
    curl = rng.choice([0, 0, 0.02, 0.05])
    strands.draw_strands(
        brush, rng, style, strands.radiating(rng, head, style, int(rng.uniform(900, 2500)), long, curl)
    )
    return None, clear_face(brush.layer(), placed, head, rng, neck=False)


def draw_curls(rng: Generator, placed: PlacedPerson, head: Head, style: Style) -> tuple[Layer | None, Layer]:
    """Draw an afro or a mass of tight curls."""
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    size = rng.uniform(1.0, 1.45)
    angle = np.linspace(-0.1, np.pi + 0.1, 60)
    bumps = 1 + 0.05 * np.cumsum(rng.normal(0, 0.35, 60)) / 3
    brush.fill(head.outline(angle, size * bumps), style.colour * 0.45)
    grown = Head(head.centre, head.right, head.up, head.reach * size, head.rise * size, head.chin)
    radius = rng.uniform(0.02, 0.09)
    paths = strands.radiating(rng, grown, style, int(rng.uniform(1200, 2600)), rng.uniform(0.1, 0.35), radius, 0.9)
    strands.draw_strands(brush, rng, style, paths, 0.3)
    return None, clear_face(brush.layer(), placed, head, rng, neck=False)


def draw_bun(rng: Generator, placed: PlacedPerson, head: Head, style: Style) -> tuple[Layer | None, Layer]:
    """Draw hair combed tightly over the head into a bun."""
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    paths, shape = strands.bun_strands(rng, head, style, 260)
    brush.fill(shape, style.colour * 0.5)
    strands.draw_strands(brush, rng, style, paths)
    cap = head.outline(np.linspace(-0.05, np.pi + 0.05, 50), 1.0)
    brush.fill(cap, style.colour * 0.6)
    tight = strands.radiating(rng, head, style, 700, rng.uniform(0.03, 0.1), 0.0)
    strands.draw_strands(brush, rng, style, tight)
    return None, clear_face(brush.layer(), placed, head, rng, neck=False)


def draw_braids(rng: Generator, placed: PlacedPerson, head: Head, style: Style) -> tuple[Layer, Layer]:
    """Draw braids or locks that hang from the head; return the layers behind and in front."""
    height, width = placed.layer.alpha.shape
    layers = []
    few = rng.random() < 0.4
    for side_only in (False, True):
        brush = Brush(width, height)
        if not side_only:
            brush.fill(head.outline(np.linspace(-0.1, np.pi + 0.1, 50), 1.0), style.colour * 0.5)
        count = int(rng.integers(1, 4)) if few else int(rng.integers(15, 60))
        thick = head.reach * (rng.uniform(0.16, 0.3) if few else rng.uniform(0.05, 0.13))
        for path in strands.falling(rng, head, style, count, rng.uniform(1.0, 3.5), side_only):
            along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
            lobes = max(3, int(along[-1] / (thick * 0.55)))
            where = np.linspace(0, along[-1], lobes)
            points = np.stack([np.interp(where, along, path[:, k]) for k in (0, 1)], axis=1)
            brush.line(path, style.colour * 0.4, thick * 0.75, np.ones(1))
            for j, middle in enumerate(points):
                tilt = 45 if j % 2 else -45
                reach = np.array([0.62, 0.34]) * thick * (1 - 0.35 * j / lobes)
                shape = cv2.ellipse2Poly((0, 0), (100, 100), 0, 0, 360, 30) / 100 * reach
                turn = np.radians(tilt)
                shape = shape @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
                brush.fill(shape + middle, style.colour * rng.uniform(0.6, 1.2))
                fuzz = rng.normal(0, 1, (4, 2, 2)) * thick * 0.35 + middle
                for hair in fuzz:
                    brush.line(hair, style.colour * rng.uniform(0.8, 1.3), style.breadth, np.ones(1))
        layers.append(brush.layer())
    return layers[0], clear_face(layers[1], placed, head, rng)


def draw_beard(rng: Generator, placed: PlacedPerson, head: Head, style: Style) -> Layer:
    """Draw a beard from the jaw downwards, over the collar."""
    height, width = placed.layer.alpha.shape
    jaw = placed.mesh[[132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361]]
    brush = Brush(width, height)
    long = head.chin * rng.uniform(0.06, 0.8)
    count = int(rng.uniform(700, 1800))
    at = rng.uniform(0, len(jaw) - 1, count)
    root = np.stack([np.interp(at, np.arange(len(jaw)), jaw[:, k]) for k in (0, 1)], axis=1)
    middle = 1 - np.abs(at / (len(jaw) - 1) - 0.5) * 2
    inwards = rng.uniform(0, 0.35, count)[:, None]
    root = root + (placed.mesh[13] - root) * inwards
    t = np.linspace(0, 1, 20)
    strays = strands.random_walks(rng, count, len(t), 0.5 + style.loose)
    paths = []
    for i in range(count):
        out = (root[i] - head.centre) @ head.right / head.reach
        direction = -head.up + head.right * out * rng.uniform(0.1, 0.6)
        far = long * (0.25 + 0.75 * middle[i]) * rng.uniform(0.5, 1.1)
        wave = style.wave * head.reach * np.sin(2 * np.pi * style.waves * t / 2 + at[i])
        paths.append(root[i] + np.outer(t * far, direction) + np.outer(strays[i] * far * 0.5 + wave, head.right))
    strands.draw_undercoat(brush, paths[::3], style, 0.6)
    strands.draw_strands(brush, rng, style, paths, 0.2)
    mouth = np.zeros((height, width), np.uint8)
    lips = placed.mesh[[61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91]]
    cv2.fillPoly(mouth, [np.rint(lips).astype(np.int32)], 255)
    layer = brush.layer()
    return Layer(layer.light, layer.alpha * (mouth == 0))


HAIRDOS = (draw_long_hair, draw_long_hair, draw_short_hair, draw_curls, draw_bun, draw_braids)
"""The hairdos that are chosen from by chance, each as often as it is named."""


def add_hair(rng: Generator, placed: PlacedPerson, full: float, loose: float, bearded: float) -> PlacedPerson:
    """Add other hair, single hairs, and a beard, each with the chance given (`full`, `loose`, `bearded`)."""
    head = Head.of(placed)
    layer = placed.layer
    style = strands.choose_style(rng, head.reach)
    if rng.random() < full:
        back, front = HAIRDOS[rng.integers(len(HAIRDOS))](rng, placed, head, style)
        layer = front.over(layer)
        if back is not None:
            layer = layer.over(back)
    if rng.random() < bearded:
        layer = draw_beard(rng, placed, head, style).over(layer)
    placed = PlacedPerson(layer, placed.mesh, placed.crown, placed.scale)
    if rng.random() < loose:
        hairs = strands.draw_flyaways(rng, placed, head, int(np.exp(rng.uniform(np.log(8), np.log(500)))))
        if hairs is not None:
            placed = PlacedPerson(hairs.over(layer), placed.mesh, placed.crown, placed.scale)
    return placed
