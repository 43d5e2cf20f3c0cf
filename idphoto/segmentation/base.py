"""Define the interface of a segmenter, a model that tells roughly where the person is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["Segmenter"]


class Segmenter(Protocol):
    """Interface of a segmentation backend."""

    def __call__(self, rgb: Rgb) -> NDArray[np.float32]:
        """Return the probability that each pixel belongs to the person.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (H, W, 3)
            sRGB; an upright head and shoulders in the middle.

        Returns
        -------
        ndarray of float32, shape (H, W)
            In [0, 1]. The blur of edges is at most the resolution of the model.
        """
        ...
