"""Cut people out of a picture: the one way from a person mask to alpha and foreground colours.

A matting backend was trained on heads and shoulders, and knows nothing else: it takes legs, neighbours and raised arms
for background, and tables for clothes. So it decides only in a window around each head. Elsewhere the person mask
decides what is person, and the backend only where the edge runs. A picture that shows one head and its shoulders is one
such window.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.backends.table import AUTO
from idphoto.matting import BACKENDS, estimate_alpha
from idphoto.matting.base import EdgeTracer
from idphoto.matting.foreground import estimate_foreground
from idphoto.matting.hair_windows import MAX_SINGLE_PASS_PX, refine_edge
from idphoto.matting.landmarks import make_face_opaque, make_temples_opaque
from idphoto.matting.pieces import drop_scraps
from idphoto.matting.reduced import disc
from idphoto.portrait import Box, Doubt, move_face
from idphoto.resample import shrink_to_side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Face, People, Rgb

__all__ = ["Matte", "cut_out"]

HEAD_WINDOW = 1.6, 0.9, 2.6  # reach of a head's window: to the sides, above the face's top, below it; in face heights
HEAD_FADE = 0.3  # width over which a head's window is blended into its surroundings, in face heights
HEAD_EDGE_SHIFT = 0.06  # distance by which the edge around a head may differ from that of the mask, in face heights
BODY_EDGE_SHIFT = 0.03  # the same elsewhere, as a share of the square root of the person's area
MIN_EDGE_SHIFT_PX = 3
DOUBT_SIDE_PX = 400  # longer side of the reduced picture on which doubt is measured
DOUBT_DISTANCE = 0.02  # distance from the mask's edge beyond which they disagree, by the root of the person's area
GIVEN_DISTANCE = 0.03  # distance from the people up to which given alpha may be opaque, by the root of their area
MAX_GIVEN_EXCESS = 0.08  # share of their area that may be opaque beyond it; a finished cutout may hold things
MIN_DOUBT_PLACE_SHARE = 0.001  # share of the people's area from which on a place is named


@dataclass(frozen=True, eq=False)
class Matte:
    """A picture with the share of people in each pixel.

    Attributes
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].
    doubt : Doubt, optional
        Where what is person was not certain; None if alpha was given.
    """

    picture: Rgb
    alpha: Alpha
    doubt: Doubt | None = None

    @cached_property
    def colours(self) -> Rgb:
        """Colours of the people alone, uint8 sRGB of shape (H, W, 3), without meaning where alpha is 0."""
        return estimate_foreground(self.picture, self.alpha)


def cut_out(picture: Rgb, people: People, backend: str = AUTO, given: Alpha | None = None) -> Matte:
    """Cut people out of a picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    people : People
        Who is cut out, as :func:`idphoto.people.find_people` finds everybody.
    backend : str
        Name of the matting backend.
    given : ndarray of float32, shape (H, W), optional
        The picture's own alpha. If it follows the people, it is the result. An avatar's circle or a window's shadow
        does not; then it only limits the result.

    Returns
    -------
    Matte
        Alpha, and the colours of the people.
    """
    if given is not None:
        if _follows_people(given, people.mask):
            return Matte(picture, given)
        found = cut_out(picture, people, backend)
        return Matte(picture, np.minimum(found.alpha, given), found.doubt)
    opened = BACKENDS.get(backend)
    if people.is_portrait or not isinstance(opened, EdgeTracer):
        mask = _at_size(people.mask, picture.shape)
        alpha = estimate_alpha(picture, mask, backend)
        doubt = _measure_doubt(alpha, mask, 1.0)
        if not people.is_portrait:
            alpha = _bounded(alpha, mask, _body_shift(mask))
    else:
        small, zoom = shrink_to_side(picture, MAX_SINGLE_PASS_PX)
        mask = _at_size(people.mask, small.shape)
        alpha = opened.trace(small, mask)
        doubt = _measure_doubt(alpha, mask, zoom)
        alpha = _bounded(alpha, mask, _body_shift(mask))
        faces = [move_face(face, np.diag([zoom, zoom, 1.0])) for face in people.faces]
        alpha = _refine_heads(small, alpha, mask, faces, backend)
        if zoom < 1:
            alpha = refine_edge(opened.trace, picture, alpha)
    for face in people.faces:
        if face.mesh is not None:
            alpha = make_temples_opaque(alpha, face.mesh[:468, :2])
            alpha = make_face_opaque(alpha, face.mesh[:468, :2])
    return Matte(picture, drop_scraps(alpha), doubt)


def _follows_people(alpha: Alpha, mask: Alpha) -> bool:
    """Return whether little is opaque beside the people, so that alpha is a finished cutout."""
    person = (mask > 0.5).astype(np.uint8)
    area = max(1, int(person.sum()))
    near = cv2.dilate(person, disc(GIVEN_DISTANCE * np.sqrt(area)))
    opaque = cv2.resize(alpha, person.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    return float((opaque & (near == 0)).sum()) <= MAX_GIVEN_EXCESS * area


def _at_size(layer: Alpha, shape: tuple[int, ...]) -> Alpha:
    """Resize a layer to the size of the picture."""
    if layer.shape == shape[:2]:
        return layer
    return cv2.resize(layer, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _measure_doubt(alpha: Alpha, mask: Alpha, scale: float) -> Doubt:
    """Measure where alpha leaves the mask by more than an edge is wide; both are reduced to `scale` already."""
    zoom = min(1.0, DOUBT_SIDE_PX / max(mask.shape))
    size = max(1, round(mask.shape[1] * zoom)), max(1, round(mask.shape[0] * zoom))
    found, expected = (
        (cv2.resize(layer, size, interpolation=cv2.INTER_AREA) > 0.5).astype(np.uint8) for layer in (alpha, mask)
    )
    area = max(1, int(expected.sum()))
    square = disc(DOUBT_DISTANCE * np.sqrt(area))
    apart = ((found > 0) & (cv2.dilate(expected, square) == 0)) | ((found == 0) & (cv2.erode(expected, square) > 0))
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(apart.astype(np.uint8), square))
    places = sorted(stats[1:].tolist(), key=lambda row: -row[cv2.CC_STAT_AREA])
    return Doubt(
        float(apart.sum()) / area,
        tuple(
            Box(*(side / (zoom * scale) for side in row[:4]))
            for row in places
            if row[cv2.CC_STAT_AREA] >= MIN_DOUBT_PLACE_SHARE * area
        ),
    )


def _refine_heads(picture: Rgb, alpha: Alpha, mask: Alpha, faces: list[Face], backend: str) -> Alpha:
    """Let the backend move the edge around each head by a little, in a window of its own."""
    heads = alpha.copy()
    for face in faces:
        window, weight = _weigh_head(face, faces, alpha.shape)
        seen = estimate_alpha(np.ascontiguousarray(picture[window]), np.ascontiguousarray(mask[window]), backend)
        seen = _bounded(seen, alpha[window], HEAD_EDGE_SHIFT * face.box.height)
        heads[window] += weight * (seen - alpha[window])
    return np.clip(heads, 0, 1)


def _body_shift(mask: Alpha) -> float:
    return max(MIN_EDGE_SHIFT_PX, BODY_EDGE_SHIFT * float(np.sqrt((mask > 0.5).sum())))


def _weigh_head(face: Face, faces: list[Face], shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Alpha]:
    """Return the window around a head, and its weight there: 1 near the head, 0 where another head is nearer."""
    box, (beside, above, below) = face.box, HEAD_WINDOW
    unit, middle = box.height, box.x + box.width / 2
    spans = []
    fades = []
    for low, high, extent in (
        (box.y - above * unit, box.y + below * unit, shape[0]),
        (middle - beside * unit, middle + beside * unit, shape[1]),
    ):
        span = slice(max(0, int(low)), max(1, min(extent, int(high) + 1)))
        place = np.arange(span.start, span.stop, dtype=np.float32) + 0.5
        fade = np.minimum((place - low) / (HEAD_FADE * unit), (high - place) / (HEAD_FADE * unit))
        spans.append(span)
        fades.append(np.clip(fade, 0, 1))
    weight = fades[0][:, None] * fades[1][None]
    rows, columns = np.mgrid[spans[0], spans[1]].astype(np.float32)

    def distance(other: Face) -> NDArray[np.float32]:
        eyes = other.eyes
        return np.hypot(columns - np.float32(eyes.x), rows - np.float32(eyes.y)) / np.float32(other.box.height)

    own = distance(face)
    for other in faces:
        if other is not face:
            weight *= np.clip((distance(other) - own) / HEAD_FADE, 0, 1)
    return (spans[0], spans[1]), weight


def _bounded(alpha: Alpha, like: Alpha, shift: float) -> Alpha:
    """Return alpha, limited to the range that `like` has within a distance of `shift` pixels."""
    step = max(1, int(shift / 4))
    size = (max(1, like.shape[1] // step), max(1, like.shape[0] // step))
    small = cv2.resize(like, size, interpolation=cv2.INTER_AREA)
    least, most = (
        cv2.resize(change(small, disc(shift / step)), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
        for change in (cv2.erode, cv2.dilate)
    )
    return np.clip(
        alpha, np.where(least > 0.5, np.float32(1), np.float32(0)), np.where(most < 0.5, np.float32(0), np.float32(1))
    )
