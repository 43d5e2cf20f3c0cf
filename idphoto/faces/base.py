"""The seam behind which face models live, and the shape of what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from idphoto.portrait import Box, Point, Rgb

__all__ = ["Backend", "Detection"]


class Detection(NamedTuple):
    """A face as a detector sees it, in pixels of the picture it was given."""

    box: Box
    score: float
    eye_left: Point
    eye_right: Point
    mouth: Point


class Backend(Protocol):
    """What a face model has to do; everything else is done once, in :mod:`idphoto.faces.search`.

    A backend may keep models open and is called from any thread.
    """

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Find the faces in a picture.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (H, W, 3)
            sRGB, of any size.

        Returns
        -------
        list of Detection
            Of all faces, in any order; scores in [0, 1]. Faces turned by up to 45 degrees are
            expected to be found.
        """
        ...

    def mesh(self, rgb: Rgb) -> NDArray[np.float32] | None:
        """Find MediaPipe's 478 landmarks of the one face that fills the middle of a picture.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (H, W, 3)
            sRGB, about twice as large as the face.

        Returns
        -------
        ndarray of float32, shape (478, 3), or None
            x, y and z in pixels, z negative towards the camera; None if there is no face.
        """
        ...
