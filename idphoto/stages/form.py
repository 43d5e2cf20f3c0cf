"""Hand over a cutout in the form that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field

from idphoto.backdrop import parse_backdrop
from idphoto.colour import composite, to_linear, to_srgb
from idphoto.matting.foreground import foreground
from idphoto.output import SUFFIXES, WRITERS
from idphoto.report import Operation
from idphoto.stages.base import Stage
from idphoto.units import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Alpha, Photo, Rgb

__all__ = ["Form", "defocus"]


class Form(Stage):
    """Make one of the usual forms of a cutout."""

    stage: Literal["form"] = "form"
    form: Literal["rgba", "mask", "white", "crop", "blur"] = Field(
        default="rgba",
        description="rgba: transparent; mask: the alpha alone; white: on a backdrop; "
        "crop: transparent, cut to the person; blur: the background out of focus.",
    )
    backdrop: str = Field(default="white", description="What 'white' puts behind the person: a colour or any backdrop.")
    blur: float = Field(default=0.03, gt=0, le=0.2, description="Radius of the blur, as a share of the longer side.")
    format: Literal["auto", "png", "jpeg"] = Field(default="auto", description="auto is PNG.")

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "alpha"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def __call__(self, photo: Photo) -> Photo:
        """Add the picture to `files`."""
        picture, alpha = photo.picture, photo.alpha
        assert picture is not None
        assert alpha is not None
        made = self._make(picture, alpha)
        name = "png" if self.format == "auto" else self.format
        encoded = WRITERS[name](made, dpi=photo.source.dpi)
        operation = Operation(name="cutout", detail=f"cut out as {self.form}", edit="background")
        return photo.did(operation, files={**photo.files, SUFFIXES[name]: encoded.data})

    def _make(self, picture: Rgb, alpha: Alpha) -> Rgb:
        if self.form == "mask":
            return np.rint(alpha * 255).astype(np.uint8)
        colours = foreground(picture, alpha)
        if self.form == "white":
            behind = parse_backdrop(self.backdrop).paint(Size(picture.shape[1], picture.shape[0]))
            return composite(colours, alpha, behind)
        if self.form == "blur":
            radius = self.blur * max(alpha.shape)
            return composite(colours, alpha, defocus(picture, alpha, radius))
        rgba = np.dstack([colours, np.rint(alpha * 255).astype(np.uint8)])
        # What is invisible should not be stored: it would cost space and give the room away.
        rgba[rgba[..., 3] == 0] = 0
        return _cropped(rgba) if self.form == "crop" else rgba


def _cropped(rgba: Rgb) -> Rgb:
    """Cut away the empty rows and columns around the person."""
    rows = np.flatnonzero(rgba[..., 3].any(axis=1))
    columns = np.flatnonzero(rgba[..., 3].any(axis=0))
    if len(rows) == 0:
        return rgba
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def defocus(picture: Rgb, alpha: Alpha, radius: float) -> Rgb:
    """Background as a wide aperture would show it: blurred by a disc in linear light.

    The person is left out of the blur and the background is drawn inwards behind them, so that
    no halo of skin or hair surrounds the figure.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        Share of the person.
    radius : float
        Of the disc, in pixels.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        Blurred background without the person.
    """
    # A disc of dozens of pixels needs no more than a few pixels' resolution.
    step = max(1, int(radius / 8))
    height, width = alpha.shape
    size = (max(1, width // step), max(1, height // step))
    share = (1 - cv2.resize(alpha, size, interpolation=cv2.INTER_AREA))[..., None]
    share *= share > 0.02
    light = cv2.resize(to_linear(picture), size, interpolation=cv2.INTER_AREA) * share
    reach = max(1, round(radius / step))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)).astype(np.float32)
    disc /= disc.sum()
    total, weight = _blur(light, disc), _blur(share, disc)[..., None]
    # Deep behind the person nothing is seen within one radius; wider looks fill that.
    for _ in range(6):
        if (weight > 1e-3).all():
            break
        hollow = weight < 1e-3
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * min(reach, 60) + 1,) * 2).astype(np.float32)
        known = np.where(hollow, 0, total / np.maximum(weight, 1e-6))
        spread, count = _blur(known, disc), _blur(1 - hollow.astype(np.float32), disc)[..., None]
        total = np.where(hollow, spread / np.maximum(count, 1e-6), total)
        weight = np.where(hollow, np.minimum(count, 1.0), weight)
    blurred = cv2.resize((total / np.maximum(weight, 1e-6)).astype(np.float32), (width, height))
    return to_srgb(blurred)


def _blur(values: NDArray[np.float32], disc: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.filter2D(values, -1, disc, borderType=cv2.BORDER_REFLECT)
