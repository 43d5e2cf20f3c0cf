"""Separate the person from the background, at the resolution of the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field

from idphoto import faces, matting, segmentation
from idphoto.decode import Source
from idphoto.errors import BackendError, InputError
from idphoto.matting.landmarks import with_face, with_spectacles
from idphoto.report import Operation
from idphoto.resample import covered, to_source, warp_mask
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Alpha, Face, Photo, Rgb, View

__all__ = ["Cutout"]

LOOK = 320  # pixels of the longer side that the coarse network is shown; it sees 256 itself
FACE = 640  # the same, of the network that looks for a face's landmarks


class Cutout(Stage):
    """Find the coarse person on the finished crop and refine it to an alpha matte."""

    stage: Literal["cutout"] = "cutout"
    segmenter: str = Field(default="auto", description="Backend of the coarse person segmentation.")
    matter: str = Field(default="auto", description="Matting backend.")
    mask: str | None = Field(
        default=None, description="Path of the user's own mask, white where the person is, taken as it is."
    )

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "view"})
    gives: ClassVar[frozenset[str]] = frozenset({"alpha"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `alpha`."""
        picture, view = photo.picture, photo.view
        assert picture is not None
        assert view is not None
        if self.mask is None:
            given = own_alpha(photo.source, view)
        else:
            given = given_mask(Source.read(Path(self.mask)), photo.source, view)
        if given is not None:
            return photo.did(Operation(name="mask", detail="taken as given"), alpha=given)
        alpha = matting.matte(picture, coarse(picture, self.segmenter), self.matter)
        points = _landmarks(picture, photo.face, view)
        if points is not None:
            alpha = with_spectacles(alpha, points)
            if photo.face is not None:  # in what is only cut out, it may be a face on the wall
                alpha = with_face(alpha, points)
        beyond = ~covered(view.matrix, view.size, photo.source.size)
        alpha[beyond] = 0.0
        return replace(photo, alpha=_one_person(alpha))


def own_alpha(source: Source, view: View) -> Alpha | None:
    """Alpha channel of the source itself, in the view, if it has one that is worth the name."""
    scale = source.pixels(min(1.0, view.scale))[1]
    alpha = source.alpha(min(1.0, view.scale))
    if alpha is None or float((alpha < 0.5).mean()) < 0.01:
        return None
    return warp_mask(alpha, view.matrix @ to_source(scale), view.size)


def given_mask(mask: Source, source: Source, view: View) -> Alpha:
    """Mask of the user's own, in the view; its alpha channel, or how light it is.

    Raises
    ------
    InputError
        If the mask has other proportions than the source.
    """
    if abs(mask.size.width / mask.size.height - source.size.width / source.size.height) > 0.01:
        raise InputError(
            f"The mask {mask.name} has {mask.size} pixels, the photo {source.size}.",
            "Give a mask of the same proportions as the photo.",
        )
    ratio = mask.size.width / source.size.width
    wanted = min(1.0, view.scale / ratio)
    pixels, scale = mask.pixels(wanted)
    alpha = mask.alpha(wanted)
    values = pixels.mean(axis=2, dtype=np.float32) / np.float32(255) if alpha is None else alpha
    return warp_mask(values, view.matrix @ to_source(scale * ratio), view.size)


def coarse(picture: Rgb, segmenter: str) -> Alpha:
    """Probability of the person at the picture's own size, smooth over many pixels.

    The network sees 256 pixels. Where the person fills only a part of the picture, it looks a
    second time at that part alone.
    """
    probability = _look(picture, segmenter)
    height, width = probability.shape
    rows, columns = np.flatnonzero((probability > 0.5).any(axis=1)), np.flatnonzero((probability > 0.5).any(axis=0))
    if len(rows) == 0:
        return probability
    pad_y, pad_x = 0.08 * (rows[-1] - rows[0]), 0.15 * (columns[-1] - columns[0])
    top, bottom = max(0, int(rows[0] - pad_y)), min(height, int(rows[-1] + pad_y) + 1)
    left, right = max(0, int(columns[0] - pad_x)), min(width, int(columns[-1] + pad_x) + 1)
    if (bottom - top) * (right - left) > 0.6 * height * width:
        return probability
    window = (slice(top, bottom), slice(left, right))
    nearer = np.zeros_like(probability)
    nearer[window] = _look(np.ascontiguousarray(picture[window]), segmenter)
    return nearer


def _look(picture: Rgb, segmenter: str) -> Alpha:
    height, width = picture.shape[:2]
    probability = segmentation.person(_reduced(picture, LOOK)[0], segmenter)
    return np.clip(cv2.resize(probability, (width, height), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)


def _reduced(picture: Rgb, side: int) -> tuple[Rgb, float]:
    """A picture whose longer side has no more than so many pixels, and its scale."""
    zoom = min(1.0, side / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA) if zoom < 1 else picture
    return small, zoom


def _landmarks(picture: Rgb, face: Face | None, view: View) -> NDArray[np.float32] | None:
    """Landmarks of the person's face, x and y in the picture, or None."""
    if face is not None:
        mesh = face.mesh
        return None if mesh is None else mesh[:468, :2] @ view.matrix[:2, :2].T + view.matrix[:2, 2]
    small, zoom = _reduced(picture, FACE)
    try:
        mesh = faces.BACKENDS.get().mesh(small)
    except BackendError:  # who brings other networks has a cutout without
        return None
    return None if mesh is None else mesh[:468, :2] / zoom


def _one_person(alpha: Alpha) -> Alpha:
    """Drop scraps that hang together with no person: less than a twentieth of the largest piece."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.02).astype(np.uint8))
    if count <= 2:
        return alpha
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= areas.max() / 20
    return np.where(keep[labels], alpha, np.float32(0.0))
