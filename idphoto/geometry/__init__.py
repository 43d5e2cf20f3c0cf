"""From a measured head to the crop that keeps every rule: geometry without pixels.

``head_frame`` measures a head along its own axis, ``rules`` collects the limits on a crop in output pixels,
``solver`` finds the crop, ``correction`` changes it as a person asks for it, ``visibility`` finds the parts of a head
that a picture cuts off, ``affine`` inverts matrices.
"""

from __future__ import annotations

from idphoto.geometry.correction import correct_crown, correct_face, correct_view
from idphoto.geometry.head_frame import compute_head_frame, measure_head
from idphoto.geometry.rules import (
    EXACT_VALUE_TOLERANCE,
    CropLimits,
    CropRule,
    band_to_px,
    choose_output_size,
    collect_crop_limits,
    find_frame_scale,
)
from idphoto.geometry.solver import solve_crop
from idphoto.geometry.visibility import find_cut_parts

__all__ = [
    "EXACT_VALUE_TOLERANCE",
    "CropLimits",
    "CropRule",
    "band_to_px",
    "choose_output_size",
    "collect_crop_limits",
    "compute_head_frame",
    "correct_crown",
    "correct_face",
    "correct_view",
    "find_cut_parts",
    "find_frame_scale",
    "measure_head",
    "solve_crop",
]
