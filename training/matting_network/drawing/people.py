"""Place people in a frame: recovered mattes, turned, scaled, with other proportions and light.

A person is placed by the position of the head in the frame. Beyond the borders of the studio portrait the body is
made up: clothes are continued as a mirror image, and the shoulders slope down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.faces import BACKENDS as FACES
from training.matting_network.data.sample_files import read_matte, read_rgb
from training.matting_network.data.split import files_of_split
from training.matting_network.drawing.layers import Layer, colour_of_hue, srgb_to_linear

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

REFUSED = frozenset("A000372 B000825 B001285 M001217 S001208 W000812".split())  # noqa: SIM905
"""Mattes of the training split whose shoulder has visible bites or a veil; all were inspected on magenta."""

FACE_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
EYE_CORNERS = (33, 133, 362, 263)
CHIN = 152
CHEEKS = (50, 280, 205, 425)

RIM_PX = 3
"""Pixels at the borders of a portrait that are not used; the outermost pixels of some scans are dark."""


@dataclass(frozen=True, eq=False)
class Person:
    """A matte and its face.

    Attributes
    ----------
    name : str
        The portrait.
    colours, alpha : ndarray
        The matte; see `read_matte`.
    mesh : ndarray, shape (478, 2)
        Landmarks in pixels.
    crown : float
        Row of the top of the head.
    hairiness : float
        Amount of mixed pixels around the head, relative to its height.
    """

    name: str
    colours: np.ndarray
    alpha: np.ndarray
    mesh: np.ndarray
    crown: float
    hairiness: float

    @property
    def eyes(self) -> np.ndarray:
        """Middle between the eyes (x, y)."""
        return self.mesh[list(EYE_CORNERS)].mean(axis=0)

    @property
    def chin(self) -> float:
        """Row of the chin."""
        return float(self.mesh[CHIN, 1])


@lru_cache(maxsize=512)
def load_person(path: Path, portraits: Path) -> Person | None:
    """Load the person of a matte; return None if no face is found in the portrait."""
    colours, alpha = read_matte(path)
    mesh = FACES.get("mediapipe").find_mesh(read_rgb(portraits / f"{path.stem}.jpg"))
    if mesh is None:
        return None
    mesh = mesh[:, :2]
    middle = int(mesh[list(EYE_CORNERS), 0].mean())
    column = alpha[:, max(middle - 12, 0) : middle + 13].max(axis=1)
    crown = float(np.argmax(column > 0.5))
    head = alpha[: int(mesh[CHIN, 1])]
    hairiness = float((head * (1 - head)).sum() / (mesh[CHIN, 1] - crown))
    return Person(path.stem, colours, alpha, mesh, crown, hairiness)


@lru_cache(maxsize=4)
def load_people(mattes: Path, portraits: Path, split: str) -> tuple[list[Person], np.ndarray]:
    """Load all people of a split; return them and the probability of each to be chosen.

    The third with the most hair is chosen twice as often.
    """
    found = [
        load_person(path, portraits) for path in files_of_split(mattes, split, "*.png") if path.stem not in REFUSED
    ]
    people = [person for person in found if person is not None]
    hairy = np.array([person.hairiness for person in people])
    weight = np.where(hairy > np.quantile(hairy, 2 / 3), 2.0, 1.0)
    return people, weight / weight.sum()


@dataclass(frozen=True)
class Proportions:
    """Changes of a body.

    Attributes
    ----------
    child : float
        0 for no change, 1 for the proportions of a small child.
    stretch : float
        Factor by which the body below the head is longer.
    slope : float
        Slope of the shoulders beyond the sides of the portrait.
    """

    child: float = 0.0
    stretch: float = 1.0
    slope: float = 0.8

    def source_rows(self, person: Person, rows: np.ndarray) -> np.ndarray:
        """Map rows of the changed body to rows of the photographed one."""
        eyes, chin, crown = person.eyes[1], person.chin, person.crown
        top = eyes - (eyes - crown) * (1 + 0.3 * self.child)
        low = eyes + (chin - eyes) * (1 - 0.12 * self.child)
        knots = np.array([top - 300, top, eyes, low, low + 40, low + 4000])
        body = self.stretch * (1 - 0.1 * self.child)
        source = np.array([crown - 300, crown, eyes, chin, chin + 40, chin + 40 + 3960 / body])
        fine = np.arange(knots[0], knots[0] + 3000, 2.0)
        smooth = cv2.GaussianBlur(np.interp(fine, knots, source)[:, None], (1, 15), 0, sigmaY=4)[:, 0]
        return np.interp(rows, fine, smooth)

    def widening(self, person: Person, rows: np.ndarray) -> np.ndarray:
        """Return the horizontal magnification of each row of the changed body."""
        head = person.chin - person.crown
        knots = np.array([person.eyes[1], person.chin, person.chin + 0.35 * head])
        return np.interp(rows, knots, [1 + 0.1 * self.child, 1 - 0.03 * self.child, 1 - 0.22 * self.child])


@dataclass(frozen=True)
class PlacedPerson:
    """A person in a frame.

    Attributes
    ----------
    layer : Layer
        Colours in linear light, and coverage.
    mesh : ndarray, shape (478, 2)
        Landmarks in pixels of the frame.
    crown : ndarray, shape (2,)
        Top of the head.
    scale : float
        Magnification.
    """

    layer: Layer
    mesh: np.ndarray
    crown: np.ndarray
    scale: float


class Placement:
    """The map between the pixels of a portrait and those of a frame.

    Parameters
    ----------
    person : Person
    width, height : int
        Size of the frame.
    head : float
        Height of the head, in heights of the frame.
    top : float
        Distance of the crown from the upper border, in heights of the frame.
    rng : Generator
        Decides about mirroring, roll and horizontal position.
    proportions : Proportions
        Changes of the body.
    """

    def __init__(
        self, person: Person, width: int, height: int, head: float, top: float, rng: Generator, proportions: Proportions
    ) -> None:
        self.person, self.proportions, self.size = person, proportions, (width, height)
        self.rows = np.arange(-400.0, 1600.0)
        self.source_rows = proportions.source_rows(person, self.rows)
        crown, chin = np.interp([person.crown, person.chin], self.source_rows, self.rows)
        self.scale = head * height / (chin - crown)
        self.flip = -1 if rng.random() < 0.5 else 1
        roll = np.radians(np.clip(rng.normal(0, 3.5), -10, 10))
        self.middle = np.array([person.eyes[0], (crown + chin) / 2])
        self.goal = np.array([(0.5 + np.clip(rng.normal(0, 0.04), -0.12, 0.12)) * width, (top + head / 2) * height])
        rotation = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        self.turn = rotation @ np.diag([self.flip, 1]) * self.scale

    def forward(self, points: np.ndarray) -> np.ndarray:
        """Map points (n, 2) of the portrait to the frame."""
        person, proportions = self.person, self.proportions
        body = np.stack([points[:, 0], np.interp(points[:, 1], self.source_rows, self.rows)], axis=1)
        body[:, 0] = person.eyes[0] + (body[:, 0] - person.eyes[0]) * proportions.widening(person, body[:, 1])
        return (body - self.middle) @ self.turn.T + self.goal

    def backward(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the place in the portrait, columns and rows, of each pixel of the frame."""
        person = self.person
        x, y = np.meshgrid(np.arange(self.size[0]), np.arange(self.size[1]))
        inverse = np.linalg.inv(self.turn)
        dx, dy = x - self.goal[0], y - self.goal[1]
        body_x = inverse[0, 0] * dx + inverse[0, 1] * dy + self.middle[0]
        body_y = inverse[1, 0] * dx + inverse[1, 1] * dy + self.middle[1]
        source_y = np.interp(body_y, self.rows, self.source_rows)
        source_x = person.eyes[0] + (body_x - person.eyes[0]) / self.proportions.widening(person, body_y)
        return source_x, source_y


def place(
    person: Person, width: int, height: int, head: float, top: float, rng: Generator, proportions: Proportions
) -> PlacedPerson:
    """Put a person into a frame; for the parameters see `Placement`."""
    placement = Placement(person, width, height, head, top, rng, proportions)
    colours, alpha = resample(person, *placement.backward(), placement.scale, proportions.slope)
    if placement.scale > 1.15:
        # The edges of enlarged pictures are softer than those of any camera, and texture is lost.
        alpha = np.clip((alpha - 0.5) * rng.uniform(1, placement.scale) + 0.5, 0, 1)
        soft = cv2.GaussianBlur(colours, (0, 0), placement.scale)
        amount = rng.uniform(0, 1.2)
        colours = cv2.addWeighted(colours, 1 + amount, soft, -amount, 0)
    mesh = placement.forward(person.mesh)
    if placement.flip < 0:
        mesh = mesh[MIRRORED_LANDMARKS]
    crown = placement.forward(np.array([[person.eyes[0], person.crown]]))[0]
    return PlacedPerson(Layer(srgb_to_linear(colours), alpha), mesh, crown, placement.scale)


def resample(person: Person, x: np.ndarray, y: np.ndarray, scale: float, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """Sample colours (uint8 sRGB) and alpha (float32) of a person at columns `x` and rows `y` of the portrait.

    Beyond the sides, clothes are mirrored and the shoulder slopes down. Below, the sampling runs up and down over the
    clothes alone, so that no second face appears. `scale` is the magnification.
    """
    rows, columns = person.alpha.shape
    right, last = columns - 1 - RIM_PX, rows - 1 - RIM_PX
    beyond = np.maximum(RIM_PX - x, 0) + np.maximum(x - right, 0)
    y = y - slope * (beyond + beyond**2 / 80)
    inside_y = np.minimum(y, last)
    inside_x = np.clip(x, RIM_PX, right)
    mirror_x = np.where(x < RIM_PX, 2 * RIM_PX - x, np.where(x > inside_x, 2 * inside_x - x, x))
    cloth = max(0.6 * (last - person.chin), 12)
    excess = np.maximum(y - last, 0) % (2 * cloth)
    mirror_y = np.where(y > last, last - np.minimum(excess, 2 * cloth - excess), y)

    colours, alpha = person.colours, person.alpha
    if scale < 0.9:  # remapping takes single points, so that a reduced picture must be averaged first
        sigma = 0.45 * (1 / scale - 0.8)
        colours, alpha = cv2.GaussianBlur(colours, (0, 0), sigma), cv2.GaussianBlur(alpha, (0, 0), sigma)
    alpha = cv2.remap(alpha, inside_x.astype(np.float32), inside_y.astype(np.float32), cv2.INTER_CUBIC, borderValue=0)
    alpha[y < 0] = 0
    colours = cv2.remap(
        colours, mirror_x.astype(np.float32), mirror_y.astype(np.float32), cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    return colours, np.clip(alpha, 0, 1)


def mirror_landmarks() -> np.ndarray:
    """Return the index of each landmark's mirror image.

    Only the landmarks of the outline and of the eyes, brows and mouth are exchanged; no other ones are used.
    """
    table = np.arange(478)
    half = len(FACE_OVAL) // 2
    for i in range(1, half):
        table[FACE_OVAL[i]], table[FACE_OVAL[-i]] = FACE_OVAL[-i], FACE_OVAL[i]
    for left, right in ((33, 263), (133, 362), (159, 386), (145, 374), (61, 291), (70, 300), (105, 334)):
        table[left], table[right] = right, left
    return table


MIRRORED_LANDMARKS = mirror_landmarks()


def relight(layer: Layer, rng: Generator) -> Layer:
    """Change white balance and exposure by chance, and in 20 % of the cases add hard light from one side."""
    gain = np.exp(rng.normal(0, 0.07, 3) + np.clip(rng.normal(0, 0.2), -0.5, 0.4))
    lit = layer.light * gain.astype(np.float32)
    if rng.random() < 0.2:
        height, width = layer.alpha.shape
        angle, offset = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.15)
        x, y = np.meshgrid(np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height))
        ramp = 1 / (1 + np.exp(-(x * np.cos(angle) + 0.5 * y * np.sin(angle) - offset) / rng.uniform(0.03, 0.2)))
        low, high = rng.uniform(0.2, 0.7), rng.uniform(1.0, 1.8)
        lit = lit * (low + (high - low) * ramp)[..., None].astype(np.float32)
    return Layer(np.clip(lit, 0, 1), layer.alpha)


def recolour_clothes(placed: PlacedPerson, rng: Generator, colour: np.ndarray | None = None) -> PlacedPerson:
    """Give the clothes another colour and keep their folds.

    People who were photographed before blue wear no blue, so that the network would never see it on clothes. `colour`
    is linear light, by chance if None.
    """
    lit, mesh = placed.layer.light, placed.mesh
    height, width = placed.layer.alpha.shape
    face = mesh[CHIN, 1] - placed.crown[1]
    cheeks = np.clip(np.rint(mesh[list(CHEEKS)]).astype(int), 0, [width - 1, height - 1])
    skin = np.median(lit[cheeks[:, 1], cheeks[:, 0]], axis=0)
    value = lit.mean(axis=-1)
    unlike = np.abs(lit / (value[..., None] + 0.01) - skin / (skin.mean() + 0.01)).max(axis=-1)
    dark = value < 0.25 * skin.mean()
    below = np.clip((np.arange(height)[:, None] - mesh[CHIN, 1] - 0.02 * face) / (0.05 * face), 0, 1)
    share = below * np.clip(np.maximum((unlike - 0.25) / 0.2, dark), 0, 1)
    share = cv2.GaussianBlur(share.astype(np.float32), (0, 0), max(0.7, 0.008 * face)) * (below > 0)
    if float(share.sum()) < 100:
        return placed
    usual = float((value * share).sum() / share.sum())
    if colour is None:
        hue = rng.uniform(0, 360)
        saturation, brightness = rng.uniform(0, 1) ** 0.7, rng.uniform(0.1, 1) ** 1.5
        colour = colour_of_hue(hue, saturation, brightness)
    shade = np.clip((value + 0.02) / (usual + 0.02), 0.1, 2.5)[..., None]
    lit = lit + (np.clip(colour * shade, 0, 1) - lit) * share[..., None]
    return PlacedPerson(Layer(lit.astype(np.float32), placed.layer.alpha), mesh, placed.crown, placed.scale)
