"""Correct a matte with the landmarks of a face: the face and the temples of spectacles are opaque.

The temple of a pair of spectacles may have the same colour as the background. Two things tell it
from a gap through which the background is seen: its place between eye and ear, and that the matte
is nowhere near 0 around it. Above ears and within lenses, where the background is really seen, alpha
falls to nearly 0 somewhere nearby.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.face_mesh import LEFT_EYE_CORNERS, LEFT_FACE_EDGE, RIGHT_EYE_CORNERS, RIGHT_FACE_EDGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha

__all__ = ["make_face_opaque", "make_temples_opaque"]

CERTAIN_FACE_SCALE = 0.92  # scale of the landmarks' convex hull, about its middle, within which all is face
OUTER_EYE_CORNERS = LEFT_EYE_CORNERS[0], RIGHT_EYE_CORNERS[1]
FACE_SIDES = 127, 356  # landmarks: sides of the face beside these corners
WIDEST_SIDES = LEFT_FACE_EDGE, RIGHT_FACE_EDGE  # their distance is the face's breadth
# The strip in which temples lie, from the eye's corner to the side of the face, as shares of the face's breadth.
STRIP_ABOVE, STRIP_BELOW, STRIP_BEYOND = 0.14, 0.10, 0.04
MAX_BACKGROUND_ALPHA = 0.3  # a pixel with at most this alpha counts as background
CLEARANCE_SHARE = 0.03  # share of the breadth (1 px at least) within which no background may lie; keeps rims of hair


def make_face_opaque(alpha: Alpha, points: NDArray[np.float32]) -> Alpha:
    """Make the inside of a face opaque, where a network may have doubted glasses or shadows.

    Parameters
    ----------
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].
    points : ndarray of float32, shape (N, 2)
        MediaPipe's landmarks, x and y in pixels of the matte; N is 468 or more.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha.
    """
    hull = cv2.convexHull(points.astype(np.float32)).reshape(-1, 2)
    middle = hull.mean(axis=0)
    inner = np.rint(middle + CERTAIN_FACE_SCALE * (hull - middle)).astype(np.int32)
    solid = np.zeros(alpha.shape, dtype=np.uint8)
    cv2.fillConvexPoly(solid, inner, 1)
    return np.where(solid > 0, np.float32(1.0), alpha)


def make_temples_opaque(alpha: Alpha, points: NDArray[np.float32]) -> Alpha:
    """Make the strip between an eye's outer corner and the ear opaque, unless background is seen near it.

    Parameters
    ----------
    alpha, points : ndarray of float32
        See `make_face_opaque`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere lower than given.
    """
    found = alpha.copy()
    breadth = float(np.linalg.norm(points[WIDEST_SIDES[1]] - points[WIDEST_SIDES[0]]))
    along = points[OUTER_EYE_CORNERS[1]] - points[OUTER_EYE_CORNERS[0]]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    reach = max(1, round(CLEARANCE_SHARE * breadth))
    for corner, side in zip(points[list(OUTER_EYE_CORNERS)], points[list(FACE_SIDES)], strict=True):
        strip = _strip(corner, side, along, breadth)
        left, top = np.clip(np.floor(strip.min(axis=0)).astype(int) - reach, 0, None)
        right, low = np.clip(np.ceil(strip.max(axis=0)).astype(int) + 1 + reach, 0, None)
        part = alpha[top:low, left:right]
        if not part.size:
            continue
        inside = np.zeros(part.shape, dtype=np.uint8)
        cv2.fillConvexPoly(inside, np.rint(strip - (left, top)).astype(np.int32), 1)
        near = cv2.erode(part, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
        found[top:low, left:right][(inside > 0) & (near > MAX_BACKGROUND_ALPHA)] = 1
    return found


def _strip(
    corner: NDArray[np.float32], side: NDArray[np.float32], along: NDArray[np.float32], breadth: float
) -> NDArray[np.float64]:
    """Return the corners, shape (4, 2), of the strip from an eye's outer corner to beyond the side of the face."""
    long = float((side - corner) @ along)
    end = corner + along * (long + np.copysign(STRIP_BEYOND * breadth, long))
    down = np.array([-along[1], along[0]]) * breadth
    return np.array(
        [corner - STRIP_ABOVE * down, end - STRIP_ABOVE * down, end + STRIP_BELOW * down, corner + STRIP_BELOW * down],
        np.float64,
    )
