"""One body: no holes in it, and nothing that floats beside it.

A network sees edges wherever something looks like one. What is let through deep within a person,
or kept of a flag at some distance from one, is a mistake whatever its cause. The thresholds were
chosen on validation composites: the errors stay what they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from idphoto.matting.reduced import at, at_least, between, disc, shrunk, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

__all__ = ["filled", "solid", "without_bites", "without_scraps"]

DEPTH = 0.03  # share of the height; the loops of hair and of earrings, which are real holes, lie nearer to the edge
OPAQUE = 0.98
BITTEN = 0.9  # alpha below which a sleeve at the border may have been bitten
BITE, SHALLOW = 0.1, 0.01  # length of bites out of it, at most (share of the border), and depth, at least (of height)
GAP = 0.6  # mean of the silhouette, up to which it has a gap there, too
OTHER = 0.3  # difference of their tint from the background's, at least
CERTAIN = 0.99  # coarse mask
INSIDE = 0.015, 0.025  # shares of the height from the coarse mask's edge, between which it comes to be believed
LEVELS = 0.4, 0.7  # alpha that remains nothing, and alpha that becomes opaque, where it is
BROAD, LEAST = 0.015, (0.75, 0.85)  # half a window, as a share of the height, and its least alpha: no edge is so broad
HELD, FAR, PERSON = 0.3, 0.008, 1 / 20  # alpha that holds together; share of the height; share of the largest piece
THIN, GONE = 0.02, 0.04  # shares of the height between which what is fainter than `HELD` fades away


def solid(alpha: Alpha, coarse: Alpha) -> Alpha:
    """Fill what is let through inside the person, and drop what floats beside them.

    Parameters
    ----------
    alpha, coarse : ndarray of float32, shape (H, W)
        The matte and the silhouette that it was refined from, in [0, 1].

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha.
    """
    height, width = alpha.shape
    small, seen = shrunk(alpha, coarse)
    believed, broad = _beliefs(small, seen)
    before = _opaque(small, believed, broad)
    after = filled(without_scraps(before), seen)
    if small.shape == alpha.shape:
        return after
    result = alpha.copy()
    where = between(alpha, LEVELS[0], 1)
    if len(where):
        known = at(stacked(believed, broad), where, alpha.shape)
        result.put(where, _opaque(alpha.take(where), known[:, 0], known[:, 1]))
    share = np.ones_like(before)
    np.divide(after, before, out=share, where=after < before)
    # What is dropped reaches a pixel further than was seen; both ends of a fade are smooth.
    share[cv2.dilate(((after == 0) & (before > 0)).astype(np.uint8), disc(1)) > 0] = 0
    if (share < 1).any():
        result *= cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
    # What is filled lies inside the person, and may reach as far, too.
    changed = cv2.dilate((after > before).astype(np.uint8), disc(1))
    if changed.any():
        result[cv2.resize(changed, (width, height), interpolation=cv2.INTER_NEAREST) > 0] = 1
    return result


def _beliefs(alpha: Alpha, coarse: Alpha) -> tuple[Alpha, Alpha]:
    """How far each pixel lies within the silhouette, and how far amid what is nearly opaque; 1 is enough."""
    height = len(alpha)
    depth = cv2.distanceTransform((coarse > CERTAIN).astype(np.uint8), cv2.DIST_L2, 5) / height
    side = 2 * max(1, round(BROAD * height)) + 1
    least = cv2.erode(alpha, np.ones((side, side), np.uint8), borderValue=1)
    believed, broad = (
        np.clip((layer - low) / (high - low), 0, 1) for layer, (low, high) in ((depth, INSIDE), (least, LEAST))
    )
    return believed, broad


def _opaque(given: Alpha, believed: Alpha, broad: Alpha) -> Alpha:
    """Make opaque what is mostly person where it is believed to be, and what is nearly so for long."""
    low, high = LEVELS
    inside = believed * np.clip((given - low) / (high - low), 0, 1)
    return np.maximum(np.maximum(given, inside), given + (1 - given) * broad)


def filled(alpha: Alpha, coarse: Alpha) -> Alpha:
    """Fill islands of alpha below 1 that are `DEPTH` away from all that reaches the upper or a lateral border.

    The person stands on the lower one; but where the silhouette has an island there, too, it is a gap beside an arm.
    """
    low = (alpha < OPAQUE).astype(np.uint8)
    count, labels = cv2.connectedComponents(low, connectivity=8)
    outside = np.zeros(count, dtype=bool)
    for border in (labels[0], labels[:, 0], labels[:, -1]):
        outside[border] = True
    outside[0] = False
    if count - 1 == outside.sum() or not outside.any():
        return alpha
    reached = outside[labels]
    near = cv2.distanceTransform((~reached).astype(np.uint8), cv2.DIST_L2, 3) <= DEPTH * alpha.shape[0]
    island = ~outside
    island[labels[near]] = False
    island[0] = False
    below = np.unique(labels[-1])
    for label in below[island[below]]:
        island[label] = coarse[labels == label].mean() > GAP
    return np.where(island[labels], np.float32(1), alpha) if island.any() else alpha


def without_bites(alpha: Alpha, coarse: Alpha, rgb: Rgb) -> Alpha:
    """Fill short bites out of a person along the lower border, or a lateral one that they have reached further up.

    It is a sleeve that runs along the border there. A gap between hair and shoulder, or between an arm and the body,
    has the background's tint, or is one in the silhouette, too.

    Parameters
    ----------
    alpha, coarse : ndarray of float32, shape (H, W)
        The matte, after all else, and the silhouette that it was refined from.
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha.
    """
    if not any(_bites(border) for border in _borders(alpha)):
        return alpha
    small, silhouette, seen = shrunk(alpha, coarse, rgb)
    count, labels = cv2.connectedComponents((small < BITTEN).astype(np.uint8), connectivity=8)
    outside, bitten = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    outside[labels[0]] = True
    for border, along in zip(_borders(small), _borders(labels), strict=True):
        rest = along.copy()
        for first, last in _bites(border):
            bitten[rest[first:last]] = True
            rest[first:last] = 0
        outside[rest] = True
    # What reaches the border elsewhere, too, or lies close to what does, is no bite.
    outside[0] = False
    background = outside[labels]
    away = cv2.distanceTransform((~background).astype(np.uint8), cv2.DIST_L2, 3)
    bitten[labels[away <= SHALLOW * len(small)]] = False
    bitten[0] = False
    changed = np.zeros(small.shape, dtype=np.uint8)
    for label in np.flatnonzero(bitten):
        bite = labels == label
        if silhouette[bite].mean() <= GAP:
            continue
        middle = small.shape[1] // 2
        left = 2 * np.flatnonzero(bite.any(axis=0)).mean() < small.shape[1]
        half = np.s_[:, :middle] if left else np.s_[:, middle:]
        if np.abs(_tint(seen[bite]) - _tint(seen[half][background[half]])).max() > OTHER:
            changed[bite] = 1
    if not changed.any():
        return alpha
    # Its rim, where alpha is between `BITTEN` and 1, goes with it.
    changed = cv2.dilate(changed, disc(BROAD * len(small)))
    return at_least(alpha, changed.astype(np.float32))


def _tint(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean colour, relative to its largest channel."""
    mean = pixels.mean(axis=0, dtype=np.float32) if len(pixels) else np.zeros(3, np.float32)
    return np.asarray(mean / np.maximum(mean.max(), 1))


def _borders(layer: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Both lateral borders from above, and the lower one."""
    return layer[:, 0], layer[:, -1], layer[-1]


def _bites(border: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Short runs along a border that are not opaque, beyond something that is."""
    ends = np.flatnonzero(np.diff(border < BITTEN, prepend=False, append=False)).reshape(-1, 2)
    return [(int(first), int(last)) for first, last in ends if first > 0 and last - first <= BITE * len(border)]


def without_scraps(alpha: Alpha) -> Alpha:
    """Drop what neither hangs together with a person nor lies close to one, and what is faint around it.

    What is faint around the person is fine hair: it fades away with the distance, and is not cut.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > HELD).astype(np.uint8))
    if count < 2:
        return alpha
    height = alpha.shape[0]
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    people = (areas >= PERSON * areas.max())[labels]
    away = cv2.distanceTransform((~people).astype(np.uint8), cv2.DIST_L2, 5)
    kept = alpha * np.clip((GONE * height - away) / ((GONE - THIN) * height), 0, 1)
    scraps = (labels > 0) & (away > FAR * height)
    if scraps.any():
        nearer = cv2.distanceTransform((~scraps).astype(np.uint8), cv2.DIST_L2, 5) < away
        kept[nearer & (away > FAR * height)] = 0
    return np.where(people, alpha, kept)
