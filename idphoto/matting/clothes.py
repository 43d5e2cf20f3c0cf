"""Make clothes and stones opaque that the limits of colours leave partly transparent, before a coloured wall.

**Clothes of the wall's hue.** A network doubts a blue coat before a blue wall most of all, and the rules for
hues (:mod:`idphoto.matting.bounds`) cannot be used there. But a coat that is darker or brighter than the wall
is not the wall: its light demands nearly all of alpha, and what is missing is only because no cloth is quite
black. So cloth spreads: from opaque cloth of the wall's hue to pixels nearby that have its colour, and whose
light demands a high alpha over some breadth. The rim of dark hair before the same wall is a mixture with the
wall and has not the colour of any cloth. Skin and brown hair have more red than blue. Before walls that have
more red than blue too, they cannot be told from cloth, and nothing is done.

**Grey and white clothes.** They have none of a coloured wall's hue, which demands a high alpha, but not in
full, since brown hair with a little of the wall is grey as well. No such mixture has the same grey over some
breadth: where grey is broad, it is made opaque.

**Stones.** No mixture of the person and the wall has a hue that neither of them has. Small pieces of such a
hue are made opaque.

The thresholds were set by looking at portraits before blue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.matting.reduced import at, between, disc, light_at, shrunk, stacked
from idphoto.matting.wall import (
    MAX_BACKGROUND_ALPHA,
    MIN_OPAQUE_ALPHA,
    blurred,
    compute_least_alpha,
    dot,
    grey_of,
    measure_limits,
    ramp,
    thrice,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.matting.reduced import Places
    from idphoto.matting.wall import Tints, Wall
    from idphoto.portrait import Alpha, Rgb

__all__ = ["find_cloth", "make_clothes_opaque", "make_greys_opaque", "make_stones_opaque"]

# Cloth of the wall's hue.
MIN_CLOTH_TINGE = 0.15  # least tinge of such cloth, as a share of the wall's chroma
MIN_CLOTH_PX = 5  # least breadth of opaque cloth, in pixels of the reduced picture; pockets in hair are narrower
CLOTH_WINDOW_SHARE, MIN_CLOTH_SHARE = 0.3, 0.001  # window by the height; least share of cloth in it
MAX_CLOTH_CONTRAST = 4.0  # factor by which the same cloth may be brighter or darker
MIN_DEMANDED_ALPHA = 0.75  # least alpha that the light of cloth demands
BRIGHTER_RAMP = 1.25, 1.5  # light by that of the wall, from which on a pixel is not the wall
MIN_HALF_BREADTH_SHARE = 0.006  # half the least breadth of pixels that are made opaque, by the height
MAX_HALF_GAP_SHARE = 0.0085  # half the greatest breadth of a gap that is closed beside them, by the height
CLOTH_ALPHA_RAMP = 0.6, 0.85  # alpha that stays as it is, and alpha that becomes 1

# Grey and white cloth.
MAX_GREY_TINGE, MAX_GREY_OTHER_HUE = 0.1, 0.2  # tinge, and chroma of other hues, as shares of the wall's chroma
MIN_GREY_LIGHT = 0.5  # light by that of the wall; hues of darker pixels say nothing
MIN_GREY_ALPHA, MAX_GREY_ALPHA = 0.15, 0.95  # alpha of grey cloth that is made opaque

# Stones.
MIN_STONE_ALPHA = 0.05
RIM_EXCESS, MIDDLE_EXCESS = 0.03, 0.07  # linear light by which a hue exceeds the person's, at a stone's rim and middle
MAX_STONE_SIDE_SHARE = 0.05  # side of a square of a stone's area, by the height

SQUARE_3_PX = np.ones((3, 3), np.uint8)
SQUARE_CLOTH_PX = np.ones((MIN_CLOTH_PX, MIN_CLOTH_PX), np.uint8)
ZONE_RAMP = 1 / 6, 5 / 6  # share of a zone among a pixel's neighbours, over which alpha rises at the zone's rim


def make_clothes_opaque(rgb: Rgb, alpha: Alpha, wall: Wall, tints: Tints) -> Alpha:
    """Make clothes opaque that have the hue of the wall.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1], as limited by colours.
    wall, tints : Wall, Tints
        Measures of the wall and of hues.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere lower than given.
    """
    (seen,) = shrunk(alpha)
    cloth = _cloth(seen, wall, tints)
    if not cloth.any():
        return alpha
    (small,) = shrunk(rgb)
    where = between(seen, CLOTH_ALPHA_RAMP[0], MIN_OPAQUE_ALPHA)
    least, same = _asked(small, where, cloth, wall, tints)
    # Single pixels are noise: closing removes them.
    opaque = (seen >= MIN_OPAQUE_ALPHA).astype(np.uint8)
    demand = opaque.astype(np.float32)
    demand.put(where, least)
    demand, seen = (cv2.morphologyEx(layer, cv2.MORPH_CLOSE, SQUARE_3_PX) for layer in (demand, seen))
    person = (np.minimum(demand, seen) > MIN_DEMANDED_ALPHA).astype(np.uint8)
    found = cv2.resize(cloth, seen.shape[::-1], interpolation=cv2.INTER_NEAREST)
    found.put(where, same)
    found = cv2.morphologyEx(found & person, cv2.MORPH_CLOSE, SQUARE_3_PX)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, disc(MIN_HALF_BREADTH_SHARE * len(seen)))
    # Gaps between the cloth and opaque pixels are strands of hair on the cloth, or noise.
    gap = disc(MAX_HALF_GAP_SHARE * len(seen))
    found |= cv2.morphologyEx(found | opaque, cv2.MORPH_CLOSE, gap) & cv2.dilate(found, gap) & person
    where = between(alpha, CLOTH_ALPHA_RAMP[0], 1)
    known = at(stacked(cv2.blur(found.astype(np.float32), (3, 3)), seen), where, alpha.shape)
    low, high = CLOTH_ALPHA_RAMP
    share = known[:, 0] * np.clip((np.maximum(alpha.take(where), known[:, 1]) - low) / (high - low), 0, 1)
    return _filled(alpha, where, share)


def make_greys_opaque(alpha: Alpha, wall: Wall, tints: Tints) -> Alpha:
    """Make grey and white clothes opaque that are partly transparent over some breadth, before a coloured wall.

    Parameters
    ----------
    alpha, wall, tints : ndarray of float32, Wall, Tints
        See `make_clothes_opaque`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere lower than given.
    """
    seen = cv2.resize(alpha, tints.chroma.shape[::-1], interpolation=cv2.INTER_AREA)
    grey = (np.abs(tints.tinge) < MAX_GREY_TINGE * tints.chroma) & (tints.other < MAX_GREY_OTHER_HUE)
    grey &= (
        (grey_of(tints.light) > MIN_GREY_LIGHT * tints.grey)
        & (tints.holds * wall.plain > 0.5)
        & (seen > MIN_GREY_ALPHA)
    )
    # Cloth may continue beyond the picture, so its breadth is measured with the border repeated.
    faint = np.pad((grey & (seen < MAX_GREY_ALPHA)).astype(np.uint8), MIN_CLOTH_PX, mode="edge")
    faint = cv2.morphologyEx(faint, cv2.MORPH_OPEN, SQUARE_CLOTH_PX)[
        MIN_CLOTH_PX:-MIN_CLOTH_PX, MIN_CLOTH_PX:-MIN_CLOTH_PX
    ]
    if not faint.any():
        return alpha
    # The narrow rest of the same cloth lies beside the broad part.
    return _opaque(alpha, cv2.dilate(faint, SQUARE_CLOTH_PX) & grey)


def make_stones_opaque(alpha: Alpha, wall: Wall, tints: Tints) -> Alpha:
    """Make small pieces opaque whose hue is unlike the wall's and unlike that of the person nearby.

    Hues are compared along the axis that is neither grey nor the wall's hue. The wall is 0 on it, so that no mixture
    of the person and the wall has a greater or smaller value than the person.

    Parameters
    ----------
    alpha, wall, tints : ndarray of float32, Wall, Tints
        See `make_clothes_opaque`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere lower than given.
    """
    seen = cv2.resize(alpha, tints.chroma.shape[::-1], interpolation=cv2.INTER_AREA)
    red, green, blue = cv2.split(tints.hue)
    across = cv2.merge((blue - green, red - blue, green - red)) / np.float32(3**0.5)  # neither grey nor the wall's hue
    shown = dot(tints.light, across)
    least, most = measure_limits(shown, tints.inner)
    over = np.maximum(shown - most, least - shown)
    held = (tints.holds * wall.plain > 0.5) & (seen > MIN_STONE_ALPHA)
    # Larger pieces are clothes of a hue of their own, whose rims really are mixtures with the wall.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        ((over > MIDDLE_EXCESS) & held).astype(np.uint8), connectivity=8
    )
    small = stats[:, cv2.CC_STAT_AREA] <= (MAX_STONE_SIDE_SHARE * len(seen)) ** 2
    small[0] = False
    found = small[labels].astype(np.uint8)
    if not found.any():
        return alpha
    return _opaque(alpha, cv2.dilate(found, SQUARE_3_PX) & ((over > RIM_EXCESS) & held))


def find_cloth(alpha: Alpha, wall: Wall, tints: Tints) -> NDArray[np.uint8]:
    """Find where the hue of the wall is the person's own: cloth of that hue, and opaque pixels of its colour nearby.

    Parameters
    ----------
    alpha, wall, tints : ndarray of float32, Wall, Tints
        See `make_clothes_opaque`; alpha reduced as they are.

    Returns
    -------
    ndarray of uint8, shape (h, w)
        1 there, else 0, on the reduced picture.
    """
    cloth = _cloth(alpha, wall, tints)
    usual, near = _usual(cloth, tints)
    same = _similar(tints.tinge, dot(usual, tints.hue)) & _similar(grey_of(tints.light), grey_of(usual))
    same &= (near > MIN_CLOTH_SHARE) & (alpha > MIN_OPAQUE_ALPHA) & (tints.tinge > MIN_CLOTH_TINGE * tints.chroma)
    return cloth | same.astype(np.uint8)


def _opaque(alpha: Alpha, zone: NDArray[np.uint8]) -> Alpha:
    """Raise alpha to 1 in a zone of the reduced picture, with a smooth rim; pixels of the background stay."""
    where = between(alpha, MAX_BACKGROUND_ALPHA, 1)
    share = at(cv2.blur(zone.astype(np.float32), (3, 3)), where, alpha.shape)[:, 0]
    low, high = ZONE_RAMP
    return _filled(alpha, where, np.clip((share - low) / (high - low), 0, 1))


def _filled(alpha: Alpha, where: Places, share: NDArray[np.float32]) -> Alpha:
    """Raise alpha at places by a share of its difference from 1."""
    given, result = alpha.take(where), alpha.copy()
    result.put(where, given + (1 - given) * share)
    return result


def _cloth(alpha: Alpha, wall: Wall, tints: Tints) -> NDArray[np.uint8]:
    """Find opaque cloth of the wall's hue, on the reduced picture: 1 there, else 0."""
    opaque = cv2.resize(alpha, tints.chroma.shape[::-1], interpolation=cv2.INTER_AREA) > MIN_OPAQUE_ALPHA
    cloth = opaque & (tints.holds * wall.plain > 0.5) & (tints.tinge > MIN_CLOTH_TINGE * tints.chroma)
    cloth &= tints.hue[..., 2] > tints.hue[..., 0]
    return cv2.morphologyEx(cloth.astype(np.uint8), cv2.MORPH_OPEN, SQUARE_CLOTH_PX)


def _asked(
    small: Rgb, where: Places, cloth: NDArray[np.uint8], wall: Wall, tints: Tints
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the least alpha that colours demand at places, and whether they have the colour of cloth nearby."""
    usual, near = _usual(cloth, tints)
    layers = stacked(dot(usual, tints.hue), grey_of(usual), near, wall.hope * wall.plain, tints.hue, wall.hidden)
    known = at(layers, where, small.shape[:2])
    shown = light_at(cv2.blur(small, (3, 3)), where)
    same = _similar(dot(shown, known[:, 4:7]), known[:, 0]) & _similar(grey_of(shown), known[:, 1])
    # A pixel that is clearly brighter than the wall is not the wall.
    bright = grey_of(shown) / np.maximum(grey_of(known[:, 7:10]), 1e-3)
    least = np.maximum(compute_least_alpha(shown, known[:, 7:10]), ramp(bright, *BRIGHTER_RAMP))
    return least * known[:, 3], same & (known[:, 2] > MIN_CLOTH_SHARE)


def _usual(cloth: NDArray[np.uint8], tints: Tints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean light of the cloth nearby, and its share of the window."""
    share = cloth.astype(np.float32)
    near = blurred(share, CLOTH_WINDOW_SHARE)
    return blurred(tints.light * thrice(share), CLOTH_WINDOW_SHARE) / thrice(np.maximum(near, 1e-4)), near


def _similar(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return True where neither value is more than `MAX_CLOTH_CONTRAST` times the other."""
    return (one * MAX_CLOTH_CONTRAST > other) & (other * MAX_CLOTH_CONTRAST > one)
