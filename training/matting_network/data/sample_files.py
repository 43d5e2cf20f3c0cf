"""Read pictures and mattes; write the samples that the network learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

MASK_SUFFIX = ".coarse.png"
"""Ending of the file with the person mask of a sample."""


def read_rgb(path: Path) -> np.ndarray:
    """Read a picture as (H, W, 3) uint8 sRGB."""
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def read_matte(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a recovered matte: foreground colours (H, W, 3) uint8 sRGB, and alpha (H, W) float32."""
    rgba = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(rgba[..., :3], cv2.COLOR_BGR2RGB), rgba[..., 3].astype(np.float32) / 255


def write_sample(stem: Path, rgb: np.ndarray, alpha: np.ndarray) -> None:
    """Write the two files of a sample: picture with alpha (``.npy``), and the person mask (`MASK_SUFFIX`).

    The mask is made from the picture by the package's own segmenter. The ``.npy`` file is written last; if it exists,
    the sample is complete.

    Parameters
    ----------
    stem : Path
        Path without ending.
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of uint8, shape (H, W)
        The true alpha.
    """
    from idphoto.matting.backends.hair import SEMANTIC_SHAPE_PX
    from idphoto.segmentation.person import segment_person

    mask = cv2.resize(segment_person(rgb, "selfie"), SEMANTIC_SHAPE_PX[::-1], interpolation=cv2.INTER_AREA)
    cv2.imwrite(f"{stem}{MASK_SUFFIX}", (mask * 255).round().astype(np.uint8))
    part = stem.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, np.dstack([rgb, alpha]))
    part.replace(stem.with_suffix(".npy"))
