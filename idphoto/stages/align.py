"""Turn the head upright: writes the matrix, touches no pixel."""

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

SIDEWAYS = 45.0
"""Beyond this roll, in degrees, the camera was turned and not the head; that is undone in any case."""


class Align(Stage):
    """Make the line between the eyes level, where the authority lets pictures be turned."""

    stage: Literal["align"] = "align"

    needs: ClassVar[frozenset[str]] = frozenset({"face", "plan"})
    gives: ClassVar[frozenset[str]] = frozenset({"view"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `view` to a turn about the eyes."""
        assert photo.face is not None
        assert photo.plan is not None
        roll = photo.face.roll
        if not photo.plan.straighten:
            roll = 90.0 * round(roll / 90) if abs(roll) > SIDEWAYS else 0.0
        about = np.array([[1, 0, photo.face.eyes.x], [0, 1, photo.face.eyes.y], [0, 0, 1.0]])
        return replace(photo, view=View(about @ compute_head_frame(photo.face, roll), photo.source.size))
