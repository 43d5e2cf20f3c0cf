"""Find the landmarks of the one face in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idphoto import faces
from idphoto.errors import BackendError
from idphoto.resample import shrink_to_side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["find_landmarks"]

MESH_SIDE_PX = 640  # longer side of the picture that the network for landmarks is shown


def find_landmarks(picture: Rgb) -> NDArray[np.float32] | None:
    """Find the 468 landmarks of the face that fills the middle of a picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    ndarray of float32, shape (468, 2), or None
        x and y in pixels; None if there is no face, or no face model can run here.
    """
    small, zoom = shrink_to_side(picture, MESH_SIDE_PX)
    try:
        mesh = faces.BACKENDS.get().find_mesh(small)
    except BackendError:  # a cutout needs no face model: with a matting backend of its own it goes on without
        return None
    return None if mesh is None else mesh[:468, :2] / zoom
