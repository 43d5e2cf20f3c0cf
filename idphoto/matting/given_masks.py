"""Take the alpha matte from the source's own alpha channel, or from a mask of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto.errors import InputError
from idphoto.resample import to_source_matrix, warp_mask

if TYPE_CHECKING:
    from idphoto.decode import Source
    from idphoto.portrait import Alpha, View

__all__ = ["alpha_from_mask", "alpha_of_source"]


def alpha_of_source(source: Source, view: View) -> Alpha | None:
    """Return the alpha channel of the source, in the view; None if it has none, or less than 1 % is transparent."""
    scale = source.pixels(min(1.0, view.scale))[1]
    alpha = source.alpha(min(1.0, view.scale))
    if alpha is None or float((alpha < 0.5).mean()) < 0.01:
        return None
    return warp_mask(alpha, view.matrix @ to_source_matrix(scale), view.size)


def alpha_from_mask(mask: Source, source: Source, view: View) -> Alpha:
    """Return a mask of the user as alpha, in the view: its alpha channel, or else its brightness.

    Raises
    ------
    InputError
        If the mask has other proportions than the source.
    """
    if abs(mask.size.width / mask.size.height - source.size.width / source.size.height) > 0.01:
        raise InputError(
            f"The mask {mask.name} has {mask.size} pixels, the photo {source.size}.",
            "Give a mask of the same proportions as the photo.",
        )
    ratio = mask.size.width / source.size.width
    wanted = min(1.0, view.scale / ratio)
    pixels, scale = mask.pixels(wanted)
    alpha = mask.alpha(wanted)
    values = pixels.mean(axis=2, dtype=np.float32) / np.float32(255) if alpha is None else alpha
    return warp_mask(values, view.matrix @ to_source_matrix(scale * ratio), view.size)
