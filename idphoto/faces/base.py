"""Define the interface of a face detector, and the detections that it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from idphoto.portrait import Box, Point, Rgb

__all__ = ["BLANK_SIDE_PX", "MIN_DETECTION_SCORE", "Detection", "FaceDetector"]

BLANK_SIDE_PX = 128  # side of the blank picture that models see first, so that they load everything when opened
MIN_DETECTION_SCORE = 0.3  # low, since the search weighs candidates itself


class Detection(NamedTuple):
    """A face found by a detector, in pixels of the picture that it was given; left and right as seen there."""

    box: Box
    score: float
    eye_left: Point
    eye_right: Point
    mouth: Point


class FaceDetector(Protocol):
    """Interface of a face backend; :mod:`idphoto.faces.search` does the rest for all of them.

    A backend may keep models open. It is called from any thread.
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
            All faces, in any order, with scores in [0, 1]. Faces turned by up to 45 degrees should be
            found.
        """
        ...

    def find_mesh(self, rgb: Rgb) -> NDArray[np.float32] | None:
        """Find MediaPipe's 478 landmarks of the one face in the middle of a picture.

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
