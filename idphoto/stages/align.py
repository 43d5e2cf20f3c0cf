"""Turn the head upright. Only the matrix of the view is set; no pixel is resampled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from idphoto.geometry import compute_head_frame
from idphoto.portrait import View
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Align"]

CAMERA_ROLL_DEG = 45.0
"""A roll beyond this comes from the camera, not from the head. It is undone in any case, in steps of 90 degrees."""


class Align(Stage):
    """Make the line between the eyes level, if the authority permits that a picture is turned."""

    stage: Literal["align"] = "align"

    needs: ClassVar[frozenset[str]] = frozenset({"face", "plan"})
    gives: ClassVar[frozenset[str]] = frozenset({"view"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `view` to a turn about the eyes."""
        assert photo.face is not None
        assert photo.plan is not None
        roll = photo.face.roll
        if not photo.plan.straighten:
            roll = 90.0 * round(roll / 90) if abs(roll) > CAMERA_ROLL_DEG else 0.0
        around_eyes = np.array([[1, 0, photo.face.eyes.x], [0, 1, photo.face.eyes.y], [0, 0, 1.0]])
        return replace(photo, view=View(around_eyes @ compute_head_frame(photo.face, roll), photo.source.size))
