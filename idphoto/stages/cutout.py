"""Separate the person from the background, at the resolution of the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field

from idphoto import matting, segmentation
from idphoto.resample import covered
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Alpha, Face, Photo, Rgb, View

__all__ = ["Cutout"]

LOOK = 320  # pixels of the longer side that the coarse network is shown; it sees 256 itself


class Cutout(Stage):
    """Find the coarse person on the finished crop and refine it to an alpha matte."""

    stage: Literal["cutout"] = "cutout"
    segmenter: str = Field(default="selfie", description="Backend of the coarse person segmentation.")
    matter: str = Field(default=matting.DEFAULT, description="Matting backend.")

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "view"})
    gives: ClassVar[frozenset[str]] = frozenset({"alpha"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `alpha`."""
        picture, view = photo.picture, photo.view
        assert picture is not None
        assert view is not None
        alpha = matting.matte(self.matter, picture, coarse(picture, self.segmenter))
        if photo.face is not None:
            alpha = _with_face(alpha, photo.face, view)
        beyond = ~covered(view.matrix, view.size, photo.source.size)
        alpha[beyond] = 0.0
        return replace(photo, alpha=_one_person(alpha))


def coarse(picture: Rgb, segmenter: str) -> Alpha:
    """Probability of the person at the picture's own size, smooth over many pixels."""
    height, width = picture.shape[:2]
    zoom = min(1.0, LOOK / max(height, width))
    small = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA) if zoom < 1 else picture
    probability = segmentation.person(small, segmenter)
    return np.clip(cv2.resize(probability, (width, height), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)


def _with_face(alpha: Alpha, face: Face, view: View) -> Alpha:
    """Make sure that the inside of the face is person, whatever the network thinks of glasses or shadows."""
    if face.mesh is None:
        return alpha
    points = face.mesh[:468, :2] @ view.matrix[:2, :2].T + view.matrix[:2, 2]
    hull = cv2.convexHull(points.astype(np.float32)).reshape(-1, 2)
    middle = hull.mean(axis=0)
    inner = np.rint(middle + 0.92 * (hull - middle)).astype(np.int32)
    solid = np.zeros(alpha.shape, dtype=np.uint8)
    cv2.fillConvexPoly(solid, inner, 1)
    return np.where(solid > 0, np.float32(1.0), alpha)


def _one_person(alpha: Alpha) -> Alpha:
    """Drop scraps that hang together with no person: less than a twentieth of the largest piece."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.02).astype(np.uint8))
    if count <= 2:
        return alpha
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= areas.max() / 20
    return np.where(keep[labels], alpha, np.float32(0.0))
