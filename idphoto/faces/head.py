"""Measure the head that a face belongs to, with its crowns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto.faces.anatomy import Pose, estimate_skull_height, load_anatomy, measure_pose
from idphoto.geometry import measure_head

if TYPE_CHECKING:
    from idphoto.portrait import Face, Head, PersonMask

__all__ = ["measure_head_of_face"]

EYES_TO_CHIN = 1.97
"""Mean distance from the eyes to the chin in the unit of `Pose.size`, over the studio portraits."""


def measure_head_of_face(face: Face, person_mask: PersonMask | None) -> Head:
    """Measure the head of a face, with both crowns."""
    if face.mesh is not None:
        skull, sd = estimate_skull_height(measure_pose(face.mesh))
    else:
        # Without a mesh the chin is the only yardstick; it moves with the mouth.
        size = float(np.hypot(face.chin.x - face.eyes.x, face.chin.y - face.eyes.y)) / EYES_TO_CHIN
        skull, sd = estimate_skull_height(Pose(face.roll, face.yaw, face.pitch, size))
        sd = max(sd, 2 * load_anatomy().skull_sd * size)
    return measure_head(face, skull, sd, person_mask)
