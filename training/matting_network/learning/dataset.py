"""Make training samples: whole pictures for the semantic branch, crops at full detail for the detail branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from training.matting_network.data.sample_files import MASK_SUFFIX
from training.matting_network.learning.mask_mistakes import add_mask_mistakes
from training.matting_network.learning.network import SEMANTIC_REDUCTION, SEMANTIC_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CROP_SIDE_PX = 256

CROPS_PER_PICTURE = 2
"""More than one, because the whole picture costs more time than a crop."""

PHOTO_SHARE = 0.15
"""Share of the samples that are real photos with an outline drawn by hand, if there are any."""

BAND_PX = 4
"""Pixels by which the band of the edge is wider than the part where alpha is neither 0 nor 255."""

MASK_BLUR_SHARE = 0.007
"""Sigma of the blur of the person mask, as a share of the longer side; the network would copy a sharp mask."""


def blur_mask(mask: np.ndarray) -> np.ndarray:
    """Blur a person mask of the semantic branch's size."""
    return cv2.GaussianBlur(mask, (0, 0), MASK_BLUR_SHARE * max(SEMANTIC_SIZE))


@dataclass
class Sample:
    """A composite or photo as it was read.

    Attributes
    ----------
    layers : ndarray of uint8, shape (H, W, 4)
        sRGB and alpha.
    mask : ndarray of float32
        Person mask in [0, 1], of the semantic branch's size.
    photo : bool
        Set for photos, of which the alpha of the edge is not known.
    """

    layers: np.ndarray
    mask: np.ndarray
    photo: bool = False


def read(path: Path, photo: bool = False) -> Sample:
    """Read the two files of a composite or photo."""
    mask = cv2.imread(str(path.with_suffix(MASK_SUFFIX)), cv2.IMREAD_GRAYSCALE)
    return Sample(np.load(path, mmap_mode="r"), mask.astype(np.float32) / 255, photo)


def find_known(alpha: np.ndarray, photo: bool) -> np.ndarray:
    """Return 1 where the true alpha is known, 0 elsewhere.

    It is known everywhere on composites, and on photos (`outlined_photos`) only where it is 0 or 255.
    """
    return ((alpha == 0) | (alpha == 255)).astype(np.float32) if photo else np.ones(alpha.shape, np.float32)


def trim(sample: Sample, rng: np.random.Generator) -> Sample:
    """Cut off parts of the sides in 45 % of the cases, and in 10 % leave only a part of the person.

    Such parts are what the network sees of very large pictures, which it refines window by window. Then its mask is the
    matte of the pass before, which is mostly right; so here the mask is made from the true alpha.
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
        mask = cv2.resize(cut(sample.mask), SEMANTIC_SIZE[::-1], interpolation=cv2.INTER_LINEAR)
    else:
        alpha = np.ascontiguousarray(cut(sample.layers)[..., 3])
        mask = cv2.resize(alpha, SEMANTIC_SIZE[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return Sample(cut(sample.layers), mask, sample.photo)


def make_tint(rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Make a lookup table, shape (1, 256, 3), that changes brightness, gamma and tint of a whole picture.

    `strength` multiplies the standard deviations; 1 is the usual.
    """
    gain = np.exp(strength * rng.normal(0, 0.05, 3) + strength * rng.normal(0, 0.1))
    gamma = np.exp(strength * rng.normal(0, 0.12))
    ramp = (np.arange(256) / 255)[:, None] ** gamma * gain * 255
    return np.clip(ramp, 0, 255).round().astype(np.uint8)[None]


def choose_crop_side(height: int, width: int, rng: np.random.Generator) -> int:
    """Choose the side of the square that becomes a crop.

    Six in ten are resampled, as pictures are on their way to an ID photo.
    """
    zoom = 1.0 if rng.random() < 0.4 else np.exp(rng.uniform(np.log(0.6), np.log(1.5)))
    return min(round(CROP_SIDE_PX / zoom), height, width)


def choose_crop_corner(alpha: np.ndarray, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Choose the upper left corner of a crop, as row and column.

    In 85 % of the cases the crop contains a point of the edge. Points in the upper 60 % of the picture, where the hair
    is, are chosen twice as often as points of clothes.
    """
    height, width = alpha.shape
    if rng.random() < 0.85:
        rows, columns = np.nonzero((alpha[::3, ::3] > 5) & (alpha[::3, ::3] < 250))
        if len(rows):
            weight = np.where(rows * 3 < 0.6 * height, 2.0, 1.0)
            i = rng.choice(len(rows), p=weight / weight.sum())
            y, x = np.array([rows[i], columns[i]]) * 3 - rng.integers(side // 6, side * 5 // 6, size=2)
            return int(np.clip(y, 0, height - side)), int(np.clip(x, 0, width - side))
    return int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))


def find_band(alpha: np.ndarray) -> np.ndarray:
    """Return 1 where alpha is neither 0 nor 255 and within `BAND_PX` of it, 0 elsewhere."""
    mixed = ((alpha > 0) & (alpha < 255)).astype(np.float32)
    return cv2.dilate(mixed, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND_PX + 1, 2 * BAND_PX + 1)))


class TrainingSamples(Dataset):
    """The samples `start` to `stop` of an endless sequence that depends on the seed only.

    Parameters
    ----------
    folders : sequence of Path
        Folders of composites. A folder that is given several times is drawn from as many times as often.
    seed, start, stop : int
        Sample `i` of a seed is the same in every run.
    photos : sequence of Path
        Folders of photos with outlines.
    photo_share : float
        Share of the samples that are photos.
    photo_tint : float
        Strength of the tint of photos; see `make_tint`.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        seed: int,
        start: int,
        stop: int,
        photos: Sequence[Path] = (),
        photo_share: float = PHOTO_SHARE,
        photo_tint: float = 1.0,
    ) -> None:
        self.pictures = [path for folder in folders for path in sorted(folder.glob("*.npy"))]
        self.photos = [path for folder in photos for path in sorted(folder.glob("*.npy"))]
        if not self.pictures:
            raise FileNotFoundError(
                f"no composites in {', '.join(map(str, folders))}; run training.matting_network.data.pool first"
            )
        self.seed, self.start, self.stop = seed, start, stop
        self.photo_share, self.photo_tint = photo_share, photo_tint
        self._epoch, self._places = -1, np.empty(0, np.intp)

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = self.start + index
        epoch, place = divmod(number, len(self.pictures))
        rng = np.random.default_rng((self.seed, epoch, place))
        if self.photos and rng.random() < self.photo_share:
            photo = read(self.photos[rng.integers(len(self.photos))], photo=True)
            return make_inputs(photo, rng, self.photo_tint)
        return make_inputs(read(self.pictures[self._order(epoch)[place]]), rng)

    def _order(self, epoch: int) -> np.ndarray:
        """Return the order of an epoch; the last one asked for is kept."""
        if self._epoch != epoch:
            self._epoch = epoch
            self._places = np.random.default_rng((self.seed, epoch)).permutation(len(self.pictures))
        return self._places


def make_inputs(sample: Sample, rng: np.random.Generator, tint: float = 1.0) -> dict[str, torch.Tensor]:
    """Augment a sample and make the tensors for the network and its losses.

    Returns
    -------
    dict
        Of the whole picture: ``whole`` (rows, columns, 3) uint8, ``mask`` (1, rows, columns), and at half that size
        ``whole_alpha`` and ``whole_known``. Of the crops, stacked: see `make_crop`.
    """
    sample = trim(sample, rng)
    layers, mask = sample.layers, sample.mask
    if rng.random() < 0.5:
        layers, mask = layers[:, ::-1], np.ascontiguousarray(mask[:, ::-1])
    layers = np.ascontiguousarray(layers)
    mask = add_mask_mistakes(mask, rng)
    table = make_tint(rng, tint)
    whole = cv2.LUT(cv2.resize(layers[..., :3], SEMANTIC_SIZE[::-1], interpolation=cv2.INTER_AREA), table)
    half = (SEMANTIC_SIZE[1] // 2, SEMANTIC_SIZE[0] // 2)
    alpha = cv2.resize(layers[..., 3], half, interpolation=cv2.INTER_AREA)
    crops = [make_crop(layers, table, rng, sample.photo) for _ in range(CROPS_PER_PICTURE)]
    return {
        "whole": torch.from_numpy(whole),
        "mask": torch.from_numpy(blur_mask(mask))[None],
        "whole_alpha": torch.from_numpy(alpha.astype(np.float32) / 255)[None],
        "whole_known": torch.from_numpy(find_known(alpha, sample.photo))[None],
        **{name: torch.stack([crop[name] for crop in crops]) for name in crops[0]},
    }


def make_crop(layers: np.ndarray, table: np.ndarray, rng: np.random.Generator, photo: bool) -> dict[str, torch.Tensor]:
    """Make one crop.

    Returns
    -------
    dict
        ``rgb`` (side, side, 3) uint8; ``alpha``, ``band`` and ``known`` (1, side, side); ``grid``, the places of the
        crop's pixels in the semantic output, as ``grid_sample`` counts them: -1..1.
    """
    height, width = layers.shape[:2]
    side = choose_crop_side(height, width, rng)
    y, x = choose_crop_corner(layers[..., 3], side, rng)
    crop = layers[y : y + side, x : x + side]
    if side != CROP_SIDE_PX:
        method = cv2.INTER_AREA if side > CROP_SIDE_PX else cv2.INTER_CUBIC
        crop = cv2.resize(crop, (CROP_SIDE_PX, CROP_SIDE_PX), interpolation=method)
    alpha = crop[..., 3]
    centres = (np.arange(CROP_SIDE_PX // SEMANTIC_REDUCTION) + 0.5) * SEMANTIC_REDUCTION * side / CROP_SIDE_PX
    gx, gy = (x + centres) / width * 2 - 1, (y + centres) / height * 2 - 1
    grid = np.stack(np.meshgrid(gx, gy), axis=-1).astype(np.float32)
    return {
        "rgb": torch.from_numpy(cv2.LUT(np.ascontiguousarray(crop[..., :3]), table)),
        "alpha": torch.from_numpy(alpha.astype(np.float32) / 255)[None],
        "band": torch.from_numpy(find_band(alpha))[None],
        "known": torch.from_numpy(find_known(alpha, photo))[None],
        "grid": torch.from_numpy(grid),
    }
