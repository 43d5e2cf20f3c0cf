"""From a measured head to the crop that keeps every rule: geometry without pixels.

``head_frame`` measures a head along its own axis, ``rules`` collects the limits on a crop in output pixels,
``solver`` finds the crop, ``affine`` inverts matrices.
"""

from __future__ import annotations

from idphoto.geometry.head_frame import measure_head, roll_matrix
from idphoto.geometry.rules import EXACT, Limits, Rule, choose_size, frame_px, limits_of
from idphoto.geometry.solver import fit

__all__ = ["EXACT", "Limits", "Rule", "choose_size", "fit", "frame_px", "limits_of", "measure_head", "roll_matrix"]
