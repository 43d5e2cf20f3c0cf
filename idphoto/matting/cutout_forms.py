"""Make the usual forms of a cutout: transparent, mask, on a background fill, cropped, background blurred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.background_fill import parse_background_fill
from idphoto.colour import composite, to_linear, to_srgb
from idphoto.matting.foreground import estimate_foreground
from idphoto.units import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["defocus", "make_form"]


def make_form(picture: Rgb, alpha: Alpha, form: str, *, fill_name: str, blur: float) -> Rgb:
    """Make a cutout in one of the forms.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        The alpha matte.
    form : str
        ``rgba``, ``mask``, ``white``, ``crop`` or ``blur``.
    fill_name : str
        The background fill of the form ``white``.
    blur : float
        Radius of the form ``blur``, as a share of the longer side.

    Returns
    -------
    ndarray of uint8
        Shape (H, W) for ``mask``, (H, W, 3) for ``white`` and ``blur``, (h, w, 4) for the others.
    """
    if form == "mask":
        return np.rint(alpha * 255).astype(np.uint8)
    colours = estimate_foreground(picture, alpha)
    if form == "white":
        fill = parse_background_fill(fill_name).paint(Size(picture.shape[1], picture.shape[0]))
        return composite(colours, alpha, fill)
    if form == "blur":
        return composite(colours, alpha, defocus(picture, alpha, blur * max(alpha.shape)))
    rgba = np.dstack([colours, np.rint(alpha * 255).astype(np.uint8)])
    # Invisible pixels are set to 0, since they take space and would reveal the room.
    rgba[rgba[..., 3] == 0] = 0
    return _cropped(rgba) if form == "crop" else rgba


def _cropped(rgba: Rgb) -> Rgb:
    """Cut away the empty rows and columns around the person."""
    rows = np.flatnonzero(rgba[..., 3].any(axis=1))
    columns = np.flatnonzero(rgba[..., 3].any(axis=0))
    if len(rows) == 0:
        return rgba
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def defocus(picture: Rgb, alpha: Alpha, radius: float) -> Rgb:
    """Blur the background with a disc in linear light, as a lens with a wide aperture does.

    The person does not take part in the blur, and the background is continued behind them, so that
    the person has no halo of skin or hair.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        Share of the person.
    radius : float
        Radius of the disc, in pixels.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        Blurred background without the person.
    """
    # A large disc is applied to a reduced picture, on which its radius is about 8 pixels.
    step = max(1, int(radius / 8))
    height, width = alpha.shape
    size = (max(1, width // step), max(1, height // step))
    share = (1 - cv2.resize(alpha, size, interpolation=cv2.INTER_AREA))[..., None]
    share *= share > 0.02
    light = cv2.resize(to_linear(picture), size, interpolation=cv2.INTER_AREA) * share
    reach = max(1, round(radius / step))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)).astype(np.float32)
    disc /= disc.sum()
    total, weight = _fill_hollow(_blur(light, disc), _blur(share, disc)[..., None], reach)
    blurred = cv2.resize((total / np.maximum(weight, 1e-6)).astype(np.float32), (width, height))
    return to_srgb(blurred)


def _fill_hollow(
    total: NDArray[np.float32], weight: NDArray[np.float32], reach: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Continue blurred light to places deep behind the person, where no background is within one radius."""
    for _ in range(6):
        if (weight > 1e-3).all():
            break
        hollow = weight < 1e-3
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * min(reach, 60) + 1,) * 2).astype(np.float32)
        known = np.where(hollow, 0, total / np.maximum(weight, 1e-6))
        spread, count = _blur(known, disc), _blur(1 - hollow.astype(np.float32), disc)[..., None]
        total = np.where(hollow, spread / np.maximum(count, 1e-6), total)
        weight = np.where(hollow, np.minimum(count, 1.0), weight)
    return total, weight


def _blur(values: NDArray[np.float32], disc: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.filter2D(values, -1, disc, borderType=cv2.BORDER_REFLECT)
