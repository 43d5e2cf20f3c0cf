"""Whether an eye is closed, by looking at it.

MediaPipe's lids follow a closing eye only part of the way: of eyes drawn shut, most still measure
as open. So the picture is asked, too: a logistic regression on oriented gradients of each eye,
trained by ``training/eyes_and_glasses/train_eyes.py`` on real eyes and the same eyes closed by warping.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.quality.aligned import LEFT_EYE, RIGHT_EYE
from idphoto.quality.gradients import log_odds, oriented_gradients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["closed_eyes", "features"]

FILE = Path(__file__).with_name("eyes.npz")
WIDE, HIGH = 0.72, 0.45  # half width and half height of what is looked at, in widths of the eye
SIZE = (64, 40)


def features(
    face: AlignedFace, corners: tuple[int, int], *, mirrored: bool, shift: tuple[float, float] = (0.0, 0.0)
) -> NDArray[np.float32] | None:
    """Oriented gradients of one eye; None where it is out of the picture."""
    first, second = face.points[list(corners)]
    width = float(np.linalg.norm(second - first))
    x, y = (first + second) / 2 + np.array(shift) * width
    left, right = round(x - WIDE * width), round(x + WIDE * width)
    top, bottom = round(y - HIGH * width), round(y + HIGH * width)
    patch = face.rgb[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if min(patch.shape[:2]) < 8:
        return None
    return oriented_gradients(np.ascontiguousarray(patch[:, ::-1] if mirrored else patch), SIZE)


def closed_eyes(face: AlignedFace) -> float:
    """Evidence that the more closed eye is closed, as log odds: above 0 more likely than not."""
    odds = [
        log_odds(seen, FILE)
        for corners, mirrored in ((LEFT_EYE, False), (RIGHT_EYE, True))
        if (seen := features(face, corners, mirrored=mirrored)) is not None
    ]
    return max(odds, default=-10.0)
