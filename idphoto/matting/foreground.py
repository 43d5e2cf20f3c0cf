"""Foreground colours: what the person's edge would look like without the old background.

An edge pixel mixes hair and wall. Laid over a new background as it is, it carries the old wall
along as a fringe. The estimate below carries known colours of both sides to the edge, twice: from
a wide neighbourhood, then from a narrow one. What these means do not explain of a pixel belongs to
the person or to the wall, and the more to either, the more its colours vary nearby: before a plain
wall, nearly all of it is hair. It is worked on in small squares along the edge, so that time follows
the edge and memory stays bounded.

A matte that errs leaves some of the wall in these colours: black curls before blue turn out navy.
Before a plain coloured wall, what has more of its hue than anything of the person nearby is unmixed
from the wall's light until it has no more.

References
----------
.. [1] Forte: Approximate fast foreground colour estimation, ICIP 2021.
.. [2] Chuang et al.: A Bayesian approach to digital matting, CVPR 2001.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import to_linear, to_srgb
from idphoto.matting.clothes import like_cloth
from idphoto.matting.reduced import at, stacked
from idphoto.matting.wall import blurred, dot, grey_of, look, ramp, thrice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from idphoto.matting.reduced import Places
    from idphoto.portrait import Alpha, Rgb

    Light = NDArray[np.float32]

__all__ = ["foreground"]

COARSE = 13  # pixels of the wide window on the reduced picture
WINDOWS = (0.17, 0.012)  # widths as shares of the picture's height; 91 and 7 pixels at 540
NEAR = 5, 3  # the same, of the windows in which the person's and the wall's colours are looked for first
SQUARED = 3  # times that shares are squared, so that the surest pixels count the most
FEW = 0.003  # of the weight of a sure pixel: with less than that in a window, the wide one is asked
VARIES = 0.001, 0.005  # variance (linear light) that the colours of the person and of the wall have at least
NOISE = 0.004  # variance of what alpha errs by, halfway; nothing where it is 0 or 1
TILE = 64  # pixels of the squares that are worked on, those alone that the edge crosses
STRIP = 512  # rows that are reduced at a time
MANY = 1 << 17  # pixels that are finished at a time
POCKET, DULL = 0.985, (0.0005, 0.003)  # alpha in pockets, and what it lacks of 1, between which hues go
SHADE, SHADY = 0.5, (0.12, 0.25)  # by how much pockets are darkened, and share of the wall from which on they are
BRIGHT = 1.3, 1.7  # light, as a share of the wall's, between which what is all but opaque is none of it
HAIR, DARK = 0.05, 0.05  # window around a pocket (share of the height), and linear light that hair there is like
FAIR = 0.2, 0.35  # light of hair, as a share of the wall's, between which it is too fair to tell it from skin
UNLIKE, FLAT = (4.0, 10.0), 0.6  # how many times brighter than hair jewellery is; power of what pockets are brighter by
CLOTH = 7  # pixels of the reduced picture: breadth of the rim of cloth of the wall's hue, which keeps its own, twice
DEEP = 3.0, 7.0  # depth, in pixels of the reduced picture: the rim of hair keeps its own hue
REST = 0.6  # share of a pixel that is the person's at least, when the wall is unmixed from it


def foreground(rgb: Rgb, alpha: Alpha) -> Rgb:
    """Estimate the colours of the person alone, in linear light.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        sRGB; equal to `rgb` where alpha is 1, meaningless where it is 0.
    """
    edge = (alpha > 0.0) & (alpha < 1.0)
    if not edge.any():
        return rgb
    # Only the edge needs new colours, and only its surroundings can tell which.
    reach = max(3, round(WINDOWS[0] * rgb.shape[0] / 2))
    window = _span(edge.any(axis=1), reach), _span(edge.any(axis=0), reach)

    near, share = rgb[window], alpha[window]
    # The wide means are smooth: they are taken on a reduced picture.
    step = max(1, round(WINDOWS[0] * rgb.shape[0] / COARSE))
    wide = _sides(*_reduced(near, share, step))
    size = max(3, round(WINDOWS[1] * rgb.shape[0])) | 1
    limits = _limits(rgb, alpha)
    result = rgb.copy()
    corner = window[0].start * rgb.shape[1] + window[1].start
    pending: list[tuple[Places, Light]] = []
    for down, across in _tiles(edge[window]):
        # Means at a square's rim need what lies beyond it.
        rows, columns = _widened(down, size, share.shape[0]), _widened(across, size, share.shape[1])
        light, part = to_linear(near[rows, columns]), thrice(share[rows, columns])
        colours, wall, varies = (_enlarged(layer, share.shape, rows, columns) for layer in wide)
        gain = thrice(_gain(part[..., 0], varies))
        colours = _mean(_corrected(light, colours, wall, part, gain), part, size)
        y, x = np.nonzero(edge[window][down, across])
        inner = (y + (down.start - rows.start)) * part.shape[1] + x + (across.start - columns.start)
        layers = (layer.reshape(-1, 3).take(inner, axis=0) for layer in (light, colours, wall, part, gain))
        pending.append((corner + (y + down.start) * rgb.shape[1] + x + across.start, _corrected(*layers)))
        if sum(len(places) for places, _ in pending) > MANY:
            _finish(result, alpha, limits, pending)
    _finish(result, alpha, limits, pending)
    return result


def _finish(result: Rgb, alpha: Alpha, limits: Light | None, pending: list[tuple[Places, Light]]) -> None:
    """Write the colours of pixels into the result, unmixed from the wall; nothing is pending any more."""
    if not pending:
        return
    where, light = (np.concatenate(part) for part in zip(*pending, strict=True))
    pending.clear()
    if limits is not None:
        light = _unmixed(light, alpha.take(where), at(limits, where, alpha.shape))
    result.reshape(-1, 3)[where] = to_srgb(light)


def _limits(rgb: Rgb, alpha: Alpha) -> Light | None:
    """Reduced: the wall's light, hue, chroma, the most of it that is the person's, how far that holds, depth, hair."""
    looked = look(rgb, alpha)
    if looked is None:
        return None
    seen, wall, tints = looked
    holds = tints.holds * wall.plain
    if not holds.any():
        return None
    rim = cv2.dilate(like_cloth(seen, wall, tints), np.ones((CLOTH, CLOTH), np.uint8))
    holds = holds * (1 - cv2.blur(rim.astype(np.float32), (3, 3)))
    # Of what is nearby, the dark is the hair.
    own = tints.inner * (tints.tinge <= tints.common) / (grey_of(tints.light) + DARK)
    hair = blurred(tints.light * thrice(own), HAIR) / thrice(np.maximum(blurred(own, HAIR), 1e-4))
    return stacked(wall.hidden, tints.hue, tints.chroma, tints.common, holds, tints.depth, hair)


def _unmixed(light: Light, share: Alpha, limits: Light) -> Light:
    """Take the wall's light out of colours of the person that have more of its hue than anything of them has.

    What is all but opaque lies in a pocket of hair, where the wall's light is that of its shade, and of another hue
    than elsewhere: of that, only the grey is left, which is given the hue of dark hair around it.
    """
    over = dot(light, limits[:, 3:6]) - limits[:, 7]
    part = np.clip(over / np.maximum(limits[:, 6], 0.02), 0, 1) * limits[:, 8]
    # A collar is brighter than the wall, and no pocket.
    bright = grey_of(light) / np.maximum(grey_of(limits[:, :3]), 1e-3)
    part *= 1 - ramp(bright, *BRIGHT) * (share > POCKET)
    clean = np.clip((light - part[:, None] * limits[:, :3]) / np.maximum(1 - part, REST)[:, None], 0, 1)
    pocket = ramp(1 - share, *DULL) * ramp(limits[:, 9], *DEEP) * (share > POCKET)
    where = np.flatnonzero(pocket * part)
    if len(where):
        part, pocket, found = part[where], pocket[where], clean[where]
        found += (_hair_like(grey_of(found), limits[where]) - found) * (pocket * ramp(part, 0.0, 0.03))[:, None]
        clean[where] = found * (1 - SHADE * pocket * ramp(part, *SHADY))[:, None]
    return clean


def _hair_like(grey: Alpha, limits: Light) -> Light:
    """Grey pixels in the hue of the hair around them and nearly as dark, but for what is much brighter."""
    hair, wall = limits[:, 10:], limits[:, :3]
    usual = grey_of(hair)
    times = grey / np.maximum(usual, 1e-3)
    same = (1 - ramp(usual / np.maximum(grey_of(wall), 1e-3), *FAIR)) * (1 - ramp(times, *UNLIKE))
    return np.asarray(grey[:, None] + (hair * (times**FLAT)[:, None] - grey[:, None]) * same[:, None])


def _tiles(edge: NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Squares of `TILE` pixels, or what is left of them at the far sides, that the edge crosses."""
    height, width = edge.shape
    for top in range(0, height, TILE):
        rows = slice(top, min(top + TILE, height))
        crossed = edge[rows].any(axis=0)
        for left in range(0, width, TILE):
            columns = slice(left, min(left + TILE, width))
            if crossed[columns].any():
                yield rows, columns


def _span(crossed: NDArray[np.bool_], reach: int) -> slice:
    """From the first place that is crossed to the last, and `reach` further at both ends."""
    places = np.flatnonzero(crossed)
    return _widened(slice(int(places[0]), int(places[-1]) + 1), reach, len(crossed))


def _widened(part: slice, reach: int, extent: int) -> slice:
    return slice(max(0, part.start - reach), min(extent, part.stop + reach))


def _reduced(rgb: Rgb, share: Alpha, step: int) -> tuple[Light, Alpha, Alpha]:
    """Mean light, mean square of the light and mean share of squares of `step` pixels, in strips."""
    height, width = share.shape
    size = (max(1, width // step), max(1, height // step))
    # Strips end where rows of the reduced picture end, as nearly as whole pixels allow.
    many = max(1, STRIP // step)
    light, square, few = [], [], []
    for first in range(0, size[1], many):
        last = min(first + many, size[1])
        rows = slice(round(first * height / size[1]), round(last * height / size[1]))
        small = (size[0], last - first)
        shown = to_linear(rgb[rows])
        light.append(cv2.resize(shown, small, interpolation=cv2.INTER_AREA))
        square.append(cv2.resize(dot(shown, shown), small, interpolation=cv2.INTER_AREA))
        few.append(cv2.resize(share[rows], small, interpolation=cv2.INTER_AREA))
    return np.concatenate(light), np.concatenate(square), np.concatenate(few)


def _enlarged(layer: Light, shape: tuple[int, ...], rows: slice, columns: slice) -> Light:
    """A part of a reduced layer brought back to full size by linear interpolation."""
    across, down = layer.shape[1] / shape[1], layer.shape[0] / shape[0]
    matrix = np.array([[across, 0, (columns.start + 0.5) * across - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]])
    size, how = (columns.stop - columns.start, rows.stop - rows.start), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(layer, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)


def _sides(light: Light, square: Alpha, share: Alpha) -> tuple[Light, Light, Light]:
    """Of a reduced picture: mean colours of the person and of the wall, and the variance of both as two channels."""
    colours, own = _near(light, square, share, NEAR[0])
    wall, behind = _near(light, square, 1 - share, NEAR[1])
    return colours, wall, cv2.merge((own + VARIES[0], behind + VARIES[1]))


def _near(light: Light, square: Alpha, share: Alpha, size: int) -> tuple[Light, Alpha]:
    """Mean and variance of the colours nearby that a share of each pixel has, or else of those further off."""
    for _ in range(SQUARED):
        share = share * share
    layers = stacked(light * thrice(share), square * share, share)
    wide, near = cv2.blur(layers, (COARSE, COARSE)), cv2.blur(layers, (size, size))
    near += wide * (FEW / (wide[..., 4:] + 1e-5))
    near /= near[..., 4:] + 1e-5
    mean = np.ascontiguousarray(near[..., :3])
    return mean, np.maximum(near[..., 3] - dot(mean, mean), 0) / 3


def _gain(share: Alpha, varies: Light) -> Alpha:
    """How much of what the means do not explain of a pixel goes into the person's colour: its most probable one."""
    own, rest = share * varies[..., 0], 1 - share
    return own / (share * own + rest * (rest * varies[..., 1] + share * NOISE) + 1e-6)


def _mean(colours: Light, share: Light, size: int) -> Light:
    """Mean colour of the person in a window around each pixel."""
    return cv2.blur(colours * share, (size, size)) / (thrice(cv2.blur(share[..., 0], (size, size))) + 1e-5)


def _corrected(light: Light, colours: Light, wall: Light, share: Light, gain: Light) -> Light:
    """Put what the means do not explain of a pixel into the person's colour, as far as it is theirs."""
    rest = colours - wall
    rest *= -share
    rest += light
    rest -= wall
    rest *= gain
    rest += colours
    return np.clip(rest, 0, 1, out=rest)
