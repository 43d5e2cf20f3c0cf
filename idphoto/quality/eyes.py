"""Detect closed eyes in the pixels around them.

MediaPipe's lids follow a closing eye only part of the way, so that most closed eyes still measure as open. Therefore
a logistic regression on oriented gradients of each eye also looks at the pixels. It was trained by
``training/eyes_and_glasses/train_eyes.py`` on real eyes and on the same eyes closed by warping.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.face_mesh import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS
from idphoto.quality.gradients import compute_log_odds, compute_oriented_gradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["EYES_MODEL_FILE", "extract_eye_features", "score_closed_eyes"]

EYES_MODEL_FILE = Path(__file__).with_name("eyes.npz")
HALF_WIDTH, HALF_HEIGHT = 0.72, 0.45  # of the region around an eye, in widths of the eye
EYE_PATCH_SIZE_PX = (64, 40)  # width and height that the region is scaled to
MIN_PATCH_SIDE_PX = 8  # a smaller part of the region inside the picture shows too little
NO_EYE_LOG_ODDS = -10.0  # stands for "open" where no eye lies inside the picture


def extract_eye_features(
    face: AlignedFace, corners: tuple[int, int], *, mirrored: bool, shift: tuple[float, float] = (0.0, 0.0)
) -> NDArray[np.float32] | None:
    """Return the oriented gradients of one eye; None if the eye lies outside the picture.

    Parameters
    ----------
    face : AlignedFace
        The face.
    corners : tuple of int
        Landmarks of the corners of the eye.
    mirrored : bool
        Whether to mirror the eye, so that the model of left eyes can judge a right one.
    shift : tuple of float
        Offset of the region to the right and down, in widths of the eye; training uses it to vary its samples.
    """
    first, second = face.points[list(corners)]
    width = float(np.linalg.norm(second - first))
    x, y = (first + second) / 2 + np.array(shift) * width
    left, right = round(x - HALF_WIDTH * width), round(x + HALF_WIDTH * width)
    top, bottom = round(y - HALF_HEIGHT * width), round(y + HALF_HEIGHT * width)
    patch = face.rgb[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if min(patch.shape[:2]) < MIN_PATCH_SIDE_PX:
        return None
    return compute_oriented_gradients(np.ascontiguousarray(patch[:, ::-1] if mirrored else patch), EYE_PATCH_SIZE_PX)


def score_closed_eyes(face: AlignedFace) -> float:
    """Return the log odds that the more closed eye is closed; above 0 it is more likely closed than open."""
    odds = [
        compute_log_odds(features, EYES_MODEL_FILE)
        for corners, mirrored in ((LEFT_EYE_CORNERS, False), (RIGHT_EYE_CORNERS, True))
        if (features := extract_eye_features(face, corners, mirrored=mirrored)) is not None
    ]
    return max(odds, default=NO_EYE_LOG_ODDS)
