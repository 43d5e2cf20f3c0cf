"""Alpha by idphoto's own network: the default.

Two graphs. One sees the whole picture at 256x320 pixels together with the coarse silhouette and
decides what is person; the other sees the picture at full resolution, with what the first one
says about it and with which colours are nearby, and decides where the edge runs. How they were
made, from what, and how good they are: ``MODEL_CARD.md`` beside this file, and ``training/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from idphoto.matting.bounds import bounded, doubts
from idphoto.matting.hair_windows import refined
from idphoto.matting.likeness import likeness
from idphoto.matting.onnxfile import session
from idphoto.matting.solid import solid, without_bites

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["Hair", "load"]

SEEN = (320, 256)  # rows and columns that the semantic graph sees
SOFTEN = 0.007  # blur of the coarse mask, as a share of the longer side; a sharp one would be copied
STRIDE = 16  # the detail graph takes sides that are multiples of this
QUARTER = 4  # it takes the semantic output at this fraction of its size
WEIGHTS_FOLDER = Path(__file__).parents[1]
SEMANTIC, DETAIL = "hair_semantic.onnx", "hair_detail.onnx"
SMALL = 600  # pixels of the longer side; smaller pictures are enlarged to that, which the network is better at


class Graph(Protocol):
    """One half of the network, on arrays with a leading batch axis of 1."""

    def __call__(self, *inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Run it."""
        ...


class Hair:
    """The network behind the seam of :class:`idphoto.matting.base.Matter`.

    Parameters
    ----------
    semantic, detail : Graph
        What runs the two halves: onnxruntime in use, PyTorch in training.
    """

    def __init__(self, semantic: Graph, detail: Graph) -> None:
        self._semantic = semantic
        self._detail = detail

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine a silhouette; see :class:`idphoto.matting.base.Matter`."""
        alpha = self.alone(rgb, coarse)
        doubted = doubts(alpha)
        alpha = solid(alpha, coarse)  # of a large picture, two mattes fewer are held at once than in one expression
        return without_bites(bounded(rgb, alpha, doubted), coarse, rgb)

    def alone(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """What the network says by itself, before it is made one body and brought within what colours allow.

        Parameters
        ----------
        rgb, coarse : ndarray
            See :class:`idphoto.matting.base.Matter`.

        Returns
        -------
        ndarray of float32, shape (H, W)
            Alpha.
        """
        height, width = rgb.shape[:2]
        zoom = SMALL / max(height, width)
        if zoom <= 1:
            return refined(self.once, rgb, coarse)
        size = (round(width * zoom), round(height * zoom))
        large = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
        alpha = self.once(large, cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR))
        return np.minimum(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA), np.float32(1))

    def once(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine a silhouette in one pass, however large the picture.

        Parameters
        ----------
        rgb, coarse : ndarray
            See :class:`idphoto.matting.base.Matter`.

        Returns
        -------
        ndarray of float32, shape (H, W)
            Alpha.
        """
        height, width = rgb.shape[:2]
        meaning = self._meaning(rgb, coarse)
        down, right = -height % STRIDE, -width % STRIDE
        padded = cv2.copyMakeBorder(rgb, 0, down, 0, right, cv2.BORDER_REPLICATE) if down or right else rgb
        placed = _interpolated(meaning, 2, (width + right) // QUARTER, width / QUARTER)
        placed = _interpolated(placed, 1, (height + down) // QUARTER, height / QUARTER)
        alpha = self._detail(np.ascontiguousarray(padded)[None], placed[None])[0]
        return np.ascontiguousarray(alpha[0, 0, :height, :width])

    def _meaning(self, rgb: Rgb, coarse: Alpha) -> NDArray[np.float32]:
        """What the semantic graph says about the picture, and what colours say by that."""
        whole = cv2.resize(rgb, SEEN[::-1], interpolation=cv2.INTER_AREA)
        mask = cv2.resize(np.asarray(coarse, dtype=np.float32), SEEN[::-1], interpolation=cv2.INTER_AREA)
        mask = cv2.GaussianBlur(mask, (0, 0), SOFTEN * max(SEEN))
        said = self._semantic(whole[None], np.clip(mask, 0, 1)[None, None])[0][0]
        return np.concatenate([said, likeness(whole, 1 / (1 + np.exp(-said[0])))])


def _interpolated(layers: NDArray[np.float32], axis: int, wanted: int, extent: float) -> NDArray[np.float32]:
    """Linear interpolation along an axis, whose samples are spread over `extent` pixels, at `wanted` pixels.

    Pixel centres are at halves; beyond the outermost samples their values go on. (OpenCV knows no extent that is no
    whole number.)
    """
    known = layers.shape[axis]
    place = np.clip((np.arange(wanted) + 0.5) * known / extent - 0.5, 0, known - 1)
    before = np.minimum(place.astype(np.intp), known - 2)
    share = (place - before).astype(np.float32)
    found, rest = layers.take(before, axis=axis), layers.take(before + 1, axis=axis)
    rest -= found
    rest *= share if axis == 2 else share[:, None]
    found += rest
    return found


def load() -> Hair:
    """Open both graphs (60 ms).

    Raises
    ------
    MissingExtra
        If onnxruntime is not installed.
    MissingModel
        If the weights are not in the package.
    """
    return Hair(session(WEIGHTS_FOLDER / SEMANTIC), session(WEIGHTS_FOLDER / DETAIL))
