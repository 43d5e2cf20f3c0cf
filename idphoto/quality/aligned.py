"""The face as quality is measured on it: aligned, masked, in linear light.

Landmarks of other models than OFIQ's 98 points are used at the same places: corners and lids of
the eyes, inner lips, nose tip, corners of the mouth, chin, brows and contour of MediaPipe's mesh.

References
----------
.. [1] BSI-OFIQ/OFIQ-Project, release 1.0.3: ``utils.cpp`` (alignImage), ``image_utils.cpp``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import to_linear
from idphoto.resample import covered
from idphoto.units import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rgb = NDArray[np.uint8]
    Points = NDArray[np.float64]

__all__ = ["SIDE", "AlignedFace", "align", "eye_centres", "luminance"]

SIDE = 616
"""Width and height of the aligned picture, in pixels; eyes lie 113 px apart in it."""

# Where the eyes, the nose tip and the corners of the mouth come to lie, left to right as seen.
TEMPLATE = np.array([(251, 272), (364, 272), (308, 336), (262, 402), (355, 402)], dtype=np.float64)

# Landmarks of MediaPipe's mesh; left and right as seen in the picture.
LEFT_EYE, RIGHT_EYE = (33, 133), (362, 263)
LEFT_LIDS = ((160, 144), (159, 145), (158, 153))
RIGHT_LIDS = ((385, 380), (386, 374), (387, 373))
LEFT_CONTOUR = (33, 160, 159, 158, 133, 153, 145, 144)
RIGHT_CONTOUR = (362, 385, 386, 387, 263, 373, 374, 380)
LEFT_IRIS, RIGHT_IRIS = (468, 469, 470, 471, 472), (473, 474, 475, 476, 477)
NOSE_TIP, CHIN, MOUTH = 1, 152, (61, 291)
INNER_LIPS = ((82, 87), (13, 14), (312, 317))
# Contour from the temples down, and the brows: the hull that OFIQ's 98 points span.
HULL = (
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
)  # fmt: skip


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float32]:
    """Contribution of each code of each channel to luminance, times 255: shape (256, 3)."""
    codes = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    return 255 * to_linear(codes) * np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def luminance(rgb: Rgb) -> NDArray[np.uint8]:
    """Linear luminance of sRGB pixels, 0..255 (25 is sRGB code 88; 247 lies between 251 and 252).

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    ndarray of uint8, shape (H, W)
        ``floor(255 Y + 0.5)`` with Y = 0.2126 R + 0.7152 G + 0.0722 B in linear light.
    """
    parts = cv2.LUT(rgb, _weights()[None])
    total = cv2.transform(parts, np.ones((1, 3), dtype=np.float32))
    return (total + np.float32(0.5)).astype(np.uint8).reshape(rgb.shape[:2])


def eye_centres(points: Points) -> tuple[Points, Points]:
    """Centres of the eyes, each the middle of its corners, left and right; of landmarks of shape (478, 2)."""
    return points[list(LEFT_EYE)].mean(axis=0), points[list(RIGHT_EYE)].mean(axis=0)


@dataclass(frozen=True, eq=False)
class AlignedFace:
    """A face brought to OFIQ's standard place.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (616, 616, 3)
        sRGB, black beyond the picture.
    points : ndarray of float64, shape (478, 2)
        The mesh in it.
    matrix : ndarray of float64, shape (2, 3)
        Pixels of the picture to pixels of `rgb`.
    picture : Size
        Of the picture, in pixels.
    """

    rgb: Rgb
    points: Points
    matrix: NDArray[np.float64]
    picture: Size

    @property
    def scale(self) -> float:
        """Pixels of `rgb` per pixel of the picture."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @cached_property
    def light(self) -> NDArray[np.uint8]:
        """Linear luminance, 0..255, shape (616, 616)."""
        return luminance(self.rgb)

    @cached_property
    def face(self) -> NDArray[np.bool_]:
        """Pixels of the face from the brows to the chin, where the picture has them."""
        mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
        hull = cv2.convexHull(np.rint(self.points[list(HULL)]).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 1)
        return (mask > 0) & self.covered

    @cached_property
    def covered(self) -> NDArray[np.bool_]:
        """Pixels that the picture reaches."""
        return covered(np.vstack([self.matrix, (0, 0, 1)]), Size(SIDE, SIDE), self.picture)

    @property
    def eyes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centres of the eyes, each the middle of its corners, left and right."""
        return eye_centres(self.points)

    @property
    def eye_distance(self) -> float:
        """Inter-eye distance in pixels of `rgb`."""
        left, right = self.eyes
        return float(np.linalg.norm(right - left))

    @property
    def chin_distance(self) -> float:
        """OFIQ's T: from the middle of the eyes to the chin, in pixels of `rgb`."""
        return float(np.linalg.norm((self.eyes[0] + self.eyes[1]) / 2 - self.points[CHIN]))

    @cached_property
    def cheeks(self) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """The zones below the eyes towards the nose, left and right, as slices of rows and columns."""
        left, right = (np.rint(eye) for eye in self.eyes)
        side = int(0.3 * self.eye_distance)
        middle = (left + right) / 2
        mouth = self.points[list(INNER_LIPS[1])].mean(axis=0)
        top = int(middle[1] + int(np.linalg.norm(mouth - middle) / 2))
        rows = slice(max(top, 0), max(top + side, 0))
        return (rows, slice(int(left[0]), int(left[0]) + side)), (rows, slice(int(right[0]) - side, int(right[0])))


def align(rgb: Rgb, mesh: NDArray[np.float32]) -> AlignedFace:
    """Bring a face to the standard place by a similarity transform.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    mesh : ndarray of float32, shape (478, 2 or 3)
        MediaPipe's landmarks in pixels of `rgb`.
    """
    points = mesh[:, :2].astype(np.float64)
    found = np.array(
        [
            *eye_centres(points),
            points[NOSE_TIP],
            points[MOUTH[0]],
            points[MOUTH[1]],
        ]
    )
    matrix = _similarity(found, TEMPLATE)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    source = rgb
    if scale < 0.6:
        # Shrinking needs averaging first; a whole number keeps that exact.
        step = int(1 / scale)
        source = cv2.resize(rgb, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        shift = (step - 1) / 2
        up = np.array([[step, 0, shift], [0, step, shift], [0, 0, 1.0]])
        warp = matrix @ up
    else:
        warp = matrix
    aligned = cv2.warpAffine(source, warp, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return AlignedFace(aligned, points @ matrix[:, :2].T + matrix[:, 2], matrix, Size(rgb.shape[1], rgb.shape[0]))


def _similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """Least-squares similarity transform (Umeyama 1991), shape (2, 3)."""
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - goal
    power = (a**2).sum()
    cosine = (a * b).sum() / power
    sine = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / power
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.hstack([turn, (goal - turn @ middle)[:, None]])
