"""Hairdos and beards: styles of strands put onto a person, behind and in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from training.matting_network.drawing import strands
from training.matting_network.drawing.layers import Layer
from training.matting_network.drawing.people import OVAL, Placed
from training.matting_network.drawing.strands import Brush, Head, Style

if TYPE_CHECKING:
    from numpy.random import Generator


def face_kept(layer: Layer, placed: Placed, head: Head, rng: Generator, neck: bool = True) -> Layer:
    """Take hair off the face, inside the oval of landmarks, and off the neck."""
    height, width = layer.alpha.shape
    hole = np.zeros((height, width), np.uint8)
    oval = placed.mesh[list(OVAL)]
    middle = oval.mean(axis=0)
    cv2.fillPoly(hole, [np.rint(middle + (oval - middle) * rng.uniform(0.88, 0.98)).astype(np.int32)], 255)
    if neck:
        below = head.at(head.reach * np.array([-0.7, 0.7, 0.62, -0.62]), head.chin * np.array([-0.6, -0.6, -2.6, -2.6]))
        cv2.fillPoly(hole, [np.rint(below).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(hole, (0, 0), max(1.0, 0.03 * head.reach)).astype(np.float32) / 255
    return Layer(layer.light, layer.alpha * (1 - soft))


def long_hair(rng: Generator, placed: Placed, head: Head, style: Style) -> tuple[Layer, Layer]:
    """Straight to curly hair over the ears to the shoulders or below."""
    height, width = placed.layer.alpha.shape
    low = rng.uniform(0.9, 4.0)
    back = Brush(width, height)
    paths = strands.falling(rng, head, style, 420, low, side_only=False)
    strands.coat(back, paths[::2], style, 0.35)
    strands.stroke(back, rng, style, paths, 0.3)
    front = Brush(width, height)
    paths = strands.falling(rng, head, style, int(rng.uniform(500, 1400)), low, side_only=True)
    strands.coat(front, paths[::3], style)
    strands.stroke(front, rng, style, paths)
    return back.layer(), face_kept(front.layer(), placed, head, rng)


def short_hair(rng: Generator, placed: Placed, head: Head, style: Style) -> tuple[Layer | None, Layer]:
    """Hair that stands off the head a little."""
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    brush.fill(head.outline(np.linspace(-0.1, np.pi + 0.1, 50), 1.0), style.colour * 0.5)
    long = rng.uniform(0.08, 0.4)
    curl = rng.choice([0, 0, 0.02, 0.05])
    strands.stroke(brush, rng, style, strands.radiating(rng, head, style, int(rng.uniform(900, 2500)), long, curl))
    return None, face_kept(brush.layer(), placed, head, rng, neck=False)


def coils(rng: Generator, placed: Placed, head: Head, style: Style) -> tuple[Layer | None, Layer]:
    """An afro or a mass of tight curls."""
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    size = rng.uniform(1.0, 1.45)
    angle = np.linspace(-0.1, np.pi + 0.1, 60)
    bumps = 1 + 0.05 * np.cumsum(rng.normal(0, 0.35, 60)) / 3
    brush.fill(head.outline(angle, size * bumps), style.colour * 0.45)
    grown = Head(head.centre, head.right, head.up, head.reach * size, head.rise * size, head.chin)
    radius = rng.uniform(0.02, 0.09)
    paths = strands.radiating(rng, grown, style, int(rng.uniform(1200, 2600)), rng.uniform(0.1, 0.35), radius, 0.9)
    strands.stroke(brush, rng, style, paths, 0.3)
    return None, face_kept(brush.layer(), placed, head, rng, neck=False)


def bun(rng: Generator, placed: Placed, head: Head, style: Style) -> tuple[Layer | None, Layer]:
    """Hair drawn tight over the head into a knot."""
    height, width = placed.layer.alpha.shape
    brush = Brush(width, height)
    paths, shape = strands.knot(rng, head, style, 260)
    brush.fill(shape, style.colour * 0.5)
    strands.stroke(brush, rng, style, paths)
    cap = head.outline(np.linspace(-0.05, np.pi + 0.05, 50), 1.0)
    brush.fill(cap, style.colour * 0.6)
    tight = strands.radiating(rng, head, style, 700, rng.uniform(0.03, 0.1), 0.0)
    strands.stroke(brush, rng, style, tight)
    return None, face_kept(brush.layer(), placed, head, rng, neck=False)


def braids(rng: Generator, placed: Placed, head: Head, style: Style) -> tuple[Layer, Layer]:
    """Plaits or locks: ropes with lobes, hanging from the head."""
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
    return layers[0], face_kept(layers[1], placed, head, rng)


def beard(rng: Generator, placed: Placed, head: Head, style: Style) -> Layer:
    """A beard from the jaw downwards, over the collar."""
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
    strays = strands.wander(rng, count, len(t), 0.5 + style.loose)
    paths = []
    for i in range(count):
        out = (root[i] - head.centre) @ head.right / head.reach
        direction = -head.up + head.right * out * rng.uniform(0.1, 0.6)
        far = long * (0.25 + 0.75 * middle[i]) * rng.uniform(0.5, 1.1)
        wave = style.wave * head.reach * np.sin(2 * np.pi * style.waves * t / 2 + at[i])
        paths.append(root[i] + np.outer(t * far, direction) + np.outer(strays[i] * far * 0.5 + wave, head.right))
    strands.coat(brush, paths[::3], style, 0.6)
    strands.stroke(brush, rng, style, paths, 0.2)
    mouth = np.zeros((height, width), np.uint8)
    lips = placed.mesh[[61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91]]
    cv2.fillPoly(mouth, [np.rint(lips).astype(np.int32)], 255)
    layer = brush.layer()
    return Layer(layer.light, layer.alpha * (mouth == 0))


DOS = (long_hair, long_hair, short_hair, coils, bun, braids)


def dressed(rng: Generator, placed: Placed, full: float, loose: float, bearded: float) -> Placed:
    """Perhaps other hair, single hairs, or a beard, each with the chance given."""
    head = Head.of(placed)
    layer = placed.layer
    style = strands.any_style(rng, head.reach)
    if rng.random() < full:
        back, front = DOS[rng.integers(len(DOS))](rng, placed, head, style)
        layer = front.over(layer)
        if back is not None:
            layer = layer.over(back)
    if rng.random() < bearded:
        layer = beard(rng, placed, head, style).over(layer)
    placed = Placed(layer, placed.mesh, placed.crown, placed.scale)
    if rng.random() < loose:
        hairs = strands.flyaways(rng, placed, head, int(np.exp(rng.uniform(np.log(8), np.log(500)))))
        if hairs is not None:
            placed = Placed(hairs.over(layer), placed.mesh, placed.crown, placed.scale)
    return placed
