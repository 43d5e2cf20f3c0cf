"""People for composites: recovered mattes, turned, scaled, reproportioned and lit anew.

A person is placed by where the head shall be in the frame. What the studio picture does not
show, because it ends there, is made up: clothes are mirrored and shoulders fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.faces import BACKENDS as FACES
from training.matting_network.data.evaluation_composites import load_matte
from training.matting_network.data.split import files
from training.matting_network.drawing.layers import Layer, linear, of_hue

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

UNFIT = frozenset("A000372 B000825 B001285 M001217 S001208 W000812".split())  # noqa: SIM905
"""Mattes of the training split whose shoulder is visibly torn or veiled; all were looked at, on magenta."""

OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
EYES = (33, 133, 362, 263)
CHIN = 152
CHEEKS = (50, 280, 205, 425)


@dataclass(frozen=True, eq=False)
class Person:
    """A matte and where its face is."""

    name: str
    colours: np.ndarray
    alpha: np.ndarray
    mesh: np.ndarray
    crown: float
    hairy: float

    @property
    def eyes(self) -> np.ndarray:
        """Middle between the eyes."""
        return self.mesh[list(EYES)].mean(axis=0)

    @property
    def chin(self) -> float:
        """Row of the chin."""
        return float(self.mesh[CHIN, 1])


@lru_cache(maxsize=512)
def load(path: Path, portraits: Path) -> Person | None:
    """The person of a matte, or None if no face is found in the portrait."""
    colours, alpha = load_matte(path)
    portrait = cv2.imread(str(portraits / f"{path.stem}.jpg"))
    mesh = FACES.get("mediapipe").find_mesh(cv2.cvtColor(portrait, cv2.COLOR_BGR2RGB))
    if mesh is None:
        return None
    mesh = mesh[:, :2]
    middle = int(mesh[list(EYES), 0].mean())
    column = alpha[:, max(middle - 12, 0) : middle + 13].max(axis=1)
    crown = float(np.argmax(column > 0.5))
    head = alpha[: int(mesh[CHIN, 1])]
    hairy = float((head * (1 - head)).sum() / (mesh[CHIN, 1] - crown))
    return Person(path.stem, colours, alpha, mesh, crown, hairy)


@lru_cache(maxsize=4)
def everybody(mattes: Path, portraits: Path, split: str) -> tuple[list[Person], np.ndarray]:
    """All people of a split, and how often each shall be drawn: the hairy third twice as often."""
    found = [load(path, portraits) for path in files(mattes, split, "*.png") if path.stem not in UNFIT]
    people = [person for person in found if person is not None]
    hairy = np.array([person.hairy for person in people])
    weight = np.where(hairy > np.quantile(hairy, 2 / 3), 2.0, 1.0)
    return people, weight / weight.sum()


@dataclass(frozen=True)
class Proportions:
    """How a body differs from the one photographed: 0 and 1 are no change."""

    child: float = 0.0
    stretch: float = 1.0
    fall: float = 0.8

    def source_rows(self, person: Person, rows: np.ndarray) -> np.ndarray:
        """Rows of the photographed body for rows of the changed one."""
        eyes, chin, crown = person.eyes[1], person.chin, person.crown
        top = eyes - (eyes - crown) * (1 + 0.3 * self.child)
        low = eyes + (chin - eyes) * (1 - 0.12 * self.child)
        knots = np.array([top - 300, top, eyes, low, low + 40, low + 4000])
        body = self.stretch * (1 - 0.1 * self.child)
        source = np.array([crown - 300, crown, eyes, chin, chin + 40, chin + 40 + 3960 / body])
        fine = np.arange(knots[0], knots[0] + 3000, 2.0)
        smooth = cv2.GaussianBlur(np.interp(fine, knots, source)[:, None], (1, 15), 0, sigmaY=4)[:, 0]
        return np.interp(rows, fine, smooth)

    def breadth(self, person: Person, rows: np.ndarray) -> np.ndarray:
        """Horizontal magnification of each row of the changed body."""
        head = person.chin - person.crown
        knots = np.array([person.eyes[1], person.chin, person.chin + 0.35 * head])
        return np.interp(rows, knots, [1 + 0.1 * self.child, 1 - 0.03 * self.child, 1 - 0.22 * self.child])


@dataclass(frozen=True)
class Placed:
    """A person in a frame: layer, landmarks in the frame's pixels, magnification."""

    layer: Layer
    mesh: np.ndarray
    crown: np.ndarray
    scale: float


def place(
    person: Person, width: int, height: int, head: float, top: float, rng: Generator, proportions: Proportions
) -> Placed:
    """Put a person into a frame, the head `head` frame heights tall and `top` frame heights below its upper edge."""
    rows = np.arange(-400.0, 1600.0)
    source = proportions.source_rows(person, rows)
    crown, chin = np.interp([person.crown, person.chin], source, rows)
    scale = head * height / (chin - crown)
    flip = -1 if rng.random() < 0.5 else 1
    roll = np.radians(np.clip(rng.normal(0, 3.5), -10, 10))
    middle = np.array([person.eyes[0], (crown + chin) / 2])
    goal = np.array([(0.5 + np.clip(rng.normal(0, 0.04), -0.12, 0.12)) * width, (top + head / 2) * height])
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]) @ np.diag([flip, 1]) * scale

    x, y = np.meshgrid(np.arange(width), np.arange(height))
    inverse = np.linalg.inv(turn)
    dx, dy = x - goal[0], y - goal[1]
    body_x = inverse[0, 0] * dx + inverse[0, 1] * dy + middle[0]
    body_y = inverse[1, 0] * dx + inverse[1, 1] * dy + middle[1]
    src_y = np.interp(body_y, rows, source)
    src_x = person.eyes[0] + (body_x - person.eyes[0]) / proportions.breadth(person, body_y)

    rim = 3  # the very edge of some scans is dark
    rows_of, columns_of = person.alpha.shape
    beyond = np.maximum(rim - src_x, 0) + np.maximum(src_x - (columns_of - 1 - rim), 0)
    src_y = src_y - proportions.fall * (beyond + beyond**2 / 80)
    inside_y = np.minimum(src_y, rows_of - 1 - rim)
    inside_x = np.clip(src_x, rim, columns_of - 1 - rim)
    mirror_x = np.where(src_x < rim, 2 * rim - src_x, np.where(src_x > inside_x, 2 * inside_x - src_x, src_x))
    # Below, to and fro over the clothes, so that no second face appears.
    last = rows_of - 1 - rim
    cloth = max(0.6 * (last - person.chin), 12)
    excess = np.maximum(src_y - last, 0) % (2 * cloth)
    mirror_y = np.where(src_y > last, last - np.minimum(excess, 2 * cloth - excess), src_y)

    colours, alpha = person.colours, person.alpha
    if scale < 0.9:  # remapping takes points; an area must be averaged first
        sigma = 0.45 * (1 / scale - 0.8)
        colours, alpha = cv2.GaussianBlur(colours, (0, 0), sigma), cv2.GaussianBlur(alpha, (0, 0), sigma)
    alpha = cv2.remap(alpha, inside_x.astype(np.float32), inside_y.astype(np.float32), cv2.INTER_CUBIC, borderValue=0)
    alpha[src_y < 0] = 0
    colours = cv2.remap(
        colours, mirror_x.astype(np.float32), mirror_y.astype(np.float32), cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    alpha = np.clip(alpha, 0, 1)
    if scale > 1.15:
        # Enlarged edges are softer than any camera's; steepen them, and bring back some texture.
        alpha = np.clip((alpha - 0.5) * rng.uniform(1, scale) + 0.5, 0, 1)
        soft = cv2.GaussianBlur(colours, (0, 0), scale)
        amount = rng.uniform(0, 1.2)
        colours = cv2.addWeighted(colours, 1 + amount, soft, -amount, 0)

    def forward(points: np.ndarray) -> np.ndarray:
        body = np.stack([points[:, 0], np.interp(points[:, 1], source, rows)], axis=1)
        body[:, 0] = person.eyes[0] + (body[:, 0] - person.eyes[0]) * proportions.breadth(person, body[:, 1])
        return (body - middle) @ turn.T + goal

    mesh = forward(person.mesh)
    if flip < 0:
        mesh = mesh[MIRROR]
    top_point = forward(np.array([[person.eyes[0], person.crown]]))[0]
    return Placed(Layer(linear(colours), alpha), mesh, top_point, scale)


def _mirror_table() -> np.ndarray:
    """Which landmark is whose mirror image, for the outline and the parts that things are hung on."""
    table = np.arange(478)
    half = len(OVAL) // 2
    for i in range(1, half):
        table[OVAL[i]], table[OVAL[-i]] = OVAL[-i], OVAL[i]
    for left, right in ((33, 263), (133, 362), (159, 386), (145, 374), (61, 291), (70, 300), (105, 334)):
        table[left], table[right] = right, left
    return table


MIRROR = _mirror_table()


def light(layer: Layer, rng: Generator) -> Layer:
    """Another white balance and exposure; now and then hard light from one side."""
    gain = np.exp(rng.normal(0, 0.07, 3) + np.clip(rng.normal(0, 0.2), -0.5, 0.4))
    lit = layer.light * gain.astype(np.float32)
    if rng.random() < 0.2:
        height, width = layer.alpha.shape
        angle, place_ = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.15)
        x, y = np.meshgrid(np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height))
        ramp = 1 / (1 + np.exp(-(x * np.cos(angle) + 0.5 * y * np.sin(angle) - place_) / rng.uniform(0.03, 0.2)))
        low, high = rng.uniform(0.2, 0.7), rng.uniform(1.0, 1.8)
        lit = lit * (low + (high - low) * ramp)[..., None].astype(np.float32)
    return Layer(np.clip(lit, 0, 1), layer.alpha)


def other_clothes(placed: Placed, rng: Generator, colour: np.ndarray | None = None) -> Placed:
    """Clothes of another colour (linear light; any, if None), their folds kept.

    Whoever was photographed before blue wears no blue.
    """
    light_, mesh = placed.layer.light, placed.mesh
    height, width = placed.layer.alpha.shape
    face = mesh[CHIN, 1] - placed.crown[1]
    cheeks = np.clip(np.rint(mesh[list(CHEEKS)]).astype(int), 0, [width - 1, height - 1])
    skin = np.median(light_[cheeks[:, 1], cheeks[:, 0]], axis=0)
    value = light_.mean(axis=-1)
    unlike = np.abs(light_ / (value[..., None] + 0.01) - skin / (skin.mean() + 0.01)).max(axis=-1)
    dark = value < 0.25 * skin.mean()
    below = np.clip((np.arange(height)[:, None] - mesh[CHIN, 1] - 0.02 * face) / (0.05 * face), 0, 1)
    share = below * np.clip(np.maximum((unlike - 0.25) / 0.2, dark), 0, 1)
    share = cv2.GaussianBlur(share.astype(np.float32), (0, 0), max(0.7, 0.008 * face)) * (below > 0)
    if float(share.sum()) < 100:
        return placed
    usual = float((value * share).sum() / share.sum())
    if colour is None:
        hue = rng.uniform(0, 360)
        vivid, bright = rng.uniform(0, 1) ** 0.7, rng.uniform(0.1, 1) ** 1.5
        colour = of_hue(hue, vivid, bright)
    shade = np.clip((value + 0.02) / (usual + 0.02), 0.1, 2.5)[..., None]
    lit = light_ + (np.clip(colour * shade, 0, 1) - light_) * share[..., None]
    return Placed(Layer(lit.astype(np.float32), placed.layer.alpha), mesh, placed.crown, placed.scale)
