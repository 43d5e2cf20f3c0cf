"""What the colours of a pixel say about its alpha, where the wall behind the person is plain.

A pixel mixes the light of the person and that of the wall, and neither can be below nothing or
above white. Of a wall whose light is known, a pixel that is darker or brighter than it cannot
therefore show more than some share: dark hair that lets through a tenth of a blue wall is at least
nine tenths there. Nor can it show more of a coloured wall than there is of its hue: grey cloth before
blue shows none of it. (JPEG keeps hues at half the resolution, so that the hue around a pixel counts,
too.) Mattes that show more of the wall than that turn orange on other colours, since the wall's blue
is taken out of hair which had none. Where all of the background is plain, the wall is known behind
the person, too.

Nor can it show less than its own colour gives away: if nothing of the person nearby is blue, what
is a tenth as blue as the wall shows a tenth of it. Mattes that show less keep the old wall between
curls, in earrings and along the rim of hair. This holds near the outline only, since eyes may be as
blue as any wall, and where clothes are not; there, what the network doubted counts as doubted although
it has been filled since (:mod:`idphoto.matting.solid`). Further inside, colour cannot tell a pocket of the wall,
closed in by hair, from a badge; but of a badge the network is certain (within 0.003 of 1, where it lies
whole in the picture), and of most pockets it is not. A pocket is no hole either: it is full of strands,
and lies in their shade. It is left opaque, by a hair, and its colours are unmixed from the wall's
(:mod:`idphoto.matting.foreground`), as are those of holes of a few pixels, most of which are spectacles.

Both are as old as the blue screen (Smith and Blinn, "Blue Screen Matting", SIGGRAPH 1996, who solve
for alpha with constraints on colours). The thresholds were chosen on validation composites, and those
of the second bound by looking at portraits before blue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.matting.clothes import whole_clothes, whole_greys, whole_stones
from idphoto.matting.reduced import at, at_least, between, light_at, shrunk, stacked
from idphoto.matting.wall import NOBODY, PERSON, blurred, demanded, dot, grey_of, look, other_hue, ramp, reduced_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.matting.reduced import Places
    from idphoto.matting.wall import Tints, Wall
    from idphoto.portrait import Alpha, Rgb

__all__ = ["bounded", "doubts"]

SURE = 0.2  # alpha from which on the lower bound holds in full
BESIDE = 0.0025  # share of the height, and a pixel at least, within which JPEG spreads a hue
LOWERED = 0.05  # of alpha: what was lowered by more may lie in the shade
PURE = 0.5, 0.7  # saturation, as a share of the wall's: what is only bluish, as shirts are, is nobody's wall
FAINT = 0.015, 0.08  # share of the wall, between which it is told from noise
PLAINLY = 0.65, 0.85  # the same where alpha is 1 and beside skin: there, only what is plainly the wall
SHADED = 0.02, 0.06  # the same in pockets, where the wall lies in the shade and its light is unmixed from a pixel's
OTHER = 0.08, 0.16  # chroma of another hue, as a share of the wall's, between which a pixel is not the wall's, there
FOREIGN, BRIGHT = (0.16, 0.25), (1.1, 1.3)  # the same of single pixels, and their light, as a share of the wall's
UNLIKE = 0.6, 0.7  # share of the wall's chroma that nothing of the person nearby may have, there
CLOSE, SKIN = 0.06, (0.05, 0.15)  # window (share of the height), and shares of the wall's chroma in the opposite hue
DEPTH = 0.055, 0.11  # distance from the outline, as shares of the person's size, between which the bound ends
DEEPEST = 0.22, 0.28  # the same for pockets; badges lie deeper
DOUBT = 0.003, 0.01  # of the network's alpha short of 1, between which a place further inside comes to be doubted
FILLED = 0.015, 0.045  # the same at a place that has been filled since
RIM = 0.05, 0.06  # distance from the outline, as shares of the person's size, between which that ends to count
MARK = 0.004  # of alpha: unseen, but colours are unmixed where it is below 1
SPECK, OPEN = 0.012, 0.75  # their breadth (share of the height) and their alpha, at most
AMID = 0.95  # mean alpha around them, at least


def doubts(alpha: Alpha) -> Alpha:
    """How far a network is from being certain of the person, at each pixel of a reduced picture.

    The network's own alpha is wanted, before any of it is made opaque: in a pocket of the wall that is
    closed in by hair it is seldom quite 1, on the blue of a badge or of a tie it is.
    """
    return np.subtract(1, cv2.resize(alpha, reduced_size(alpha.shape), interpolation=cv2.INTER_AREA))


def bounded(rgb: Rgb, alpha: Alpha, doubted: Alpha | None = None) -> Alpha:
    """Bring alpha between what the colours of pixels demand and what they allow.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].
    doubted : ndarray of float32, optional
        What `doubts` says; without it nothing is lowered far from the outline.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha; where it was 0, the same, but for holes of a few pixels before a coloured wall.
    """
    if not len(between(alpha, NOBODY, 1)):
        return alpha
    looked = look(rgb, alpha)
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
        result = whole_clothes(rgb, _without_specks(result, holds), wall, tints)
        result = whole_stones(whole_greys(result, wall, tints), wall, tints)
    return result


def _raise(rgb: Rgb, alpha: Alpha, before: Alpha, wall: Wall) -> None:
    """Raise alpha, in place, where it lets more of the wall through than a pixel's light can hold.

    `before` is alpha as it was before it was lowered.
    """
    where = between(alpha, NOBODY, 1)
    behind = wall.light + (wall.hidden - wall.light) * wall.plain
    known = at(stacked(behind, wall.trust, wall.hope * wall.plain), where, alpha.shape)
    behind, trust, hope = known[:, :3], known[:, 3], known[:, 4]
    given = alpha.take(where)
    # What was lowered lies in pockets, in the wall's own shade, as often as not.
    trust = np.where(before.take(where) - given > LOWERED, trust, np.maximum(trust, hope))
    alpha.put(where, _raised(given, demanded(light_at(rgb, where), behind) * trust))


def _raise_by_hue(rgb: Rgb, alpha: Alpha, tints: Tints, holds: NDArray[np.float32]) -> None:
    """Raise alpha, in place, where it lets more of the wall through than a pixel has of its hue."""
    where = between(alpha, NOBODY, 1)
    known = at(stacked(tints.hue, tints.least, tints.chroma, holds), where, alpha.shape)

    def unlike(where: Places, known: NDArray[np.float32]) -> NDArray[np.float32]:
        tint, least, chroma = dot(light_at(rgb, where), known[:, :3]), known[:, 3], known[:, 4]
        return np.clip(1 - (tint - least) / np.maximum(chroma - least, 0.02), 0, 1) * known[:, 5]

    some = np.flatnonzero(unlike(where, known) > alpha.take(where))
    where, known = where[some], known[some]
    given = alpha.take(where)
    least = np.ones_like(given)
    # JPEG keeps hues at half the resolution: along an edge they are those of both of its sides.
    height, width = alpha.shape
    reach = max(1, round(BESIDE * height))
    rows = where // width
    columns = where - rows * width
    for down, across in ((0, 0), (-reach, 0), (reach, 0), (0, -reach), (0, reach)):
        beside = np.clip(rows + down, 0, height - 1) * width + np.clip(columns + across, 0, width - 1)
        least = np.minimum(least, unlike(beside, known))
    alpha.put(where, _raised(given, least))


def _raised(given: NDArray[np.float32], least: NDArray[np.float32]) -> NDArray[np.float32]:
    """Alpha that is at least so much; what is next to nothing is raised in part."""
    return np.maximum(given, least * np.minimum(given / SURE, 1))


def _without_specks(alpha: Alpha, holds: NDArray[np.float32]) -> Alpha:
    """Close holes of a few pixels, which are spectacles, or what is seen of the wall between a few strands of hair."""
    (small,) = shrunk(alpha)
    low = (small < OPEN).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(low, connectivity=8)
    speck = stats[:, cv2.CC_STAT_AREA] <= (SPECK * len(small)) ** 2
    speck[0] = False
    for border in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        speck[border] = False
    found = speck[labels] & (cv2.resize(holds, small.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5)
    if not found.any():
        return alpha
    # In the fringe of hair there is no end of holes, and those of earrings have thin rims.
    around = cv2.blur(np.where(found, np.float32(1), small), (9, 9))
    speck[labels[found & (around < AMID)]] = False
    found &= speck[labels]
    found = cv2.dilate(found.astype(np.uint8), np.ones((5, 5), np.uint8))  # their rims go with them
    return at_least(alpha, found * np.float32(1 - MARK))


def _lower(rgb: Rgb, alpha: Alpha, seen: Alpha, tints: Tints, doubted: Alpha) -> None:
    """Lower alpha, in place, where a pixel has more of the wall's hue than anything of the person nearby.

    `seen` is the reduced alpha; what the network `doubted` around a pixel counts for what lies deep within the person.
    """
    inside = ramp(cv2.dilate(doubted, np.ones((5, 5), np.uint8)), *DOUBT)
    chroma, most, depth, tinge = tints.chroma, tints.most, tints.depth, tints.tinge
    # Beside skin, which is the opposite of blue, thin blue things are somebody's spectacles.
    beside = blurred(tinge * tints.inner, CLOSE) / np.maximum(blurred(tints.inner, CLOSE), 1e-4)
    skin = ramp(-beside, SKIN[0] * chroma, SKIN[1] * chroma)
    holds = tints.holds * ramp(chroma - most, 0.25 * chroma, 0.5 * chroma)
    shallow, deep = np.sqrt(float(seen.sum())) * np.array(DEPTH)
    close = np.clip((deep - depth) / (deep - shallow), 0, 1)
    far, farthest = np.sqrt(float(seen.sum())) * np.array(DEEPEST)
    pocket = holds * inside * np.clip((farthest - depth) / (farthest - far), 0, 1)
    pocket *= ramp(chroma - most, UNLIKE[0] * chroma, UNLIKE[1] * chroma)
    pocket *= ramp(tinge / np.maximum(chroma, 1e-3), *SHADED) * (1 - ramp(tints.other, *OTHER))
    pocket = cv2.dilate(pocket, np.ones((3, 3), np.uint8))  # with the strands in between
    holds = holds * close
    rim, end = np.sqrt(float(seen.sum())) * np.array(RIM)
    filled = ramp(doubted, *FILLED) * np.clip((end - depth) / (end - rim), 0, 1)
    over = np.maximum(chroma - most, 0.02)
    saturation = chroma / np.maximum(tints.grey, 1e-3)
    tinged = ((tinge - most) * holds > FAINT[0] / 2 * over) | (pocket > 0.1)
    tinged &= seen > NOBODY
    if not tinged.any():
        return
    tinged = cv2.dilate(tinged.astype(np.uint8), np.ones((3, 3), np.uint8))
    tinged = cv2.resize(tinged, alpha.shape[::-1], interpolation=cv2.INTER_NEAREST)
    where = np.flatnonzero((tinged > 0) & (alpha > NOBODY))
    layers = stacked(tints.hue, most, over, holds, saturation, skin, pocket, inside, chroma, filled)
    known = at(layers, where, alpha.shape)
    light = light_at(rgb, where)
    tint = dot(light, known[:, :3])
    grey = grey_of(light)
    pure = tint / np.maximum(grey * known[:, 6], 1e-4)
    share = (tint - known[:, 3]) / known[:, 4]
    given = alpha.take(where)
    doubt = np.maximum(ramp(1 - given, 0.0, 1 - PERSON), known[:, 11]) * (1 - known[:, 7])
    # Of what lies in a lens, which is as blue as what it mirrors, the network is certain.
    sure = np.maximum(1 - known[:, 7], known[:, 9])
    believed = doubt * ramp(share, *FAINT) + (1 - doubt) * ramp(share, *PLAINLY) * sure
    share = np.clip(share, 0, 1) * believed * ramp(pure, *PURE) * known[:, 5]
    # Turquoise stones are no wall, nor is a collar, which is brighter.
    other = other_hue(light, grey, tint) / np.maximum(known[:, 10], 1e-3)
    bright = grey * known[:, 6] / np.maximum(known[:, 10], 1e-3)
    pocket = known[:, 8] * (1 - ramp(other, *FOREIGN)) * (1 - ramp(bright, *BRIGHT))
    alpha.put(where, np.minimum(given, 1 - np.maximum(share, MARK * pocket)))
