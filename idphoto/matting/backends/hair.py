"""Estimate alpha with idphoto's own network, the default backend.

The network has two graphs. The semantic graph sees the whole picture at 256x320 pixels, with the
person mask, and decides what is person. The detail graph sees the picture at full resolution, with
the output of the semantic graph and the likeness of colours (:mod:`idphoto.matting.likeness`), and
decides where the edge runs. Then holes and scraps are removed (:mod:`idphoto.matting.solid`) and
alpha is limited by the colours of the pixels (:mod:`idphoto.matting.bounds`).

``MODEL_CARD.md`` in the folder above says what the network was trained on and how good it is;
``training/`` holds the training.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from idphoto.matting.bounds import limit_alpha, measure_doubt
from idphoto.matting.hair_windows import refine_in_windows
from idphoto.matting.likeness import measure_likeness
from idphoto.matting.onnxfile import open_session
from idphoto.matting.solid import fill_bites, make_solid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.matting.hair_windows import Once
    from idphoto.portrait import Alpha, Rgb

__all__ = ["Hair", "load"]

SEMANTIC_SHAPE_PX = (320, 256)  # rows and columns that the semantic graph sees
MASK_BLUR_SHARE = 0.007  # blur of the person mask, as a share of the longer side; a sharp mask would be copied
DETAIL_STRIDE_PX = 16  # the detail graph takes sides that are multiples of this
SEMANTIC_REDUCTION = 4  # the detail graph takes the semantic output at the picture's size divided by this
SEMANTIC_PLANES = 13  # the logit of the person, and the features
TRACED_LOGIT_GAIN = 2.0  # logit of the semantic graph by that of a person mask, which is less certain
MIN_TRACED_PROBABILITY = 1e-4
WEIGHTS_FOLDER = Path(__file__).parents[1]
SEMANTIC_FILE, DETAIL_FILE = "hair_semantic.onnx", "hair_detail.onnx"
MIN_SIDE_PX = 600  # longer side; a smaller picture is enlarged to it, since the network is better at that size


class Graph(Protocol):
    """Interface of one half of the network; arrays have a leading batch axis of 1."""

    def __call__(self, *inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Return the outputs for the inputs."""
        ...


class Hair:
    """The network as a matting backend; see :class:`idphoto.matting.base.MattingBackend`.

    Parameters
    ----------
    semantic, detail : Graph
        The two halves, run by onnxruntime here and by PyTorch in the training.
    """

    def __init__(self, semantic: Graph, detail: Graph) -> None:
        self._semantic = semantic
        self._detail = detail

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine a person mask; see :class:`idphoto.matting.base.MattingBackend`."""
        alpha = self.alone(rgb, coarse)
        doubted = measure_doubt(alpha)
        alpha = make_solid(alpha, coarse)  # as a statement of its own, it frees the memory of two mattes
        return fill_bites(limit_alpha(rgb, alpha, doubted), coarse, rgb)

    def alone(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Return the network's own alpha, before holes are filled and colours limit it.

        Parameters
        ----------
        rgb, coarse : ndarray
            See :class:`idphoto.matting.base.MattingBackend`.

        Returns
        -------
        ndarray of float32, shape (H, W)
            Alpha.
        """
        return self._enlarged(lambda rgb, coarse: refine_in_windows(self.once, self.trace, rgb, coarse), rgb, coarse)

    def trace(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Find the edge with the detail graph alone; see :class:`idphoto.matting.base.EdgeTracer`.

        The mask takes the place of the semantic graph's logit. Its features, which are about heads, are 0.
        """
        return self._enlarged(self._traced, rgb, coarse)

    def _traced(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        seen = cv2.resize(rgb, SEMANTIC_SHAPE_PX[::-1], interpolation=cv2.INTER_AREA)
        rows, columns = (side // 2 for side in SEMANTIC_SHAPE_PX)
        likely = cv2.resize(np.asarray(coarse, dtype=np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
        likely = np.clip(likely, MIN_TRACED_PROBABILITY, 1 - MIN_TRACED_PROBABILITY)
        said = np.zeros((SEMANTIC_PLANES, rows, columns), dtype=np.float32)
        said[0] = TRACED_LOGIT_GAIN * np.log(likely / (1 - likely))
        return self._detailed(rgb, _with_likeness(seen, said))

    def _enlarged(self, matte: Once, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Run `matte`; enlarge a small picture for it, and reduce its alpha again."""
        height, width = rgb.shape[:2]
        zoom = MIN_SIDE_PX / max(height, width)
        if zoom <= 1:
            return matte(rgb, coarse)
        size = (round(width * zoom), round(height * zoom))
        large = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
        alpha = matte(large, cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR))
        return np.minimum(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA), np.float32(1))

    def once(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine a person mask in one pass, without windows, whatever the size of the picture.

        Parameters
        ----------
        rgb, coarse : ndarray
            See :class:`idphoto.matting.base.MattingBackend`.

        Returns
        -------
        ndarray of float32, shape (H, W)
            Alpha.
        """
        return self._detailed(rgb, self._meaning(rgb, coarse))

    def _detailed(self, rgb: Rgb, meaning: NDArray[np.float32]) -> Alpha:
        """Run the detail graph on the whole picture with the semantic output for it."""
        height, width = rgb.shape[:2]
        down, right = -height % DETAIL_STRIDE_PX, -width % DETAIL_STRIDE_PX
        padded = cv2.copyMakeBorder(rgb, 0, down, 0, right, cv2.BORDER_REPLICATE) if down or right else rgb
        placed = _interpolated(meaning, 2, (width + right) // SEMANTIC_REDUCTION, width / SEMANTIC_REDUCTION)
        placed = _interpolated(placed, 1, (height + down) // SEMANTIC_REDUCTION, height / SEMANTIC_REDUCTION)
        alpha = self._detail(np.ascontiguousarray(padded)[None], placed[None])[0]
        return np.ascontiguousarray(alpha[0, 0, :height, :width])

    def _meaning(self, rgb: Rgb, coarse: Alpha) -> NDArray[np.float32]:
        """Return the output of the semantic graph, and the likeness of colours that follows from it."""
        whole = cv2.resize(rgb, SEMANTIC_SHAPE_PX[::-1], interpolation=cv2.INTER_AREA)
        mask = cv2.resize(np.asarray(coarse, dtype=np.float32), SEMANTIC_SHAPE_PX[::-1], interpolation=cv2.INTER_AREA)
        mask = cv2.GaussianBlur(mask, (0, 0), MASK_BLUR_SHARE * max(SEMANTIC_SHAPE_PX))
        said = self._semantic(whole[None], np.clip(mask, 0, 1)[None, None])[0][0]
        return _with_likeness(whole, said)


def _with_likeness(seen: Rgb, said: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add the likeness of colours that follows from a semantic output to it."""
    return np.concatenate([said, measure_likeness(seen, 1 / (1 + np.exp(-said[0])))])


def _interpolated(layers: NDArray[np.float32], axis: int, wanted: int, extent: float) -> NDArray[np.float32]:
    """Interpolate linearly along an axis whose samples cover `extent` pixels, at the first `wanted` pixels.

    Pixel centres are at halves. Beyond the outermost samples, their values are repeated. OpenCV cannot do this
    where `extent` is not a whole number.
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
    return Hair(open_session(WEIGHTS_FOLDER / SEMANTIC_FILE), open_session(WEIGHTS_FOLDER / DETAIL_FILE))
