"""Segment people with MediaPipe's selfie model, which is in the wheel of MediaPipe 0.10 and sees 256 pixels."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.mediapipe_package import import_solutions, silenced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["SolutionsSegmenter", "load"]


class SolutionsSegmenter:
    """Segmenter with a selfie model; see :class:`idphoto.segmentation.base.Segmenter`.

    Parameters
    ----------
    landscape : bool
        Use the model for wide pictures instead of the square ("general") one.
    """

    def __init__(self, *, landscape: bool = False) -> None:
        self._lock = Lock()  # the graph is not re-entrant
        with silenced():
            self._model = import_solutions().selfie_segmentation.SelfieSegmentation(model_selection=int(landscape))
            self(np.zeros((256, 256, 3), dtype=np.uint8))

    def __call__(self, rgb: Rgb) -> NDArray[np.float32]:
        """Return the probability of the person, at the size of `rgb`."""
        with self._lock:
            mask = self._model.process(np.ascontiguousarray(rgb)).segmentation_mask
        return np.asarray(mask, dtype=np.float32)


def load() -> SolutionsSegmenter:
    """Open the model (10 ms)."""
    return SolutionsSegmenter()
