"""Limit alpha by the colours of pixels, before a plain background.

A pixel mixes the light of the person and that of the background behind it:
``light = alpha * foreground + (1 - alpha) * wall``, all in linear light. Where the background is plain,
its light is known (:mod:`idphoto.matting.wall`), and this limits alpha from both sides.

**Lower limit.** The foreground lies between black and white. A pixel that is darker or brighter than
the wall therefore has at least some alpha: where dark hair shows a tenth of a blue wall, alpha is at
least nine tenths. A pixel cannot show more of a coloured wall than it has of its hue either: grey cloth
before blue shows none. JPEG stores hues at half the resolution, so that the hue around a pixel counts
too. A matte below this limit turns hair orange on a new background, because the wall's blue is removed
from hair that had none. Where all of the background is plain, the wall is also known behind the person.

**Upper limit.** If nothing of the person nearby is blue, a pixel that has a tenth of the wall's blue shows
a tenth of the wall. A matte above this limit keeps the old wall between curls, in earrings and along the
rim of hair. The limit holds only near the outline, since eyes may be as blue as any wall, and not where
clothes have that hue. Pixels that the network doubted count as doubted there, even if they have been
filled since (:mod:`idphoto.matting.solid`).

**Pockets.** Deeper inside, colour cannot tell a badge from a pocket: a part of the wall that is enclosed by
hair. The network is certain of badges (alpha within 0.003 of 1) and of few pockets. A pocket is no hole: it
is full of strands, and in their shade. Its alpha is lowered only by 0.004, which cannot be seen but marks it,
so that the wall's light is removed from its colours (:mod:`idphoto.matting.foreground`). Holes of a few pixels
are treated likewise; most of them are spectacles.

Both limits follow Smith and Blinn, "Blue Screen Matting", SIGGRAPH 1996, who solve for alpha with constraints
on colours. The thresholds were chosen on validation composites, and those of the upper limit by looking at
portraits before blue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.matting.clothes import make_clothes_opaque, make_greys_opaque, make_stones_opaque
from idphoto.matting.reduced import at, at_least, between, light_at, shrunk, stacked
from idphoto.matting.wall import (
    MAX_BACKGROUND_ALPHA,
    MIN_PERSON_ALPHA,
    blurred,
    compute_least_alpha,
    dot,
    grey_of,
    measure_wall,
    other_hue,
    ramp,
    reduced_size,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.matting.reduced import Places
    from idphoto.matting.wall import Tints, Wall
    from idphoto.portrait import Alpha, Rgb

__all__ = ["limit_alpha", "measure_doubt"]

# A name in _RAMP holds two values between which a weight rises from 0 to 1, or falls from 1 to 0.
# Lower limit.
FULL_LIMIT_ALPHA = 0.2  # alpha from which on the lower limit holds in full; fainter pixels are raised in part
CHROMA_SPREAD_SHARE = 0.0025  # distance over which JPEG spreads a hue, as a share of the height; 1 px at least
MAX_TRUSTED_DROP = 0.05  # pixels whose alpha was lowered by more may lie in the shade

# Upper limit; shares of the wall in a pixel, unless named otherwise.
SATURATION_RAMP = 0.5, 0.7  # saturation of a pixel by that of the wall; excludes what is only bluish, such as shirts
DOUBTED_SHARE_RAMP = 0.015, 0.08  # where alpha is doubted: a share of the wall that stands out from noise
CERTAIN_SHARE_RAMP = 0.65, 0.85  # where alpha is 1, and beside skin: only what is plainly the wall
SKIN_WINDOW_SHARE = 0.06  # window in which skin is looked for, as a share of the height
SKIN_TINGE_RAMP = 0.05, 0.15  # tinge of the opposite hue by the wall's chroma, from which on it is skin
DEPTH_RAMP = 0.055, 0.11  # distance from the outline, by the person's size, at which the limit ends
FILLED_DOUBT_RAMP = 0.015, 0.045  # doubt of the network at a pixel that has been filled since
FILLED_DEPTH_RAMP = 0.05, 0.06  # distance from the outline, by the person's size, at which that doubt ends to count

# Pockets.
DOUBT_RAMP = 0.003, 0.01  # doubt of the network: 1 - alpha
POCKET_TINGE_RAMP = 0.02, 0.06  # tinge by the wall's chroma; the wall lies in the shade there
POCKET_CHROMA_RAMP = 0.6, 0.7  # share of the wall's chroma by which it must exceed the person's greatest tinge nearby
POCKET_OTHER_HUE_RAMP = 0.08, 0.16  # chroma of other hues by the wall's, at which it is none
PIXEL_OTHER_HUE_RAMP, PIXEL_LIGHT_RAMP = (
    (0.16, 0.25),
    (1.1, 1.3),
)  # other hues and light of single pixels, by the wall's
POCKET_DEPTH_RAMP = 0.22, 0.28  # distance from the outline, by the person's size; badges lie deeper
POCKET_ALPHA_DROP = 0.004  # invisible; colours are corrected where alpha is below 1

# Specks: holes of a few pixels.
MAX_SPECK_SIDE_SHARE, MAX_SPECK_ALPHA = 0.012, 0.75  # side of a square of the same area, by the height; alpha
MIN_SPECK_SURROUNDING_ALPHA = 0.95  # least mean alpha around a speck


def measure_doubt(alpha: Alpha) -> Alpha:
    """Return 1 - alpha on the reduced picture: the network's doubt that a pixel is the person.

    `alpha` must be the network's own, before holes are filled. It is seldom quite 1 in a pocket of the wall
    enclosed by hair, and it is 1 on the blue of a badge or a tie.
    """
    return np.subtract(1, cv2.resize(alpha, reduced_size(alpha.shape), interpolation=cv2.INTER_AREA))


def limit_alpha(rgb: Rgb, alpha: Alpha, doubted: Alpha | None = None) -> Alpha:
    """Limit alpha from below and above by the colours of pixels.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].
    doubted : ndarray of float32, optional
        Result of `measure_doubt`; without it, nothing is lowered far from the outline.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha. It stays 0 where it was 0, except in holes of a few pixels before a coloured wall.
    """
    if not len(between(alpha, MAX_BACKGROUND_ALPHA, 1)):
        return alpha
    looked = measure_wall(rgb, alpha)
    if looked is None:
        return alpha
    seen, wall, tints = looked
    result = alpha.copy()
    if tints.holds.any():
        _lower(rgb, result, seen, tints, np.zeros_like(seen) if doubted is None else doubted)
    _raise(rgb, result, alpha, wall)
    holds = tints.holds * wall.plain
    if holds.any():
        _raise_by_hue(rgb, result, tints, holds)
        result = make_clothes_opaque(rgb, _without_specks(result, holds), wall, tints)
        result = make_stones_opaque(make_greys_opaque(result, wall, tints), wall, tints)
    return result


def _raise(rgb: Rgb, alpha: Alpha, before: Alpha, wall: Wall) -> None:
    """Raise alpha, in place, to the least value that the light of a pixel allows.

    `before` is alpha as it was before the upper limit was applied.
    """
    where = between(alpha, MAX_BACKGROUND_ALPHA, 1)
    behind = wall.light + (wall.hidden - wall.light) * wall.plain
    known = at(stacked(behind, wall.trust, wall.hope * wall.plain), where, alpha.shape)
    behind, trust, hope = known[:, :3], known[:, 3], known[:, 4]
    given = alpha.take(where)
    # Pixels that were lowered often lie in pockets, where the wall is darker than elsewhere.
    trust = np.where(before.take(where) - given > MAX_TRUSTED_DROP, trust, np.maximum(trust, hope))
    alpha.put(where, _raised(given, compute_least_alpha(light_at(rgb, where), behind) * trust))


def _raise_by_hue(rgb: Rgb, alpha: Alpha, tints: Tints, holds: NDArray[np.float32]) -> None:
    """Raise alpha, in place, to the least value that the hue of a pixel allows."""
    where = between(alpha, MAX_BACKGROUND_ALPHA, 1)
    known = at(stacked(tints.hue, tints.least, tints.chroma, holds), where, alpha.shape)

    def unlike(where: Places, known: NDArray[np.float32]) -> NDArray[np.float32]:
        tint, least, chroma = dot(light_at(rgb, where), known[:, :3]), known[:, 3], known[:, 4]
        return np.clip(1 - (tint - least) / np.maximum(chroma - least, 0.02), 0, 1) * known[:, 5]

    some = np.flatnonzero(unlike(where, known) > alpha.take(where))
    where, known = where[some], known[some]
    given = alpha.take(where)
    least = np.ones_like(given)
    # JPEG stores hues at half the resolution: along an edge they are a mixture of both sides.
    height, width = alpha.shape
    reach = max(1, round(CHROMA_SPREAD_SHARE * height))
    rows = where // width
    columns = where - rows * width
    for down, across in ((0, 0), (-reach, 0), (reach, 0), (0, -reach), (0, reach)):
        beside = np.clip(rows + down, 0, height - 1) * width + np.clip(columns + across, 0, width - 1)
        least = np.minimum(least, unlike(beside, known))
    alpha.put(where, _raised(given, least))


def _raised(given: NDArray[np.float32], least: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raise alpha to the limit `least`; pixels of nearly no alpha are raised in part."""
    return np.maximum(given, least * np.minimum(given / FULL_LIMIT_ALPHA, 1))


def _without_specks(alpha: Alpha, holds: NDArray[np.float32]) -> Alpha:
    """Close holes of a few pixels, which are spectacles, or wall between a few strands of hair."""
    (small,) = shrunk(alpha)
    low = (small < MAX_SPECK_ALPHA).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(low, connectivity=8)
    speck = stats[:, cv2.CC_STAT_AREA] <= (MAX_SPECK_SIDE_SHARE * len(small)) ** 2
    speck[0] = False
    for border in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        speck[border] = False
    found = speck[labels] & (cv2.resize(holds, small.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5)
    if not found.any():
        return alpha
    # The fringe of hair is full of real holes, and earrings have holes with thin rims: both are kept.
    around = cv2.blur(np.where(found, np.float32(1), small), (9, 9))
    speck[labels[found & (around < MIN_SPECK_SURROUNDING_ALPHA)]] = False
    found &= speck[labels]
    found = cv2.dilate(found.astype(np.uint8), np.ones((5, 5), np.uint8))  # with their rims
    return at_least(alpha, found * np.float32(1 - POCKET_ALPHA_DROP))


def _lower(rgb: Rgb, alpha: Alpha, seen: Alpha, tints: Tints, doubted: Alpha) -> None:
    """Lower alpha, in place, to the greatest value that the hue of a pixel allows.

    `seen` is the reduced alpha. The network's doubt around a pixel (`doubted`) decides deep inside the person.
    """
    inside = ramp(cv2.dilate(doubted, np.ones((5, 5), np.uint8)), *DOUBT_RAMP)
    chroma, most, depth, tinge = tints.chroma, tints.most, tints.depth, tints.tinge
    # Skin has the opposite hue of blue. Thin blue things beside it are spectacles and are kept.
    beside = blurred(tinge * tints.inner, SKIN_WINDOW_SHARE) / np.maximum(blurred(tints.inner, SKIN_WINDOW_SHARE), 1e-4)
    skin = ramp(-beside, SKIN_TINGE_RAMP[0] * chroma, SKIN_TINGE_RAMP[1] * chroma)
    holds = tints.holds * ramp(chroma - most, 0.25 * chroma, 0.5 * chroma)
    shallow, deep = np.sqrt(float(seen.sum())) * np.array(DEPTH_RAMP)
    close = np.clip((deep - depth) / (deep - shallow), 0, 1)
    far, farthest = np.sqrt(float(seen.sum())) * np.array(POCKET_DEPTH_RAMP)
    pocket = holds * inside * np.clip((farthest - depth) / (farthest - far), 0, 1)
    pocket *= ramp(chroma - most, POCKET_CHROMA_RAMP[0] * chroma, POCKET_CHROMA_RAMP[1] * chroma)
    pocket *= ramp(tinge / np.maximum(chroma, 1e-3), *POCKET_TINGE_RAMP) * (
        1 - ramp(tints.other, *POCKET_OTHER_HUE_RAMP)
    )
    pocket = cv2.dilate(pocket, np.ones((3, 3), np.uint8))  # with the strands of hair between them
    holds = holds * close
    rim, end = np.sqrt(float(seen.sum())) * np.array(FILLED_DEPTH_RAMP)
    filled = ramp(doubted, *FILLED_DOUBT_RAMP) * np.clip((end - depth) / (end - rim), 0, 1)
    over = np.maximum(chroma - most, 0.02)
    saturation = chroma / np.maximum(tints.grey, 1e-3)
    tinged = ((tinge - most) * holds > DOUBTED_SHARE_RAMP[0] / 2 * over) | (pocket > 0.1)
    tinged &= seen > MAX_BACKGROUND_ALPHA
    if not tinged.any():
        return
    tinged = cv2.dilate(tinged.astype(np.uint8), np.ones((3, 3), np.uint8))
    tinged = cv2.resize(tinged, alpha.shape[::-1], interpolation=cv2.INTER_NEAREST)
    where = np.flatnonzero((tinged > 0) & (alpha > MAX_BACKGROUND_ALPHA))
    layers = stacked(tints.hue, most, over, holds, saturation, skin, pocket, inside, chroma, filled)
    known = at(layers, where, alpha.shape)
    light = light_at(rgb, where)
    tint = dot(light, known[:, :3])
    grey = grey_of(light)
    pure = tint / np.maximum(grey * known[:, 6], 1e-4)
    share = (tint - known[:, 3]) / known[:, 4]
    given = alpha.take(where)
    doubt = np.maximum(ramp(1 - given, 0.0, 1 - MIN_PERSON_ALPHA), known[:, 11]) * (1 - known[:, 7])
    # A lens that mirrors something blue is blue itself, but the network is certain of it.
    sure = np.maximum(1 - known[:, 7], known[:, 9])
    believed = doubt * ramp(share, *DOUBTED_SHARE_RAMP) + (1 - doubt) * ramp(share, *CERTAIN_SHARE_RAMP) * sure
    share = np.clip(share, 0, 1) * believed * ramp(pure, *SATURATION_RAMP) * known[:, 5]
    # Turquoise stones, which have another hue, and collars, which are brighter, are not the wall.
    other = other_hue(light, grey, tint) / np.maximum(known[:, 10], 1e-3)
    bright = grey * known[:, 6] / np.maximum(known[:, 10], 1e-3)
    pocket = known[:, 8] * (1 - ramp(other, *PIXEL_OTHER_HUE_RAMP)) * (1 - ramp(bright, *PIXEL_LIGHT_RAMP))
    alpha.put(where, np.minimum(given, 1 - np.maximum(share, POCKET_ALPHA_DROP * pocket)))
