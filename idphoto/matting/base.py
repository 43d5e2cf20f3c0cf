"""The seam behind which mattes are made, and the check that every one of them passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from idphoto.errors import BackendError

if TYPE_CHECKING:
    from idphoto.portrait import Alpha, Rgb

__all__ = ["Matter", "checked"]


class Matter(Protocol):
    """A way to turn a coarse silhouette into an alpha matte."""

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine `coarse` to the detail of the picture.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (H, W, 3)
            sRGB.
        coarse : ndarray of float32, shape (H, W)
            Probability of the person in [0, 1], soft over many pixels.

        Returns
        -------
        ndarray of float32, shape (H, W)
            Alpha in [0, 1], exactly 0 and 1 away from the edge.
        """
        ...


def checked(name: str, alpha: object, shape: tuple[int, int]) -> Alpha:
    """Return `alpha` if it is one: right shape, float32, finite, in [0, 1].

    Raises
    ------
    BackendError
        If a backend broke its promise; values that rounding put outside [0, 1] are forgiven.
    """
    advice = "Choose another with --matter, and report this."
    if not isinstance(alpha, np.ndarray) or alpha.shape != shape or alpha.dtype != np.float32:
        kind = f"{alpha.dtype} of shape {alpha.shape}" if isinstance(alpha, np.ndarray) else type(alpha).__name__
        raise BackendError(f"The matting backend '{name}' returned {kind} instead of float32 of shape {shape}.", advice)
    if not np.isfinite(alpha).all():
        raise BackendError(f"The matting backend '{name}' returned values that are not numbers.", advice)
    if alpha.min() < -1e-3 or alpha.max() > 1 + 1e-3:
        raise BackendError(f"The matting backend '{name}' returned values outside 0..1.", advice)
    return np.clip(alpha, 0.0, 1.0)
