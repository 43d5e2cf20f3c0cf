"""Define the interface of a matting backend, and validate what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from idphoto.errors import BackendError

if TYPE_CHECKING:
    from idphoto.portrait import Alpha, Rgb

__all__ = ["EdgeTracer", "MattingBackend", "validate_alpha"]


class MattingBackend(Protocol):
    """A matting backend: a function that turns a person mask into an alpha matte."""

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Refine the person mask `coarse` to the detail of the picture.

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


@runtime_checkable
class EdgeTracer(Protocol):
    """A matting backend that decides what is person, and can leave that to the mask."""

    def trace(self, rgb: Rgb, coarse: Alpha) -> Alpha:
        """Find where the edge runs, and take what is person from the mask; in one piece.

        Parameters and return value are those of :meth:`MattingBackend.__call__`.
        """
        ...


def validate_alpha(name: str, alpha: object, shape: tuple[int, int]) -> Alpha:
    """Return `alpha` if it is an alpha matte: of that shape, float32, finite, in [0, 1].

    Values that rounding has put outside [0, 1] by at most 0.001 are clipped.

    Raises
    ------
    BackendError
        If it is none. The message names the backend, `name`.
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
