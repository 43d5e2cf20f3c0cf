"""Make one part of an application, such as the signature, from a picture of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import cv2
import numpy as np

from idphoto.errors import InputError
from idphoto.ink.page import even_paper
from idphoto.ink.strokes import find_strokes, measure_darkness, measure_slant
from idphoto.units import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Matrix, Rgb

__all__ = ["InkPart", "make_ink_part"]

WORKING_SIDE_PX = 1600
MARGIN_SHARE = 0.08
"""Rim of paper around the ink, as a share of its longer side."""
WIDEST_THUMB = 0.3
"""Width of the widest ink of a thumb print, as a share of the picture's longer side."""
FEATHER_PX = 1.5


class InkPart(NamedTuple):
    """A part that was made.

    Attributes
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        White paper with the ink in its own colour.
    turned : float
        Degrees by which the page was straightened.
    matrix : ndarray of float64, shape (3, 3)
        Pixels of the source to pixels of the picture.
    """

    picture: Rgb
    turned: float
    matrix: Matrix


def make_ink_part(rgb: Rgb, kind: Literal["signature", "thumb", "declaration"], least: Size, most: Size) -> InkPart:
    """Straighten a page, crop it to its ink, and make its paper white.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB picture of a page.
    kind : str
        What is on it.
    least, most : Size
        Smallest and largest size that the form accepts; equal if it prescribes one.

    Raises
    ------
    InputError
        If there is no ink on the page.
    """
    scale = min(1.0, WORKING_SIDE_PX / max(rgb.shape[:2]))
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    ratio = even_paper(small, widest=WIDEST_THUMB) if kind == "thumb" else even_paper(small)
    strokes = find_strokes(ratio, together=kind != "declaration")
    if strokes is None:
        raise InputError(f"No ink was found in the picture of the {kind}.", "Take it from nearer, with the ink sharp.")
    turned = 0.0 if kind == "thumb" else measure_slant(measure_darkness(ratio), strokes)
    white = _whiten(ratio, strokes, grow=12 if kind == "thumb" else 2)
    turn = _turn_about_middle(small.shape, turned)
    box = _find_box(strokes, turn)
    size = _choose_size(box, least, most)
    fit = _fit_box(box, size) @ turn
    picture = _warp(white, fit, size)
    matrix = fit @ np.diag([scale, scale, 1.0])
    return InkPart(np.rint(picture * 255).astype(np.uint8), round(turned, 1), matrix)


def _whiten(ratio: NDArray[np.float32], strokes: NDArray[np.bool_], *, grow: int) -> NDArray[np.float32]:
    """Return the page with white paper: ink as it is against the paper, all else white. Nothing gets darker."""
    near = cv2.dilate(strokes.astype(np.uint8), np.ones((2 * grow + 1, 2 * grow + 1), np.uint8)).astype(np.float32)
    near = cv2.GaussianBlur(near, (0, 0), FEATHER_PX)[..., None]
    return 1.0 - near * (1.0 - ratio)


def _turn_about_middle(shape: tuple[int, ...], degrees: float) -> Matrix:
    """Return the matrix that turns a page by `-degrees` about its middle."""
    half = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), degrees, 1.0)
    return np.vstack([half, [0, 0, 1]])


def _find_box(strokes: NDArray[np.bool_], turn: Matrix) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the turned ink, with a rim of paper."""
    rows, columns = np.nonzero(strokes)
    x, y, _ = turn @ np.stack([columns, rows, np.ones_like(rows)]).astype(float)
    rim = MARGIN_SHARE * max(float(np.ptp(x)), float(np.ptp(y))) + 2
    return float(x.min()) - rim, float(y.min()) - rim, float(x.max()) + rim, float(y.max()) + rim


def _choose_size(box: tuple[float, float, float, float], least: Size, most: Size) -> Size:
    """Return the size of the picture: the largest that is accepted, in the proportions of the ink where it may be."""
    left, top, right, bottom = box
    zoom = min(most.width / (right - left), most.height / (bottom - top))
    return Size(
        int(np.clip(round((right - left) * zoom), least.width, most.width)),
        int(np.clip(round((bottom - top) * zoom), least.height, most.height)),
    )


def _fit_box(box: tuple[float, float, float, float], size: Size) -> Matrix:
    """Return the matrix that puts a box into the middle of a picture, as large as it fits."""
    left, top, right, bottom = box
    zoom = min(size.width / (right - left), size.height / (bottom - top))
    shift_x = size.width / 2 - zoom * (left + right) / 2 - 0.5
    shift_y = size.height / 2 - zoom * (top + bottom) / 2 - 0.5
    return np.array([[zoom, 0, shift_x], [0, zoom, shift_y], [0, 0, 1.0]])


def _warp(page: NDArray[np.float32], matrix: Matrix, size: Size) -> NDArray[np.float32]:
    """Resample a page; beyond it is white paper. A page that shrinks is filtered, so that thin strokes stay."""
    zoom = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    fine = max(1, int(np.ceil(1 / zoom)))
    dense = np.diag([fine, fine, 1.0]) @ matrix
    dense[:2, 2] += (fine - 1) / 2
    large = cv2.warpAffine(
        page,
        dense[:2],
        (size.width * fine, size.height * fine),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(1.0, 1.0, 1.0),
    )
    small = cv2.resize(large, (size.width, size.height), interpolation=cv2.INTER_AREA) if fine > 1 else large
    return np.clip(small, 0.0, 1.0)
