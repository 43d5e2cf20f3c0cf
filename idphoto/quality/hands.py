"""Hands in a picture, by the models in MediaPipe 0.10's wheel."""

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

SURE = 0.5  # confidence of the palm detector; at this one of 487 portraits without hands was said to have one
_lock = Lock()  # the graph is not re-entrant


@lru_cache(maxsize=1)
def _model() -> Any:
    with silenced():
        model = import_solutions().hands.Hands(
            static_image_mode=True, max_num_hands=2, model_complexity=0, min_detection_confidence=SURE
        )
        model.process(np.zeros((128, 128, 3), dtype=np.uint8))
    return model


def find_hands(rgb: Rgb) -> list[Box]:
    """Boxes around the hands in a picture, at most two.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Raises
    ------
    MissingExtra
        If MediaPipe 0.10 is not there; later releases do not carry the models.
    """
    height, width = rgb.shape[:2]
    model = _model()
    with _lock:
        hands = model.process(rgb).multi_hand_landmarks
    boxes = []
    for hand in hands or ():
        points = np.array([(point.x * width, point.y * height) for point in hand.landmark])
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        boxes.append(Box(float(left), float(top), float(right - left), float(bottom - top)))
    return boxes
