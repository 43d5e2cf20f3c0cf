"""Estimate alpha with the closed-form Laplacian of PyMatting, an optional extra.

References
----------
.. [1] Levin, Lischinski, Weiss: A closed-form solution to natural image matting, PAMI 30 (2008).
.. [2] Germer et al.: PyMatting, a Python library for alpha matting, JOSS 5 (2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.errors import MissingExtra

if TYPE_CHECKING:
    from idphoto.matting.base import MattingBackend
    from idphoto.portrait import Alpha, Rgb

__all__ = ["load", "make_trimap"]

UNKNOWN_BAND_SHARE = 0.012  # half the width of the unknown band, as a share of the picture's height


def make_trimap(coarse: Alpha) -> Alpha:
    """Make a trimap of a person mask: 1 is certainly the person, 0 certainly the background, 0.5 unknown.

    Pixels within `UNKNOWN_BAND_SHARE` of the picture's height from the mask's edge are unknown.
    """
    reach = max(2, round(UNKNOWN_BAND_SHARE * coarse.shape[0]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    person = (coarse > 0.5).astype(np.uint8)
    result = np.full(coarse.shape, 0.5, dtype=np.float32)
    result[cv2.erode(person, disc, borderValue=1) > 0] = 1.0
    result[cv2.dilate(person, disc) == 0] = 0.0
    return result


def load() -> MattingBackend:
    """Import PyMatting and return the function; the first import after installation compiles for about a minute.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    try:
        from pymatting import estimate_alpha_cf
    except ImportError as cause:
        raise MissingExtra(
            "The matting backend 'closed-form' needs PyMatting.", 'Install it with pip install "idphoto[classical]".'
        ) from cause

    def closed_form(rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine a person mask; see :class:`idphoto.matting.base.MattingBackend`."""
        known = make_trimap(coarse)
        if not ((known == 0).any() and (known == 1).any() and (known == 0.5).any()):
            return (known > 0.25).astype(np.float32)
        alpha = estimate_alpha_cf(rgb / 255.0, known.astype(np.float64))
        return np.clip(alpha, 0, 1).astype(np.float32)

    return closed_form
