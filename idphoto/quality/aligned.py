"""Bring a face to the standard position in which quality is measured, with its mask and its linear luminance.

OFIQ uses 98 landmarks of another model. Here the points of MediaPipe's mesh at the same places stand in for them:
corners and lids of the eyes, inner lips, nose tip, corners of the mouth, chin, brows and contour of the face.

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
from idphoto.face_mesh import (
    CHIN,
    FACE_HULL,
    INNER_LIP_PAIRS,
    LEFT_EYE_CORNERS,
    MOUTH_CORNERS,
    NOSE_TIP,
    RIGHT_EYE_CORNERS,
)
from idphoto.resample import find_covered_pixels
from idphoto.units import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rgb = NDArray[np.uint8]
    Points = NDArray[np.float64]

__all__ = ["ALIGNED_SIDE_PX", "AlignedFace", "align_face", "compute_luminance", "locate_eye_centres"]

ALIGNED_SIDE_PX = 616
"""Width and height of the aligned picture, in pixels. The eyes lie 113 px apart in it."""

# Positions of the eyes, the nose tip and the corners of the mouth in the aligned picture, left to right as seen.
TEMPLATE_POINTS_PX = np.array([(251, 272), (364, 272), (308, 336), (262, 402), (355, 402)], dtype=np.float64)


@lru_cache(maxsize=1)
def _luminance_table() -> NDArray[np.float32]:
    """Return 255 times the contribution of each level of each channel to luminance, shape (256, 3)."""
    levels = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    return 255 * to_linear(levels) * np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def compute_luminance(rgb: Rgb) -> NDArray[np.uint8]:
    """Compute the linear luminance of sRGB pixels, 0..255.

    Luminance 25 is the grey of sRGB level 88; luminance 247 lies between sRGB levels 251 and 252.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    ndarray of uint8, shape (H, W)
        ``floor(255 Y + 0.5)`` with Y = 0.2126 R + 0.7152 G + 0.0722 B in linear light.
    """
    parts = cv2.LUT(rgb, _luminance_table()[None])
    total = cv2.transform(parts, np.ones((1, 3), dtype=np.float32))
    return (total + np.float32(0.5)).astype(np.uint8).reshape(rgb.shape[:2])


def locate_eye_centres(points: Points) -> tuple[Points, Points]:
    """Return the centres of the left and the right eye, each the middle of its corners.

    Parameters
    ----------
    points : ndarray of float64, shape (478, 2)
        Landmarks of MediaPipe's mesh.
    """
    return points[list(LEFT_EYE_CORNERS)].mean(axis=0), points[list(RIGHT_EYE_CORNERS)].mean(axis=0)


@dataclass(frozen=True, eq=False)
class AlignedFace:
    """A face in OFIQ's standard position.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (616, 616, 3)
        sRGB, black outside the picture.
    points : ndarray of float64, shape (478, 2)
        Landmarks of the mesh in pixels of `rgb`.
    matrix : ndarray of float64, shape (2, 3)
        From pixels of the picture to pixels of `rgb`.
    picture_size : Size
        Width and height of the picture that the face was taken from, in pixels.
    """

    rgb: Rgb
    points: Points
    matrix: NDArray[np.float64]
    picture_size: Size

    @property
    def scale(self) -> float:
        """Pixels of `rgb` per pixel of the picture."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @cached_property
    def luminance(self) -> NDArray[np.uint8]:
        """Linear luminance, 0..255, shape (616, 616)."""
        return compute_luminance(self.rgb)

    @cached_property
    def face_mask(self) -> NDArray[np.bool_]:
        """Mask of the face from the brows to the chin, without pixels outside the picture; shape (616, 616)."""
        mask = np.zeros((ALIGNED_SIDE_PX, ALIGNED_SIDE_PX), dtype=np.uint8)
        hull = cv2.convexHull(np.rint(self.points[list(FACE_HULL)]).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 1)
        return (mask > 0) & self.picture_mask

    @cached_property
    def picture_mask(self) -> NDArray[np.bool_]:
        """Mask of the pixels of `rgb` that lie inside the picture, shape (616, 616)."""
        size = Size(ALIGNED_SIDE_PX, ALIGNED_SIDE_PX)
        return find_covered_pixels(np.vstack([self.matrix, (0, 0, 1)]), size, self.picture_size)

    @property
    def eye_centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centres of the left and the right eye, each the middle of its corners, in pixels of `rgb`."""
        return locate_eye_centres(self.points)

    @property
    def eye_distance(self) -> float:
        """Inter-eye distance in pixels of `rgb`."""
        left, right = self.eye_centres
        return float(np.linalg.norm(right - left))

    @property
    def chin_distance(self) -> float:
        """Distance from the midpoint of the eyes to the chin, in pixels of `rgb`; OFIQ calls it T."""
        left, right = self.eye_centres
        return float(np.linalg.norm((left + right) / 2 - self.points[CHIN]))

    @cached_property
    def cheek_zones(self) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Squares below the left and the right eye, on the side of the nose, as slices of rows and columns."""
        left, right = (np.rint(eye) for eye in self.eye_centres)
        side = int(0.3 * self.eye_distance)
        middle = (left + right) / 2
        mouth = self.points[list(INNER_LIP_PAIRS[1])].mean(axis=0)
        top = int(middle[1] + int(np.linalg.norm(mouth - middle) / 2))
        rows = slice(max(top, 0), max(top + side, 0))
        return (rows, slice(int(left[0]), int(left[0]) + side)), (rows, slice(int(right[0]) - side, int(right[0])))


def align_face(rgb: Rgb, mesh: NDArray[np.float32]) -> AlignedFace:
    """Bring a face to the standard position by a similarity transform.

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
            *locate_eye_centres(points),
            points[NOSE_TIP],
            points[MOUTH_CORNERS[0]],
            points[MOUTH_CORNERS[1]],
        ]
    )
    matrix = _fit_similarity(found, TEMPLATE_POINTS_PX)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    source = rgb
    if scale < 0.6:
        # Bilinear interpolation would alias when it shrinks this much, so blocks of whole pixels are averaged first.
        step = int(1 / scale)
        source = cv2.resize(rgb, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        shift = (step - 1) / 2
        up = np.array([[step, 0, shift], [0, step, shift], [0, 0, 1.0]])
        warp = matrix @ up
    else:
        warp = matrix
    size = (ALIGNED_SIDE_PX, ALIGNED_SIDE_PX)
    aligned = cv2.warpAffine(source, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return AlignedFace(aligned, points @ matrix[:, :2].T + matrix[:, 2], matrix, Size(rgb.shape[1], rgb.shape[0]))


def _fit_similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """Return the similarity transform from source to target with the least squared error, shape (2, 3).

    Umeyama: Least-squares estimation of transformation parameters between two point patterns, PAMI 13 (1991).
    """
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - goal
    power = (a**2).sum()
    cosine = (a * b).sum() / power
    sine = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / power
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.hstack([turn, (goal - turn @ middle)[:, None]])
