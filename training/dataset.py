"""Samples for training: whole pictures for the semantic branch, crops at full detail for the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from idphoto.matting.guided import guided
from idphoto.matting.hair import enlarged
from training.mistakes import spoil
from training.network import QUARTER, SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CROP, CROPS = 256, 2
"""Side of a crop, and how many each picture gives: whole pictures cost more than crops."""

BAND = 4
SOFTEN = 0.007
"""Blur of the coarse mask before it enters, as a share of the longer side: a sharp one would be copied."""


def soften(coarse: np.ndarray) -> np.ndarray:
    """A coarse mask of the semantic branch's size, blurred."""
    return cv2.GaussianBlur(coarse, (0, 0), SOFTEN * max(SIZE))


@dataclass
class Sample:
    """One composite as read: picture, alpha in [0, 1], colours where the edge is, coarse mask."""

    rgb: np.ndarray
    alpha: np.ndarray
    colours: np.ndarray
    coarse: np.ndarray


def read(picture: Path) -> Sample:
    """Read the four files of a composite."""
    stem = picture.with_suffix("")
    return Sample(
        cv2.imread(str(picture))[..., ::-1],
        cv2.imread(f"{stem}.alpha.png", cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255,
        cv2.imread(f"{stem}.fore.png")[..., ::-1],
        cv2.imread(f"{stem}.coarse.png", cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255,
    )


def trim(sample: Sample, rng: np.random.Generator) -> Sample:
    """Cut a little off the sides, now and then; rarely down to a part of the person.

    Such parts are what the network sees of very large pictures, which it refines window by
    window; it is then given the matte of a pass before, which is mostly right.
    """
    chance = rng.random()
    if chance < 0.55:
        return sample
    if chance < 0.9:
        top, bottom = rng.uniform(0, 0.06), 1 - rng.uniform(0, 0.2)
        left, right = rng.uniform(0, 0.12), 1 - rng.uniform(0, 0.12)
    else:
        part = rng.uniform(0.35, 0.75)
        top, left = rng.uniform(0, 1 - part, 2)
        bottom, right = top + part, left + part

    def cut(array: np.ndarray) -> np.ndarray:
        h, w = array.shape[:2]
        return array[round(top * h) : round(bottom * h), round(left * w) : round(right * w)]

    coarse = cut(sample.coarse) if chance < 0.9 else cut(sample.alpha)
    coarse = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_AREA if chance >= 0.9 else cv2.INTER_LINEAR)
    return Sample(cut(sample.rgb), cut(sample.alpha), cut(sample.colours), coarse)


def tint(rng: np.random.Generator) -> np.ndarray:
    """A table per channel: another brightness and tint of the whole picture."""
    gain = np.exp(rng.normal(0, 0.05, 3) + rng.normal(0, 0.1))
    gamma = np.exp(rng.normal(0, 0.12))
    ramp = (np.arange(256) / 255)[:, None] ** gamma * gain * 255
    return np.clip(ramp, 0, 255).round().astype(np.uint8)[None]


def extent(height: int, width: int, rng: np.random.Generator) -> int:
    """Side of the square that becomes a crop: most are resampled, as pictures are on their way to an ID photo."""
    zoom = 1.0 if rng.random() < 0.4 else np.exp(rng.uniform(np.log(0.6), np.log(1.5)))
    return min(round(CROP / zoom), height, width)


def window(alpha: np.ndarray, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Upper left corner of a crop: mostly about a point of the edge, the hair's rather than the clothes'."""
    height, width = alpha.shape
    if rng.random() < 0.85:
        rows, columns = np.nonzero((alpha[::3, ::3] > 0.02) & (alpha[::3, ::3] < 0.98))
        if len(rows):
            weight = np.where(rows * 3 < 0.6 * height, 2.0, 1.0)
            i = rng.choice(len(rows), p=weight / weight.sum())
            y, x = np.array([rows[i], columns[i]]) * 3 - rng.integers(side // 6, side * 5 // 6, size=2)
            return int(np.clip(y, 0, height - side)), int(np.clip(x, 0, width - side))
    return int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))


def resized(rgb: np.ndarray, alpha: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring a square to the size of a crop."""
    side = alpha.shape[0]
    if side == CROP:
        return rgb, alpha, colours
    how = cv2.INTER_AREA if side > CROP else cv2.INTER_CUBIC
    plain = cv2.INTER_AREA if side > CROP else cv2.INTER_LINEAR
    rgb = cv2.resize(rgb, (CROP, CROP), interpolation=how)
    alpha = np.clip(cv2.resize(alpha, (CROP, CROP), interpolation=how), 0, 1)
    # Colours are known along the edge only; black elsewhere must not mix in.
    weight = cv2.resize((colours.max(axis=-1) > 0).astype(np.float32), (CROP, CROP), interpolation=plain)
    sums = cv2.resize(colours.astype(np.float32), (CROP, CROP), interpolation=plain)
    colours = np.where((weight > 0.5)[..., None], sums / np.maximum(weight, 0.5)[..., None], 0)
    return rgb, alpha, np.clip(colours, 0, 255).astype(np.uint8)


def band(alpha: np.ndarray) -> np.ndarray:
    """Where the edge is or may be taken to be: unknown pixels and `BAND` more, as 0 and 1."""
    unknown = ((alpha > 0) & (alpha < 1)).astype(np.float32)
    return cv2.dilate(unknown, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND + 1, 2 * BAND + 1)))


class Pool(Dataset):
    """Endless samples in an order that the seed alone decides: item `i` is the same in every run."""

    def __init__(self, folders: Sequence[Path], seed: int, start: int, stop: int) -> None:
        self.pictures = [path for folder in folders for path in sorted(folder.glob("*.jpg"))]
        if not self.pictures:
            raise FileNotFoundError(f"no composites in {', '.join(map(str, folders))}; run training.pool first")
        self.seed, self.start, self.stop = seed, start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = self.start + index
        epoch, place = divmod(number, len(self.pictures))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.pictures))
        rng = np.random.default_rng((self.seed, epoch, place))
        return prepared(read(self.pictures[order[place]]), rng)


def prepared(sample: Sample, rng: np.random.Generator) -> dict[str, torch.Tensor]:
    """Change a sample by chance and cut it into what the network takes."""
    sample = trim(sample, rng)
    arrays = (sample.rgb, sample.alpha, sample.colours, sample.coarse)
    if rng.random() < 0.5:
        arrays = tuple(array[:, ::-1] for array in arrays)
    rgb, alpha, colours, coarse = (np.ascontiguousarray(array) for array in arrays)
    coarse = spoil(coarse, rng)
    table = tint(rng)
    whole = cv2.LUT(cv2.resize(rgb, SIZE[::-1], interpolation=cv2.INTER_AREA), table)
    guide = guided(cv2.LUT(rgb, table), enlarged(coarse, *alpha.shape))
    truth = cv2.resize(alpha, (SIZE[1] // 2, SIZE[0] // 2), interpolation=cv2.INTER_AREA)
    parts = [part(rgb, alpha, colours, guide, table, rng) for _ in range(CROPS)]
    return {
        "whole": torch.from_numpy(whole),
        "coarse": torch.from_numpy(soften(coarse))[None],
        "truth": torch.from_numpy(truth)[None],
        **{name: torch.stack([entry[name] for entry in parts]) for name in parts[0]},
    }


def part(
    rgb: np.ndarray,
    alpha: np.ndarray,
    colours: np.ndarray,
    guide: np.ndarray,
    table: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, torch.Tensor]:
    """One crop and where it lies in the whole."""
    height, width = alpha.shape
    side = extent(height, width, rng)
    y, x = window(alpha, side, rng)
    box = (slice(y, y + side), slice(x, x + side))
    guide = cv2.resize(guide[box], (CROP, CROP), interpolation=cv2.INTER_AREA if side > CROP else cv2.INTER_LINEAR)
    rgb, alpha, colours = resized(rgb[box], alpha[box], colours[box])
    known = colours.max(axis=-1, keepdims=True) > 0
    rgb, colours = cv2.LUT(np.ascontiguousarray(rgb), table), cv2.LUT(np.ascontiguousarray(colours), table)
    colours = np.where(known, np.maximum(colours, 1), 0).astype(np.uint8)
    # Where the crop's quarter-size pixels lie in the semantic output, as grid_sample counts: -1..1.
    centres = (np.arange(CROP // QUARTER) + 0.5) * QUARTER * side / CROP
    gx, gy = (x + centres) / width * 2 - 1, (y + centres) / height * 2 - 1
    grid = np.stack(np.meshgrid(gx, gy), axis=-1).astype(np.float32)
    return {
        "rgb": torch.from_numpy(rgb),
        "alpha": torch.from_numpy(np.ascontiguousarray(alpha))[None],
        "band": torch.from_numpy(band(alpha))[None],
        "colours": torch.from_numpy(colours),
        "guide": torch.from_numpy(guide)[None],
        "grid": torch.from_numpy(grid),
    }
