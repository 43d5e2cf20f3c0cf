"""Locate a head in a picture: the contour of its face, and coordinates along its axis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Face

__all__ = ["HeadPlace", "locate_head"]

# The contour of MediaPipe's face mesh, from the top of the forehead clockwise as seen.
CONTOUR_LANDMARKS = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class HeadPlace:
    """Place of one head, in pixels of the picture that it is looked for in.

    Attributes
    ----------
    contour : ndarray of float64, shape (n, 2)
        Outline of the face from forehead to chin.
    eyes, chin : ndarray of float64, shape (2,)
        Middle between the eyes; lowest point of the chin.
    size : float
        Distance from the eyes to the chin: the unit of lengths in this package.
    """

    contour: NDArray[np.float64]
    eyes: NDArray[np.float64]
    chin: NDArray[np.float64]
    size: float

    @property
    def down(self) -> NDArray[np.float64]:
        """Unit vector from the eyes to the chin: the axis of the head."""
        vector: NDArray[np.float64] = (self.chin - self.eyes) / self.size
        return vector

    def in_window(self, left: float, top: float, scale: float = 1.0) -> HeadPlace:
        """Return the same head in a window that begins at (left, top) and is scaled by `scale`."""
        corner = np.array([left, top])
        return replace(
            self,
            contour=(self.contour - corner) * scale,
            eyes=(self.eyes - corner) * scale,
            chin=(self.chin - corner) * scale,
            size=self.size * scale,
        )

    def head_coordinates(self, shape: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the coordinates of each pixel across and along the axis, from the eyes, in units of `size`."""
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        x, y = (x - np.float32(self.eyes[0])) / self.size, (y - np.float32(self.eyes[1])) / self.size
        along = self.down.astype(np.float32)
        return x * along[1] - y * along[0], x * along[0] + y * along[1]

    def draw_face(self, shape: tuple[int, ...], scale: float = 1.0) -> NDArray[np.uint8]:
        """Return a mask (0 or 1) of the face, whose contour is scaled about its middle."""
        middle = self.contour.mean(axis=0)
        outline = np.rint(middle + scale * (self.contour - middle)).astype(np.int32)
        mask = np.zeros(shape[:2], dtype=np.uint8)
        cv2.fillPoly(mask, [outline], 1)
        return mask


def locate_head(face: Face) -> HeadPlace:
    """Locate the head of a face, in source pixels."""
    eyes, chin = np.array(face.eyes), np.array(face.chin)
    size = float(np.hypot(*(chin - eyes)))
    if face.mesh is not None:
        return HeadPlace(face.mesh[list(CONTOUR_LANDMARKS), :2].astype(np.float64), eyes, chin, size)
    # Without a mesh, the contour is an ellipse through forehead, chin and cheeks.
    top, middle = np.array(face.hairline), (np.array(face.hairline) + chin) / 2
    width = float(np.hypot(*(np.array(face.cheeks[1]) - np.array(face.cheeks[0])))) / 2
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)[:, None]
    along = (chin - top) / 2
    across = np.array([along[1], -along[0]]) / np.hypot(*along) * width
    return HeadPlace(middle - np.cos(turn) * along + np.sin(turn) * across, eyes, chin, size)
