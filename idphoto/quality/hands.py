"""Find hands in a picture with the models inside MediaPipe 0.10's wheel."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from idphoto.backends.mediapipe_package import import_solutions, silenced
from idphoto.portrait import Box

if TYPE_CHECKING:
    from idphoto.portrait import Rgb

__all__ = ["find_hands"]

MIN_DETECTION_CONFIDENCE = 0.5  # of the palm detector; it then finds a hand in one of 487 portraits without hands
MAX_HANDS = 2

# MediaPipe's graph must not be entered by two threads at once.
_graph_lock = Lock()


@lru_cache(maxsize=1)
def _load_model() -> Any:
    with silenced():
        model = import_solutions().hands.Hands(
            static_image_mode=True,
            max_num_hands=MAX_HANDS,
            model_complexity=0,
            min_detection_confidence=MIN_DETECTION_CONFIDENCE,
        )
        model.process(np.zeros((128, 128, 3), dtype=np.uint8))
    return model


def find_hands(rgb: Rgb) -> list[Box]:
    """Find hands in a picture, at most two, and return a box around each.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    list of Box
        In pixels of `rgb`.

    Raises
    ------
    MissingExtra
        If MediaPipe 0.10 is not installed; later releases do not contain the models.
    """
    height, width = rgb.shape[:2]
    model = _load_model()
    with _graph_lock:
        hands = model.process(rgb).multi_hand_landmarks
    boxes = []
    for hand in hands or ():
        points = np.array([(point.x * width, point.y * height) for point in hand.landmark])
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        boxes.append(Box(float(left), float(top), float(right - left), float(bottom - top)))
    return boxes
