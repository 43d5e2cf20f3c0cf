"""Segment people with MediaPipe 1.x (or 0.10) and a model file of the user.

The file ``selfie_segmenter.tflite`` must lie in the folder that ``IDPHOTO_MODELS`` names. It may also
be called ``selfie_segmentation.tflite``, the name of the same network in the 0.10 wheel.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.mediapipe_package import close_at_exit, silenced
from idphoto.backends.model_files import find_model
from idphoto.errors import MissingExtra, MissingModel

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["TasksSegmenter", "load"]

MODEL_FILES = ("selfie_segmenter.tflite", "selfie_segmentation.tflite")


class TasksSegmenter:
    """Segmenter with the selfie model of MediaPipe's Tasks API; see :class:`idphoto.segmentation.base.Segmenter`.

    Parameters
    ----------
    path : Path
        The model file.

    Raises
    ------
    MissingExtra
        If MediaPipe is not installed.
    MissingModel
        If the file is not that model.
    """

    def __init__(self, path: Path) -> None:
        os.environ.setdefault("GLOG_minloglevel", "3")
        try:
            import mediapipe
            from mediapipe.tasks import python as tasks
            from mediapipe.tasks.python import vision
        except ImportError as cause:
            raise MissingExtra("MediaPipe is not installed.", "Install it with 'pip install mediapipe'.") from cause
        self._media = mediapipe
        self._lock = Lock()
        try:
            with silenced():
                self._model = vision.ImageSegmenter.create_from_options(
                    vision.ImageSegmenterOptions(
                        base_options=tasks.BaseOptions(model_asset_path=str(path)), output_confidence_masks=True
                    )
                )
                self(np.zeros((256, 256, 3), dtype=np.uint8))
        except (OSError, ValueError, RuntimeError) as cause:
            raise MissingModel(f"{path} is not MediaPipe's selfie model.", "Fetch that file again.") from cause
        close_at_exit(self._model)

    def __call__(self, rgb: Rgb) -> NDArray[np.float32]:
        """Return the probability of the person, at the size of `rgb`."""
        image = self._media.Image(image_format=self._media.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
        with self._lock:
            mask = self._model.segment(image).confidence_masks[-1]
            return np.array(mask.numpy_view(), dtype=np.float32).reshape(rgb.shape[:2])


def load() -> TasksSegmenter:
    """Open the model from the folder that ``IDPHOTO_MODELS`` names."""
    return TasksSegmenter(find_model(MODEL_FILES, "The segmentation backend 'selfie-tasks'"))
