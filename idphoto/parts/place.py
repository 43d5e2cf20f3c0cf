"""Where a head is in a picture: its contour, and coordinates along its own axis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Face

__all__ = ["Place", "place_of"]

# The contour of MediaPipe's face mesh, from the top of the forehead clockwise as seen.
CONTOUR = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One head, in pixels of the picture it is looked for in.

    Attributes
    ----------
    contour : ndarray of float64, shape (n, 2)
        Outline of the face from forehead to chin.
    eyes, chin : ndarray of float64, shape (2,)
        Middle of the eyes, lowest point of the chin.
    size : float
        Distance from the eyes to the chin: the unit of everything here.
    """

    contour: NDArray[np.float64]
    eyes: NDArray[np.float64]
    chin: NDArray[np.float64]
    size: float

    @property
    def down(self) -> NDArray[np.float64]:
        """Unit vector from the eyes to the chin."""
        vector: NDArray[np.float64] = (self.chin - self.eyes) / self.size
        return vector

    def moved(self, left: float, top: float, scale: float = 1.0) -> Place:
        """The same head in a window that begins at (left, top) and is scaled."""
        corner = np.array([left, top])
        return replace(
            self,
            contour=(self.contour - corner) * scale,
            eyes=(self.eyes - corner) * scale,
            chin=(self.chin - corner) * scale,
            size=self.size * scale,
        )

    def frame(self, shape: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Place of each pixel across and down the head's axis, from the eyes, in units of `size`."""
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        x, y = (x - np.float32(self.eyes[0])) / self.size, (y - np.float32(self.eyes[1])) / self.size
        along = self.down.astype(np.float32)
        return x * along[1] - y * along[0], x * along[0] + y * along[1]

    def face(self, shape: tuple[int, ...], grown: float = 1.0) -> NDArray[np.uint8]:
        """Mask (0 or 1) of the face, its contour grown about its middle."""
        middle = self.contour.mean(axis=0)
        outline = np.rint(middle + grown * (self.contour - middle)).astype(np.int32)
        mask = np.zeros(shape[:2], dtype=np.uint8)
        cv2.fillPoly(mask, [outline], 1)
        return mask


def place_of(face: Face) -> Place:
    """Where the head of a face is, in source pixels."""
    eyes, chin = np.array(face.eyes), np.array(face.chin)
    size = float(np.hypot(*(chin - eyes)))
    if face.mesh is not None:
        return Place(face.mesh[list(CONTOUR), :2].astype(np.float64), eyes, chin, size)
    # Without a mesh, an ellipse through forehead, chin and cheeks.
    top, middle = np.array(face.hairline), (np.array(face.hairline) + chin) / 2
    width = float(np.hypot(*(np.array(face.cheeks[1]) - np.array(face.cheeks[0])))) / 2
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)[:, None]
    along = (chin - top) / 2
    across = np.array([along[1], -along[0]]) / np.hypot(*along) * width
    return Place(middle - np.cos(turn) * along + np.sin(turn) * across, eyes, chin, size)
