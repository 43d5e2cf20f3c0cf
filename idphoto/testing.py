"""Stand in for the models in tests of programs that use idphoto.

Put a fake into the table of its kind for a ``with`` block:

>>> import numpy as np
>>> from idphoto import segmentation
>>> from idphoto.testing import FakeSegmenter
>>> with segmentation.BACKENDS.using({"auto": FakeSegmenter(np.ones((4, 3), np.float32))}):
...     float(segmentation.run_segmenter(np.zeros((40, 30, 3), np.uint8)).mean())
1.0

A fake opens no model and gives the same answer to every picture of the same size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.faces.base import Detection
from idphoto.portrait import Box, Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["FakeFaceDetector", "FakeMattingBackend", "FakeSegmenter"]


class FakeFaceDetector:
    """A face detector that sees the same faces in every picture.

    Parameters
    ----------
    detections : sequence of Detection, optional
        The faces. x and widths are shares of the picture's width, y and heights shares of its height.
    mesh : ndarray of float32, shape (478, 3), optional
        The landmarks of any face, as shares of the side of the square picture around it. Without it, no landmarks are
        found, and therefore no face.

    Attributes
    ----------
    sizes : list of (int, int)
        Width and height of each picture in which faces were looked for.
    """

    def __init__(self, detections: Sequence[Detection] = (), mesh: NDArray[np.float32] | None = None) -> None:
        self.detections, self.landmarks = tuple(detections), mesh
        self.sizes: list[tuple[int, int]] = []

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Return the given faces, in pixels of this picture."""
        height, width = rgb.shape[:2]
        self.sizes.append((width, height))

        def place(point: Point) -> Point:
            return Point(point.x * width, point.y * height)

        return [
            Detection(
                Box(seen.box.x * width, seen.box.y * height, seen.box.width * width, seen.box.height * height),
                seen.score,
                place(seen.eye_left),
                place(seen.eye_right),
                place(seen.mouth),
            )
            for seen in self.detections
        ]

    def find_mesh(self, rgb: Rgb) -> NDArray[np.float32] | None:
        """Return the given landmarks, in pixels of this picture."""
        return None if self.landmarks is None else self.landmarks * np.float32(rgb.shape[1])


class FakeSegmenter:
    """A segmenter that sees the person at the same place of every picture.

    Parameters
    ----------
    mask : ndarray of float32, shape (H, W)
        Probability of the person, in [0, 1]; resized to each picture. `run_segmenter` averages the answers for a
        picture and for its mirror image, so an asymmetric mask comes out of it symmetric.

    Attributes
    ----------
    sizes : list of (int, int)
        Width and height of each picture.
    """

    def __init__(self, mask: NDArray[np.float32]) -> None:
        self.mask = mask
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, rgb: Rgb) -> NDArray[np.float32]:
        """Return the given mask at the size of this picture."""
        self.sizes.append((rgb.shape[1], rgb.shape[0]))
        return _resize(self.mask, rgb)


class FakeMattingBackend:
    """A matting backend that returns the same alpha matte for every picture.

    Parameters
    ----------
    alpha : ndarray of float32, shape (H, W)
        The matte, in [0, 1]; resized to each picture.

    Attributes
    ----------
    sizes : list of (int, int)
        Width and height of each picture.
    """

    def __init__(self, alpha: Alpha) -> None:
        self.alpha = alpha
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, rgb: Rgb, coarse: Alpha) -> Alpha:  # noqa: ARG002 - the interface gives it
        """Return the given matte at the size of this picture."""
        self.sizes.append((rgb.shape[1], rgb.shape[0]))
        return _resize(self.alpha, rgb)


def _resize(plane: NDArray[np.float32], rgb: Rgb) -> NDArray[np.float32]:
    """Resize a plane to the size of a picture."""
    size = (rgb.shape[1], rgb.shape[0])
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
