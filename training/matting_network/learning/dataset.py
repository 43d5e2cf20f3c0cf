"""Samples for training: whole pictures for the semantic branch, crops at full detail for the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from training.matting_network.learning.mask_mistakes import spoil
from training.matting_network.learning.network import QUARTER, SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CROP, CROPS = 256, 2
"""Side of a crop, and how many each picture gives: whole pictures cost more than crops."""

PHOTOS = 0.15
"""Share of the samples that are real photos with an outline drawn by hand, where there are any."""

BAND = 4
SOFTEN = 0.007
"""Blur of the coarse mask before it enters, as a share of the longer side: a sharp one would be copied."""


def soften(coarse: np.ndarray) -> np.ndarray:
    """A coarse mask of the semantic branch's size, blurred."""
    return cv2.GaussianBlur(coarse, (0, 0), SOFTEN * max(SIZE))


@dataclass
class Sample:
    """One composite or photo as read: RGB and alpha in 8 bits, coarse mask, and whether it is a photo."""

    layers: np.ndarray
    coarse: np.ndarray
    photo: bool = False


def read(path: Path, photo: bool = False) -> Sample:
    """Read the two files of a composite or photo."""
    coarse = cv2.imread(str(path.with_suffix(".coarse.png")), cv2.IMREAD_GRAYSCALE)
    return Sample(np.load(path, mmap_mode="r"), coarse.astype(np.float32) / 255, photo)


def known(alpha: np.ndarray, photo: bool) -> np.ndarray:
    """Where the truth is known: everywhere on composites; on photos (`outlined_photos`) at the ends of alpha."""
    return ((alpha == 0) | (alpha == 255)).astype(np.float32) if photo else np.ones(alpha.shape, np.float32)


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

    if chance < 0.9:
        coarse = cv2.resize(cut(sample.coarse), SIZE[::-1], interpolation=cv2.INTER_LINEAR)
    else:
        alpha = np.ascontiguousarray(cut(sample.layers)[..., 3])
        coarse = cv2.resize(alpha, SIZE[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return Sample(cut(sample.layers), coarse, sample.photo)


def tint(rng: np.random.Generator, vary: float = 1.0) -> np.ndarray:
    """A table per channel: another brightness and tint of the whole picture, `vary` times as different as is usual."""
    gain = np.exp(vary * rng.normal(0, 0.05, 3) + vary * rng.normal(0, 0.1))
    gamma = np.exp(vary * rng.normal(0, 0.12))
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
        rows, columns = np.nonzero((alpha[::3, ::3] > 5) & (alpha[::3, ::3] < 250))
        if len(rows):
            weight = np.where(rows * 3 < 0.6 * height, 2.0, 1.0)
            i = rng.choice(len(rows), p=weight / weight.sum())
            y, x = np.array([rows[i], columns[i]]) * 3 - rng.integers(side // 6, side * 5 // 6, size=2)
            return int(np.clip(y, 0, height - side)), int(np.clip(x, 0, width - side))
    return int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))


def band(alpha: np.ndarray) -> np.ndarray:
    """Where the edge is or may be taken to be: what is neither 0 nor 255 and `BAND` pixels more, as 0 and 1."""
    unknown = ((alpha > 0) & (alpha < 255)).astype(np.float32)
    return cv2.dilate(unknown, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND + 1, 2 * BAND + 1)))


class Pool(Dataset):
    """Endless samples in an order that the seed alone decides: item `i` is the same in every run."""

    def __init__(
        self,
        folders: Sequence[Path],
        seed: int,
        start: int,
        stop: int,
        photos: Sequence[Path] = (),
        share: float = PHOTOS,
        vary: float = 1.0,
    ) -> None:
        self.pictures = [path for folder in folders for path in sorted(folder.glob("*.npy"))]
        self.photos = [path for folder in photos for path in sorted(folder.glob("*.npy"))]
        if not self.pictures:
            raise FileNotFoundError(
                f"no composites in {', '.join(map(str, folders))}; run training.matting_network.data.pool first"
            )
        self.seed, self.start, self.stop, self.share, self.vary = seed, start, stop, share, vary
        self._epoch, self._places = -1, np.empty(0, np.intp)

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = self.start + index
        epoch, place = divmod(number, len(self.pictures))
        rng = np.random.default_rng((self.seed, epoch, place))
        if self.photos and rng.random() < self.share:
            return prepared(read(self.photos[rng.integers(len(self.photos))], photo=True), rng, self.vary)
        return prepared(read(self.pictures[self._order(epoch)[place]]), rng)

    def _order(self, epoch: int) -> np.ndarray:
        """The order of one epoch; the last one asked for is remembered."""
        if self._epoch != epoch:
            self._epoch = epoch
            self._places = np.random.default_rng((self.seed, epoch)).permutation(len(self.pictures))
        return self._places


def prepared(sample: Sample, rng: np.random.Generator, vary: float = 1.0) -> dict[str, torch.Tensor]:
    """Change a sample by chance and cut it into what the network takes."""
    sample = trim(sample, rng)
    layers, coarse = sample.layers, sample.coarse
    if rng.random() < 0.5:
        layers, coarse = layers[:, ::-1], np.ascontiguousarray(coarse[:, ::-1])
    layers = np.ascontiguousarray(layers)
    coarse = spoil(coarse, rng)
    table = tint(rng, vary)
    whole = cv2.LUT(cv2.resize(layers[..., :3], SIZE[::-1], interpolation=cv2.INTER_AREA), table)
    half = (SIZE[1] // 2, SIZE[0] // 2)
    truth = cv2.resize(layers[..., 3], half, interpolation=cv2.INTER_AREA)
    parts = [part(layers, table, rng, sample.photo) for _ in range(CROPS)]
    return {
        "whole": torch.from_numpy(whole),
        "coarse": torch.from_numpy(soften(coarse))[None],
        "truth": torch.from_numpy(truth.astype(np.float32) / 255)[None],
        "sure": torch.from_numpy(known(truth, sample.photo))[None],
        **{name: torch.stack([entry[name] for entry in parts]) for name in parts[0]},
    }


def part(layers: np.ndarray, table: np.ndarray, rng: np.random.Generator, photo: bool) -> dict[str, torch.Tensor]:
    """One crop and where it lies in the whole."""
    height, width = layers.shape[:2]
    side = extent(height, width, rng)
    y, x = window(layers[..., 3], side, rng)
    crop = layers[y : y + side, x : x + side]
    if side != CROP:
        crop = cv2.resize(crop, (CROP, CROP), interpolation=cv2.INTER_AREA if side > CROP else cv2.INTER_CUBIC)
    alpha = crop[..., 3]
    # Where the crop's quarter-size pixels lie in the semantic output, as grid_sample counts: -1..1.
    centres = (np.arange(CROP // QUARTER) + 0.5) * QUARTER * side / CROP
    gx, gy = (x + centres) / width * 2 - 1, (y + centres) / height * 2 - 1
    grid = np.stack(np.meshgrid(gx, gy), axis=-1).astype(np.float32)
    return {
        "rgb": torch.from_numpy(cv2.LUT(np.ascontiguousarray(crop[..., :3]), table)),
        "alpha": torch.from_numpy(alpha.astype(np.float32) / 255)[None],
        "band": torch.from_numpy(band(alpha))[None],
        "known": torch.from_numpy(known(alpha, photo))[None],
        "grid": torch.from_numpy(grid),
    }
