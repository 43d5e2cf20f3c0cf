"""What the landmarks of a face say about a matte: the face is person, and so are the temples of spectacles.

A temple before the side of the face may have the very colour of the wall. What tells it from a gap
through which the wall is seen is where it lies, and that no matte lets it through wholly: above ears
and within lenses, where the wall is really seen, alpha goes down to next to nothing nearby.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha

__all__ = ["with_face", "with_spectacles"]

INNER = 0.92  # share of the convex hull of all landmarks that is certainly face
CORNERS, SIDES = (33, 263), (127, 356)  # landmarks: outer corners of the eyes, and the face's sides at their height
BREADTH = 234, 454  # landmarks: the face's sides at their widest
ABOVE, BELOW, BEYOND = 0.14, 0.10, 0.04  # of the strip in which temples lie, from corner to side; shares of breadth
NOBODY = 0.3  # alpha down to which there is nobody
NEAR = 0.03  # share of breadth within which nobody may be, a pixel at least; rims of hair keep their alpha


def with_face(alpha: Alpha, points: NDArray[np.float32]) -> Alpha:
    """Make sure that the inside of a face is person, whatever a network thinks of glasses or shadows.

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
    inner = np.rint(middle + INNER * (hull - middle)).astype(np.int32)
    solid = np.zeros(alpha.shape, dtype=np.uint8)
    cv2.fillConvexPoly(solid, inner, 1)
    return np.where(solid > 0, np.float32(1.0), alpha)


def with_spectacles(alpha: Alpha, points: NDArray[np.float32]) -> Alpha:
    """Make opaque what lies between an eye's outer corner and the ear, unless the wall is seen near it.

    Parameters
    ----------
    alpha, points : ndarray of float32
        See `with_face`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, never less.
    """
    found = alpha.copy()
    breadth = float(np.linalg.norm(points[BREADTH[1]] - points[BREADTH[0]]))
    along = points[CORNERS[1]] - points[CORNERS[0]]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    reach = max(1, round(NEAR * breadth))
    for corner, side in zip(points[list(CORNERS)], points[list(SIDES)], strict=True):
        strip = _strip(corner, side, along, breadth)
        left, top = np.clip(np.floor(strip.min(axis=0)).astype(int) - reach, 0, None)
        right, low = np.clip(np.ceil(strip.max(axis=0)).astype(int) + 1 + reach, 0, None)
        part = alpha[top:low, left:right]
        if not part.size:
            continue
        inside = np.zeros(part.shape, dtype=np.uint8)
        cv2.fillConvexPoly(inside, np.rint(strip - (left, top)).astype(np.int32), 1)
        near = cv2.erode(part, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
        found[top:low, left:right][(inside > 0) & (near > NOBODY)] = 1
    return found


def _strip(
    corner: NDArray[np.float32], side: NDArray[np.float32], along: NDArray[np.float32], breadth: float
) -> NDArray[np.float64]:
    """Corners of the strip from the outer corner of an eye to beyond the side of the face, (4, 2)."""
    long = float((side - corner) @ along)
    end = corner + along * (long + np.copysign(BEYOND * breadth, long))
    down = np.array([-along[1], along[0]]) * breadth
    return np.array([corner - ABOVE * down, end - ABOVE * down, end + BELOW * down, corner + BELOW * down], np.float64)
