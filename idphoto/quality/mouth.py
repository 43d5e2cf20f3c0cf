"""Measure how far a mouth is open, whether teeth show, and whether it smiles.

The lips are measured on the picture as given, brought to 200 pixels between the eyes: a gap of a hundredth of the eye
distance decides, and finished files are often too small for it. The inner contour of the lips comes from the
landmarks; what lies within it is told by its colour. Teeth are less red than the lips of the same person, and lighter
than the dark of an open mouth. Both are compared with the person's own lips and cheeks, so that neither the colour of
the skin nor lipstick counts.

The limits were chosen on one half of the portraits of ``training/mouth/labels.csv``, whose mouths were judged by eye.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from idphoto.colour import rgb_to_lab
from idphoto.face_mesh import INNER_LIP_PAIRS, MOUTH_CORNERS
from idphoto.quality.aligned import locate_eye_centres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

    Rgb = NDArray[np.uint8]
    Points = NDArray[np.float64]

__all__ = ["MAX_OPENING", "MAX_RISE", "MAX_TEETH", "MIN_MOUTH_EYE_DISTANCE_PX", "Mouth", "measure_mouth"]

MAX_TEETH = 1.05
"""Mean height of visible teeth in % of the eye distance: of 41 closed mouths the largest is 0.45, of 207 with teeth the
smallest is 1.1."""
MAX_OPENING = 0.62
"""Mean height of the dark between the lips, in % of the eye distance: 7 of 9 mouths that are open without clear teeth
have more, and none of 41 closed mouths."""
MAX_RISE = 5.5
"""Rise of the corners of the mouth above its lower lip, in % of the eye distance: 2 of 25 neutral mouths have more,
and 12 of 16 closed smiles."""
MIN_MOUTH_EYE_DISTANCE_PX = 30.0
"""Eye distance in the picture as given below which a mouth has too few pixels."""

EYE_DISTANCE_PX, WIDTH_PX, HEIGHT_PX = 200.0, 280, 160  # of the patch that the mouth is measured in
# Contours of the lips in MediaPipe's mesh, each from the left to the right corner.
UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
CHEEKS = (50, 280)
CENTRAL_SHARE = 0.7  # of the width of the mouth; in its corners lips and shadows mix
CONTOUR_MARGIN_PX = 2.0  # that the landmarks may err by
MIN_LIP_PIXELS = 20
LESS_RED = 7.0  # units of a* by which teeth are less red than lips
TOOTH_LIGHTNESS, DARK_LIGHTNESS = 0.4, 0.25  # shares of the cheeks' L*: teeth are lighter, an open mouth is darker
DARKER_THAN_LIPS = 0.8
GAP_SHARE = 0.15  # of the largest distance of the inner lips that counts as opened whatever the colours are


class Mouth(NamedTuple):
    """The measures of a mouth, in % of the eye distance.

    Attributes
    ----------
    teeth : float
        Mean height of visible teeth.
    opening : float
        Mean height of the dark between the lips. Light there is no sign of an open mouth, since wet lips shine.
    rise : float
        Rise of the corners above the middle of the lower lip; negative if they hang.
    """

    teeth: float
    opening: float
    rise: float


def measure_mouth(rgb: Rgb, mesh: NDArray[np.float32], face: AlignedFace) -> Mouth | None:
    """Measure the mouth of a person.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        The picture as given, in sRGB; more than 200 pixels between the eyes change nothing.
    mesh : ndarray of float32, shape (478, 2 or 3)
        MediaPipe's landmarks in pixels of `rgb`.
    face : AlignedFace
        The same face; the colour of its cheeks is compared with the mouth.

    Returns
    -------
    Mouth or None
        None if mouth or cheeks lie outside the picture, or the lips are seen from the side.
    """
    corners = mesh[list(MOUTH_CORNERS) + list(INNER_LIP_PAIRS[1]), :2]
    if (corners < 0).any() or (corners > (rgb.shape[1] - 1, rgb.shape[0] - 1)).any():
        return None
    patch, points = _cut_patch(rgb, mesh)
    columns, curves = _trace_lips(points)
    inside = (columns >= 0) & (columns < WIDTH_PX)
    cheeks = _measure_cheek_lightness(face)
    if inside.mean() < CENTRAL_SHARE or inside.sum() < MIN_LIP_PIXELS or cheeks is None:
        return None
    above, upper, lower, below = (curve[inside] for curve in curves)
    colours = rgb_to_lab(patch)[:, columns[inside]]
    lips = _measure_lips(colours, above, upper, lower, below)
    if lips is None:
        return None
    y = np.arange(HEIGHT_PX)[:, None]
    between = (y > upper - CONTOUR_MARGIN_PX) & (y < lower + CONTOUR_MARGIN_PX)
    lightness, red = colours[..., 0], colours[..., 1]
    teeth = between & (red < lips[:, 1].mean() - LESS_RED) & (lightness > TOOTH_LIGHTNESS * cheeks)
    dark = between & (lightness < min(DARK_LIGHTNESS * cheeks, DARKER_THAN_LIPS * float(lips[:, 0].min())))
    unit = 100 / EYE_DISTANCE_PX
    gap = float((lower - upper).max())
    return Mouth(
        teeth=float(teeth.sum(axis=0).mean()) * unit,
        opening=max(float(dark.sum(axis=0).mean()), GAP_SHARE * gap) * unit,
        rise=_measure_rise(points) * unit,
    )


def _cut_patch(rgb: Rgb, mesh: NDArray[np.float32]) -> tuple[Rgb, Points]:
    """Return the upright surroundings of the mouth, and the landmarks in them."""
    points = mesh[:, :2].astype(np.float64)
    left, right = locate_eye_centres(points)
    x, y = right - left
    scale = EYE_DISTANCE_PX / max(float(np.hypot(x, y)), 1.0)
    # Bilinear interpolation would alias when it shrinks this much, so blocks of whole pixels are averaged first.
    step = int(1 / scale) if scale < 0.6 else 1
    turn = scale**2 / EYE_DISTANCE_PX * np.array([[x, y], [-y, x]])
    middle = points[[*INNER_LIP_PAIRS[1], UPPER_INNER[0], UPPER_INNER[-1]]].mean(axis=0)
    shift = np.array([WIDTH_PX / 2, HEIGHT_PX / 2]) - turn @ middle
    source, warp = rgb, np.hstack([turn, shift[:, None]])
    if step > 1:
        source = cv2.resize(rgb, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
        warp = warp @ np.array([[step, 0, (step - 1) / 2], [0, step, (step - 1) / 2], [0, 0, 1.0]])
    size = (WIDTH_PX, HEIGHT_PX)
    patch = cv2.warpAffine(source, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, dtype=np.uint8), points @ turn.T + shift


def _trace_lips(points: Points) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Return the columns of the middle of the mouth, and in each the heights of the four contours of the lips."""
    start, end = points[UPPER_INNER[0], 0], points[UPPER_INNER[-1], 0]
    margin = (1 - CENTRAL_SHARE) / 2 * (end - start)
    columns = np.arange(int(start + margin), int(end - margin) + 1)
    curves = []
    for contour in (UPPER_OUTER, UPPER_INNER, LOWER_INNER, LOWER_OUTER):
        x, y = points[list(contour)].T
        order = np.argsort(x)
        curves.append(np.interp(columns, x[order], y[order]))
    return columns, curves


def _measure_lips(
    colours: NDArray[np.float32],
    above: NDArray[np.float64],
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    below: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """Return the median CIELAB colours of both lips, shape (2, 3); a lip too thin to see has that of the other."""
    y = np.arange(HEIGHT_PX)[:, None]
    found = []
    for inner, outer in ((upper, above), (lower, below)):
        along = (y - inner) / np.where(np.abs(outer - inner) < 1, np.inf, outer - inner)
        lip = colours[(along > 0.3) & (along < 0.8)]
        found.append(np.median(lip, axis=0) if len(lip) > MIN_LIP_PIXELS else None)
    seen = [lip for lip in found if lip is not None]
    return np.array([seen[0] if lip is None else lip for lip in found]) if seen else None


def _measure_cheek_lightness(face: AlignedFace) -> float | None:
    """Return the median L* of the cheeks; None if they lie outside the picture."""
    half = round(face.eye_distance / 9)
    found = []
    for landmark in CHEEKS:
        x, y = np.rint(face.points[landmark]).astype(int)
        patch = face.rgb[max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)]
        if patch.size:
            found.append(rgb_to_lab(np.ascontiguousarray(patch)).reshape(-1, 3)[:, 0])
    return float(np.median(np.concatenate(found))) if found else None


def _measure_rise(points: Points) -> float:
    """Return how far the corners of the mouth lie above the middle of the lower lip, in pixels of the patch."""
    lower_lip = INNER_LIP_PAIRS[1][1]
    return float(points[lower_lip, 1] - points[list(MOUTH_CORNERS), 1].mean())
