"""Remove holes inside the person and scraps beside it from a matte.

A network finds edges wherever something looks like one. Transparency deep inside a person, and
pieces that are kept at some distance from one, are mistakes whatever their cause. The thresholds
were chosen on validation composites, so that the errors there do not rise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from idphoto.matting.reduced import at, at_least, between, disc, shrunk, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["fade_scraps", "fill_bites", "fill_holes", "make_solid"]

# Holes. Loops of hair and of earrings are real holes, and lie nearer to the background than this.
MIN_HOLE_DEPTH_SHARE = 0.03  # least distance of a hole from the background, as a share of the height
MAX_HOLE_ALPHA = 0.98  # pixels below this alpha can be holes
MAX_GAP_PROBABILITY = 0.6  # mean of the person mask up to which a hole at the border is a gap in the mask as well

# Bites out of a sleeve that runs along the border of the picture.
MAX_BITE_ALPHA = 0.9  # pixels below this alpha can be bites
MAX_BITE_LENGTH_SHARE, MIN_BITE_DISTANCE_SHARE = 0.1, 0.01  # length by border; distance from background by height
MIN_TINT_DIFFERENCE = 0.3  # least difference of a bite's tint from that of the background

# Transparency deep inside the person mask, and amid pixels that are nearly opaque.
CERTAIN_PROBABILITY = 0.99  # person mask
MASK_DEPTH_RAMP = 0.015, 0.025  # distance from the mask's edge, as shares of the height: trust rises from 0 to 1
INSIDE_ALPHA_RAMP = 0.4, 0.7  # where the mask is trusted: alpha that stays as it is, and alpha that becomes 1
# Half the side of a window, as a share of the height. No edge is so broad that the least alpha in it reaches the ramp.
OPAQUE_WINDOW_SHARE, OPAQUE_WINDOW_RAMP = 0.015, (0.75, 0.85)

# Scraps beside the person.
MIN_PIECE_ALPHA = 0.3  # pixels above this alpha form pieces
MAX_SCRAP_DISTANCE_SHARE = 0.008  # pieces further from a person than this share of the height are dropped
MIN_PERSON_AREA_SHARE = 1 / 20  # a piece with at least this share of the largest piece's area is a person
FAINT_DISTANCE_RAMP = 0.02, 0.04  # distance, as shares of the height, over which fainter pixels fade to 0


def make_solid(alpha: Alpha, coarse: Alpha) -> Alpha:
    """Fill holes inside the person, and drop pieces that float beside it.

    Parameters
    ----------
    alpha, coarse : ndarray of float32, shape (H, W)
        The matte, and the person mask that it was refined from, in [0, 1].

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha.
    """
    height, width = alpha.shape
    small, seen = shrunk(alpha, coarse)
    believed, broad = _beliefs(small, seen)
    before = _opaque(small, believed, broad)
    after = fill_holes(fade_scraps(before), seen)
    if small.shape == alpha.shape:
        return after
    result = alpha.copy()
    where = between(alpha, INSIDE_ALPHA_RAMP[0], 1)
    if len(where):
        known = at(stacked(believed, broad), where, alpha.shape)
        result.put(where, _opaque(alpha.take(where), known[:, 0], known[:, 1]))
    share = np.ones_like(before)
    np.divide(after, before, out=share, where=after < before)
    # A dropped piece reaches one pixel further than the reduced picture shows. Fades are smooth at both ends.
    share[cv2.dilate(((after == 0) & (before > 0)).astype(np.uint8), disc(1)) > 0] = 0
    if (share < 1).any():
        result *= cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
    # A filled hole lies inside the person, and may reach one pixel further as well.
    changed = cv2.dilate((after > before).astype(np.uint8), disc(1))
    if changed.any():
        result[cv2.resize(changed, (width, height), interpolation=cv2.INTER_NEAREST) > 0] = 1
    return result


def _beliefs(alpha: Alpha, coarse: Alpha) -> tuple[Alpha, Alpha]:
    """Return two layers in [0, 1]: how deep pixels lie in the person mask, and how opaque all pixels around are."""
    height = len(alpha)
    depth = cv2.distanceTransform((coarse > CERTAIN_PROBABILITY).astype(np.uint8), cv2.DIST_L2, 5) / height
    side = 2 * max(1, round(OPAQUE_WINDOW_SHARE * height)) + 1
    least = cv2.erode(alpha, np.ones((side, side), np.uint8), borderValue=1)
    believed, broad = (
        np.clip((layer - low) / (high - low), 0, 1)
        for layer, (low, high) in ((depth, MASK_DEPTH_RAMP), (least, OPAQUE_WINDOW_RAMP))
    )
    return believed, broad


def _opaque(given: Alpha, believed: Alpha, broad: Alpha) -> Alpha:
    """Raise alpha where the mask is trusted and alpha is high, and where all pixels around are nearly opaque."""
    low, high = INSIDE_ALPHA_RAMP
    inside = believed * np.clip((given - low) / (high - low), 0, 1)
    return np.maximum(np.maximum(given, inside), given + (1 - given) * broad)


def fill_holes(alpha: Alpha, coarse: Alpha) -> Alpha:
    """Fill holes: regions of low alpha that are at least `MIN_HOLE_DEPTH_SHARE` away from the background.

    The background is every region of low alpha that reaches the upper, left or right border. The person stands on
    the lower border, so that a region that reaches only this one is a hole too, unless the person mask also has a
    gap there: then it is a gap beside an arm.
    """
    low = (alpha < MAX_HOLE_ALPHA).astype(np.uint8)
    count, labels = cv2.connectedComponents(low, connectivity=8)
    outside = np.zeros(count, dtype=bool)
    for border in (labels[0], labels[:, 0], labels[:, -1]):
        outside[border] = True
    outside[0] = False
    if count - 1 == outside.sum() or not outside.any():
        return alpha
    reached = outside[labels]
    near = cv2.distanceTransform((~reached).astype(np.uint8), cv2.DIST_L2, 3) <= MIN_HOLE_DEPTH_SHARE * alpha.shape[0]
    island = ~outside
    island[labels[near]] = False
    island[0] = False
    below = np.unique(labels[-1])
    for label in below[island[below]]:
        island[label] = coarse[labels == label].mean() > MAX_GAP_PROBABILITY
    return np.where(island[labels], np.float32(1), alpha) if island.any() else alpha


def fill_bites(alpha: Alpha, coarse: Alpha, rgb: Rgb) -> Alpha:
    """Fill short bites out of a person along the lower, left or right border.

    A bite is a short run of low alpha below or beside opaque pixels of the border: a sleeve that runs along the
    border and was taken for background. It is not filled if it is a gap in the person mask as well, or if its tint is
    that of the background: then it is a gap between hair and shoulder, or between an arm and the body.

    Parameters
    ----------
    alpha, coarse : ndarray of float32, shape (H, W)
        The matte, after all other corrections, and the person mask that it was refined from.
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha.
    """
    if not any(_bites(border) for border in _borders(alpha)):
        return alpha
    small, mask, seen = shrunk(alpha, coarse, rgb)
    count, labels = cv2.connectedComponents((small < MAX_BITE_ALPHA).astype(np.uint8), connectivity=8)
    outside, bitten = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    outside[labels[0]] = True
    for border, along in zip(_borders(small), _borders(labels), strict=True):
        rest = along.copy()
        for first, last in _bites(border):
            bitten[rest[first:last]] = True
            rest[first:last] = 0
        outside[rest] = True
    # A region that also reaches the border elsewhere, or lies close to one that does, is no bite.
    outside[0] = False
    background = outside[labels]
    away = cv2.distanceTransform((~background).astype(np.uint8), cv2.DIST_L2, 3)
    bitten[labels[away <= MIN_BITE_DISTANCE_SHARE * len(small)]] = False
    bitten[0] = False
    changed = np.zeros(small.shape, dtype=np.uint8)
    for label in np.flatnonzero(bitten):
        bite = labels == label
        if mask[bite].mean() <= MAX_GAP_PROBABILITY:
            continue
        middle = small.shape[1] // 2
        left = 2 * np.flatnonzero(bite.any(axis=0)).mean() < small.shape[1]
        half = np.s_[:, :middle] if left else np.s_[:, middle:]
        if np.abs(_tint(seen[bite]) - _tint(seen[half][background[half]])).max() > MIN_TINT_DIFFERENCE:
            changed[bite] = 1
    if not changed.any():
        return alpha
    # The rim of a bite, where alpha is between `MAX_BITE_ALPHA` and 1, is filled with it.
    changed = cv2.dilate(changed, disc(OPAQUE_WINDOW_SHARE * len(small)))
    return at_least(alpha, changed.astype(np.float32))


def _tint(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the mean colour, divided by its largest channel."""
    mean = pixels.mean(axis=0, dtype=np.float32) if len(pixels) else np.zeros(3, np.float32)
    return np.asarray(mean / np.maximum(mean.max(), 1))


def _borders(layer: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return the left and the right border from the top down, and the lower border."""
    return layer[:, 0], layer[:, -1], layer[-1]


def _bites(border: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Return the short runs of low alpha along a border that begin after its first pixel, as (first, last)."""
    ends = np.flatnonzero(np.diff(border < MAX_BITE_ALPHA, prepend=False, append=False)).reshape(-1, 2)
    return [
        (int(first), int(last))
        for first, last in ends
        if first > 0 and last - first <= MAX_BITE_LENGTH_SHARE * len(border)
    ]


def fade_scraps(alpha: Alpha) -> Alpha:
    """Drop pieces that neither belong to a person nor lie close to one.

    Faint pixels around the person are fine hair. They are not cut off, but fade with the distance.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > MIN_PIECE_ALPHA).astype(np.uint8))
    if count < 2:
        return alpha
    height = alpha.shape[0]
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    people = (areas >= MIN_PERSON_AREA_SHARE * areas.max())[labels]
    away = cv2.distanceTransform((~people).astype(np.uint8), cv2.DIST_L2, 5)
    thin, gone = FAINT_DISTANCE_RAMP
    kept = alpha * np.clip((gone * height - away) / ((gone - thin) * height), 0, 1)
    scraps = (labels > 0) & (away > MAX_SCRAP_DISTANCE_SHARE * height)
    if scraps.any():
        nearer = cv2.distanceTransform((~scraps).astype(np.uint8), cv2.DIST_L2, 5) < away
        kept[nearer & (away > MAX_SCRAP_DISTANCE_SHARE * height)] = 0
    return np.where(people, alpha, kept)
