"""Make up phone pictures of signatures, and measure what `idphoto.ink` loses of the ink and leaves of the paper.

    python -m benchmarks.ink --out FOLDER

Thirty pages: plain, lined and squared paper, turned and in perspective, with shadows, folds, noise and JPEG. The true
ink is known. *Ink lost* is the share of the ink, weighted by its darkness, that is white in the result; *paper left*
the share of the pixels without ink that are not white. Limits were chosen on one half of the pages; the other half is
reported.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from PIL import Image

from idphoto.errors import InputError
from idphoto.ink import make_ink_part
from idphoto.units import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAGES = 30
PAGE_SIZE = (1600, 1200)
INKS = ((32, 42, 120), (25, 25, 28), (20, 60, 150), (60, 30, 90))
SIGNATURE_SIZE = Size(560, 240)
"""Large enough to see single strokes; the forms ask for 140 x 60 pixels and more."""
LEFT_DARKNESS, INK_DARKNESS = 0.08, 0.15


class Page(NamedTuple):
    """A made-up picture: sRGB pixels, and the darkness of the true ink in them, 0 to 1."""

    rgb: NDArray[np.uint8]
    ink: NDArray[np.float32]


def draw_page(number: int) -> Page:
    """Make up one picture of a signed page; the same number gives the same picture."""
    random = np.random.default_rng(number)
    width, height = PAGE_SIZE
    paper = np.full((height, width, 3), random.uniform(225, 250, 3) * (1, 1, random.uniform(0.94, 1)), np.float32)
    _draw_ruling(paper, number, random)
    ink = np.zeros((height, width), np.float32)
    _draw_strokes(ink, random)
    colour = np.array(INKS[number % len(INKS)], np.float32)
    opacity = ink * random.uniform(0.75, 0.95)
    page = paper * (1 - opacity[..., None]) + colour * opacity[..., None]
    light = _draw_light(number, random, (height, width))
    page = np.clip(page * light[..., None] * random.uniform(0.92, 1.0, 3), 0, 255).astype(np.float32)
    matrix = _choose_place(random, width, height)
    table = tuple(float(level) for level in random.uniform(30, 90, 3))
    shot = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=table)
    seen = cv2.warpPerspective(opacity, matrix, (width, height), flags=cv2.INTER_AREA)
    shot = cv2.GaussianBlur(shot, (0, 0), random.uniform(0.6, 1.4)) + random.normal(0, random.uniform(2, 6), shot.shape)
    packed = io.BytesIO()
    Image.fromarray(np.clip(shot, 0, 255).astype(np.uint8)).save(packed, "JPEG", quality=int(random.integers(75, 95)))
    return Page(np.array(Image.open(packed)), seen.astype(np.float32))


def _draw_ruling(paper: NDArray[np.float32], number: int, random: np.random.Generator) -> None:
    """Draw the lines of plain, lined or squared paper."""
    kind = number % 3
    if kind == 0:
        return
    step, shade = int(random.integers(55, 90)), random.uniform(0.66, 0.88)
    tint = np.array((shade * 0.92, shade * 0.97, 1.0), np.float32)
    for y in range(step, paper.shape[0], step):
        paper[y : y + 2] *= tint
    if kind == 2:
        for x in range(step, paper.shape[1], step):
            paper[:, x : x + 2] *= tint


def _draw_strokes(ink: NDArray[np.float32], random: np.random.Generator) -> None:
    """Draw a signature: loops that drift to the right, with a pressure that changes, and an underline."""
    height, width = ink.shape
    time = np.linspace(0, 1, 1500)
    x = width * (0.25 + 0.5 * time) + 45 * np.sin(time * random.uniform(50, 80)) + 20 * np.sin(time * 23)
    y = height * 0.5 + random.uniform(40, 70) * np.sin(time * random.uniform(40, 70)) * (1 - 0.5 * time)
    y += 25 * np.sin(time * random.uniform(5, 12))
    thickness = 3.0 + 2.5 * (1 + np.sin(time * random.uniform(30, 60)))
    breaks = random.integers(200, 1300, 3)
    for at in range(len(time) - 1):
        if np.abs(breaks - at).min() < 12:
            continue
        first, second = (int(x[at]), int(y[at])), (int(x[at + 1]), int(y[at + 1]))
        cv2.line(ink, first, second, 1.0, max(2, round(thickness[at])), cv2.LINE_AA)
    if random.random() < 0.5:
        left, right = (int(width * 0.3), int(height * 0.62)), (int(width * 0.7), int(height * 0.59))
        cv2.line(ink, left, right, 1.0, 4, cv2.LINE_AA)


def _draw_light(number: int, random: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the light on the page: falling off to one side, with the shadow of a hand, and with folds."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    along = (np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)).astype(np.float32)
    light = 0.85 + random.uniform(0.1, 0.35) * along
    if number % 2:
        edge = (x - random.uniform(0.3, 0.7) * width) * np.cos(angle + 1) + (y - 0.5 * height) * np.sin(angle + 1)
        light *= 1 - random.uniform(0.25, 0.5) / (1 + np.exp(np.clip(-edge / random.uniform(8, 60), -50, 50)))
    if number % 4 >= 2:
        rough = random.normal(0, 1, (12, 16)).astype(np.float32)
        folds = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
        light *= 1 + 0.05 * folds
        for _ in range(6):
            place, turn = random.uniform(0.1, 0.9, 2) * (width, height), random.uniform(0, np.pi)
            distance = (x - place[0]) * np.sin(turn) - (y - place[1]) * np.cos(turn)
            light *= 1 - random.uniform(0.04, 0.14) * np.exp(-((distance / random.uniform(3, 12)) ** 2))
    return light.astype(np.float32)


def _choose_place(random: np.random.Generator, width: int, height: int) -> NDArray[np.float64]:
    """Return the perspective of the picture: a page that is turned, tilted, and in part surrounded by the table."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-10, 10), random.uniform(0.85, 1.25))
    moved = corners @ turn[:, :2].T + turn[:, 2] + random.normal(0, 18, (4, 2))
    return cv2.getPerspectiveTransform(corners, moved.astype(np.float32))


def measure_page(page: Page) -> tuple[float, float, NDArray[np.uint8]]:
    """Return the share of the ink that is lost, the share of the paper that is left, and the picture."""
    made = make_ink_part(page.rgb, "signature", SIGNATURE_SIZE, SIGNATURE_SIZE)
    height, width = made.picture.shape[:2]
    zoom = float(np.hypot(made.matrix[0, 0], made.matrix[1, 0]))
    blurred = cv2.GaussianBlur(page.ink, (0, 0), max(0.6, 0.45 / zoom))
    true = cv2.warpAffine(blurred, made.matrix[:2], (width, height), flags=cv2.INTER_LINEAR)
    dark = 1.0 - made.picture.min(axis=2).astype(np.float32) / 255
    strong = np.where(true > INK_DARKNESS, true, 0.0)
    lost = float(strong[dark < LEFT_DARKNESS].sum() / max(strong.sum(), 1e-6))
    outside = 1.0 - float(true.sum() * (1 / zoom) ** 2 / max(float(page.ink.sum()), 1e-6))
    clear = cv2.dilate((true > 0.02).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    left = float((dark[clear] > LEFT_DARKNESS).mean())
    return max(lost, outside, 0.0), left, made.picture


def is_for_tuning(number: int) -> bool:
    """Return True for the half of the pages on which limits are chosen."""
    return hashlib.sha256(f"page{number}".encode()).hexdigest()[0] < "8"


def main() -> None:
    """Print ink lost and paper left for each page, and their means for both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args()
    halves: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for number in range(PAGES):
        page = draw_page(number)
        try:
            lost, left, picture = measure_page(page)
        except InputError as problem:
            sys.stdout.write(f"{number:2} {problem}\n")
            halves[is_for_tuning(number)].append((1.0, 0.0))
            continue
        halves[is_for_tuning(number)].append((lost, left))
        sys.stdout.write(
            f"{number:2} {'tuning' if is_for_tuning(number) else 'report'} lost {lost:.3f} left {left:.4f}\n"
        )
        if wanted.out is not None:
            wanted.out.mkdir(parents=True, exist_ok=True)
            small = cv2.resize(page.rgb, (480, 360), interpolation=cv2.INTER_AREA)
            sheet = np.full((360, 480 + picture.shape[1], 3), 200, np.uint8)
            sheet[:, :480], sheet[: picture.shape[0], 480:] = small, picture
            Image.fromarray(sheet).save(wanted.out / f"{number:02}.png")
    for tuning, found in halves.items():
        lost, left = np.array(found).T
        name = "tuning" if tuning else "report"
        sys.stdout.write(
            f"{name}: {len(found)} pages, ink lost {lost.mean():.2%} (worst {lost.max():.2%}), "
            f"paper left {left.mean():.3%} (worst {left.max():.3%})\n"
        )


if __name__ == "__main__":
    main()
