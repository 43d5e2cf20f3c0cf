"""Clothes of the wall's hue, before it: whole to their rim.

A blue coat before a blue wall is what a network doubts most, and what the rules for hues must leave
alone. Yet a coat that is darker than the wall, or brighter, cannot be the wall: colours demand nearly
all of alpha there (:mod:`idphoto.matting.bounds`), and what they leave open is that no cloth is black.
Where there is opaque cloth of the wall's hue, what lies close to it, has its colour and is demanded
nearly in full over some breadth is the same cloth. Dark hair before the same wall is not: its rim mixes
with the wall, and has not the colour of any cloth. Skin and brown hair have more red than blue: before
walls that have so, too, they cannot be told from cloth, and nothing is done.

Grey and white clothes have none of a coloured wall's hue, and are demanded for that; but not in full, since
brown hair and a little of the wall are grey together. Nothing mixes to the same grey over some breadth:
there, they are whole as well. Nor does anything mix to a hue that neither the person nor the wall has:
it is a stone.

The thresholds were set by looking at portraits before blue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.matting.reduced import at, between, disc, light_at, shrunk, stacked
from idphoto.matting.wall import NOBODY, WHOLE, blurred, demanded, dot, grey_of, limits_of, ramp, thrice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.matting.reduced import Places
    from idphoto.matting.wall import Tints, Wall
    from idphoto.portrait import Alpha, Rgb

__all__ = ["like_cloth", "whole_clothes", "whole_greys", "whole_stones"]

ALIKE = 0.15  # share of the wall's chroma that cloth of its hue has, at least
WIDE = 5  # pixels of the reduced picture: the breadth of opaque cloth, at least; pockets in hair are narrower
NEAR, SOME = 0.3, 0.001  # window around it (share of the height), and the share of that which is cloth, at least
SIMILAR = 4.0  # how many times brighter or darker the same cloth may be
DEMANDED = 0.75  # of alpha, by colours
BRIGHT = 1.25, 1.5  # light, as a share of the wall's
BROAD = 0.006  # share of the height: half the breadth of what is made whole, at least
GAP = 0.0085  # the same of what is closed beside it, at most
SINGLE = np.ones((3, 3), np.uint8)
RIM = 0.6, 0.85  # alpha that stays as it is, and alpha that becomes opaque
GREY = 0.1, 0.2  # chroma of the wall's hue and of others that grey cloth has at most, as shares of the wall's
LIGHT = 0.5  # its light, as a share of the wall's, at least: of black, hues say nothing
FAINT = 0.05  # alpha of stones, at least
OWN = 0.03, 0.07  # how much more of a hue (linear light) they have at their rim, and in their middle, at least
STONE = 0.05  # breadth of stones (share of the height), at most
SEEN = 0.15, 0.95  # alpha of what is made whole
PIECE = np.ones((WIDE, WIDE), np.uint8)
SMOOTH = 1 / 6, 5 / 6  # share of a smoothed zone's pixels, between which it comes to count


def whole_clothes(rgb: Rgb, alpha: Alpha, wall: Wall, tints: Tints) -> Alpha:
    """Make clothes opaque that have the hue of the wall behind them.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1], as bounded by colours.
    wall, tints : Wall, Tints
        What is known about the wall, and about hues.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere less.
    """
    (seen,) = shrunk(alpha)
    cloth = _cloth(seen, wall, tints)
    if not cloth.any():
        return alpha
    (small,) = shrunk(rgb)
    where = between(seen, RIM[0], WHOLE)
    least, same = _asked(small, where, cloth, wall, tints)
    # Single pixels are noise.
    opaque = (seen >= WHOLE).astype(np.uint8)
    demand = opaque.astype(np.float32)
    demand.put(where, least)
    demand, seen = (cv2.morphologyEx(layer, cv2.MORPH_CLOSE, SINGLE) for layer in (demand, seen))
    person = (np.minimum(demand, seen) > DEMANDED).astype(np.uint8)
    found = cv2.resize(cloth, seen.shape[::-1], interpolation=cv2.INTER_NEAREST)
    found.put(where, same)
    found = cv2.morphologyEx(found & person, cv2.MORPH_CLOSE, SINGLE)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, disc(BROAD * len(seen)))
    # What is left between it and what is opaque is neither: strands that lie on it, and noise.
    gap = disc(GAP * len(seen))
    found |= cv2.morphologyEx(found | opaque, cv2.MORPH_CLOSE, gap) & cv2.dilate(found, gap) & person
    where = between(alpha, RIM[0], 1)
    known = at(stacked(cv2.blur(found.astype(np.float32), (3, 3)), seen), where, alpha.shape)
    low, high = RIM
    share = known[:, 0] * np.clip((np.maximum(alpha.take(where), known[:, 1]) - low) / (high - low), 0, 1)
    return _filled(alpha, where, share)


def whole_greys(alpha: Alpha, wall: Wall, tints: Tints) -> Alpha:
    """Make grey and white clothes opaque where they are let through before a coloured wall, over some breadth.

    Parameters
    ----------
    alpha, wall, tints : ndarray of float32, Wall, Tints
        See `whole_clothes`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere less.
    """
    seen = cv2.resize(alpha, tints.chroma.shape[::-1], interpolation=cv2.INTER_AREA)
    grey = (np.abs(tints.tinge) < GREY[0] * tints.chroma) & (tints.other < GREY[1])
    grey &= (grey_of(tints.light) > LIGHT * tints.grey) & (tints.holds * wall.plain > 0.5) & (seen > SEEN[0])
    # Cloth goes on beyond the picture.
    faint = np.pad((grey & (seen < SEEN[1])).astype(np.uint8), WIDE, mode="edge")
    faint = cv2.morphologyEx(faint, cv2.MORPH_OPEN, PIECE)[WIDE:-WIDE, WIDE:-WIDE]
    if not faint.any():
        return alpha
    # The rest of the same cloth lies beside it.
    return _opaque(alpha, cv2.dilate(faint, PIECE) & grey)


def whole_stones(alpha: Alpha, wall: Wall, tints: Tints) -> Alpha:
    """Make opaque what is of another hue, before a coloured wall, than anything of the person nearby.

    No mixture of the person and the wall has more of a hue, neither the wall's nor its opposite, than the person.

    Parameters
    ----------
    alpha, wall, tints : ndarray of float32, Wall, Tints
        See `whole_clothes`.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere less.
    """
    seen = cv2.resize(alpha, tints.chroma.shape[::-1], interpolation=cv2.INTER_AREA)
    red, green, blue = cv2.split(tints.hue)
    across = cv2.merge((blue - green, red - blue, green - red)) / np.float32(3**0.5)  # neither grey nor the wall's hue
    shown = dot(tints.light, across)
    least, most = limits_of(shown, tints.inner)
    over = np.maximum(shown - most, least - shown)
    held = (tints.holds * wall.plain > 0.5) & (seen > FAINT)
    # Clothes of their own hue have rims that are mixtures with the wall.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(((over > OWN[1]) & held).astype(np.uint8), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= (STONE * len(seen)) ** 2
    small[0] = False
    found = small[labels].astype(np.uint8)
    if not found.any():
        return alpha
    return _opaque(alpha, cv2.dilate(found, SINGLE) & ((over > OWN[0]) & held))


def like_cloth(alpha: Alpha, wall: Wall, tints: Tints) -> NDArray[np.uint8]:
    """Where the hue of the wall is the person's own: cloth of that hue, and what is opaque and has its colour nearby.

    Parameters
    ----------
    alpha, wall, tints : ndarray of float32, Wall, Tints
        See `whole_clothes`; alpha reduced as they are.

    Returns
    -------
    ndarray of uint8, shape (h, w)
        1 there, on the reduced picture.
    """
    cloth = _cloth(alpha, wall, tints)
    usual, near = _usual(cloth, tints)
    same = _similar(tints.tinge, dot(usual, tints.hue)) & _similar(grey_of(tints.light), grey_of(usual))
    same &= (near > SOME) & (alpha > WHOLE) & (tints.tinge > ALIKE * tints.chroma)
    return cloth | same.astype(np.uint8)


def _opaque(alpha: Alpha, zone: NDArray[np.uint8]) -> Alpha:
    """Alpha that is 1 in a zone of the reduced picture, wherever there is somebody, with a smooth rim."""
    where = between(alpha, NOBODY, 1)
    share = at(cv2.blur(zone.astype(np.float32), (3, 3)), where, alpha.shape)[:, 0]
    low, high = SMOOTH
    return _filled(alpha, where, np.clip((share - low) / (high - low), 0, 1))


def _filled(alpha: Alpha, where: Places, share: NDArray[np.float32]) -> Alpha:
    """Alpha that has a share more, at some places, of what it lacks of 1 there."""
    given, result = alpha.take(where), alpha.copy()
    result.put(where, given + (1 - given) * share)
    return result


def _cloth(alpha: Alpha, wall: Wall, tints: Tints) -> NDArray[np.uint8]:
    """Opaque cloth of the wall's hue, on the reduced picture."""
    opaque = cv2.resize(alpha, tints.chroma.shape[::-1], interpolation=cv2.INTER_AREA) > WHOLE
    cloth = opaque & (tints.holds * wall.plain > 0.5) & (tints.tinge > ALIKE * tints.chroma)
    cloth &= tints.hue[..., 2] > tints.hue[..., 0]
    return cv2.morphologyEx(cloth.astype(np.uint8), cv2.MORPH_OPEN, PIECE)


def _asked(
    small: Rgb, where: Places, cloth: NDArray[np.uint8], wall: Wall, tints: Tints
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """What is demanded of pixels of the smaller picture, and whether they have the colour of cloth nearby."""
    usual, near = _usual(cloth, tints)
    layers = stacked(dot(usual, tints.hue), grey_of(usual), near, wall.hope * wall.plain, tints.hue, wall.hidden)
    known = at(layers, where, small.shape[:2])
    shown = light_at(cv2.blur(small, (3, 3)), where)
    same = _similar(dot(shown, known[:, 4:7]), known[:, 0]) & _similar(grey_of(shown), known[:, 1])
    # What is brighter than the wall is no wall.
    bright = grey_of(shown) / np.maximum(grey_of(known[:, 7:10]), 1e-3)
    least = np.maximum(demanded(shown, known[:, 7:10]), ramp(bright, *BRIGHT))
    return least * known[:, 3], same & (known[:, 2] > SOME)


def _usual(cloth: NDArray[np.uint8], tints: Tints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Light of the cloth nearby, and how much of it there is."""
    share = cloth.astype(np.float32)
    near = blurred(share, NEAR)
    return blurred(tints.light * thrice(share), NEAR) / thrice(np.maximum(near, 1e-4)), near


def _similar(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether neither is more than `SIMILAR` times the other."""
    return (one * SIMILAR > other) & (other * SIMILAR > one)
