"""Estimate foreground colours: the colours of the person alone, without the old background.

A pixel of the edge mixes hair and background. If it were laid over a new background as it is, it would
carry the old one along as a fringe. The estimate has three steps:

1. The mean colours of the person and of the background around each pixel are measured, on a reduced picture
   with a wide window. Together with alpha they predict the pixel.
2. The difference from the prediction is divided between person and background: the side whose colours vary
   more nearby gets more of it. Before a plain wall, the person gets nearly all.
3. The result is averaged over a narrow window, and the difference is divided once more.

The work is done in small tiles along the edge, so that the time is proportional to the length of the edge and
memory is limited.

Where a matte errs, some of the wall stays in these colours: black curls before blue turn navy. Before a plain
coloured wall, a colour that has more of the wall's hue than anything of the person nearby is therefore
unmixed: the wall's light is subtracted until the hue is no longer excessive.

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
from idphoto.matting.clothes import find_cloth
from idphoto.matting.reduced import at, stacked
from idphoto.matting.wall import blurred, dot, grey_of, measure_wall, ramp, thrice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from idphoto.matting.reduced import Places
    from idphoto.portrait import Alpha, Rgb

    Light = NDArray[np.float32]

__all__ = ["estimate_foreground"]

# A name in _RAMP holds two values between which a weight rises from 0 to 1, or falls from 1 to 0.
# Means of both sides.
WINDOW_SHARES = (0.17, 0.012)  # wide and narrow window, as shares of the picture's height; 91 and 7 pixels at 540
WIDE_WINDOW_PX = 13  # wide window, in pixels of the reduced picture
NEAR_WINDOWS_PX = 5, 3  # windows in which the colours of the person and of the wall are looked for first, likewise
WEIGHT_SQUARINGS = 3  # alpha is squared so often to become a weight, so that certain pixels count most
MIN_NEAR_WEIGHT = 0.003  # mean weight in a near window below which the wide window takes over
MIN_VARIANCES = 0.001, 0.005  # least variance (linear light) of the colours of the person and of the wall
ALPHA_VARIANCE = 0.004  # scale of the variance (linear light) that errors of alpha cause

# Memory.
TILE_PX = 64  # side of a tile
STRIP_ROWS = 512  # rows that are reduced at a time
BATCH_PIXELS = 1 << 17  # pixels that are unmixed and written at a time

# Unmixing of the wall.
MIN_PERSON_SHARE = 0.6  # least share of the person in a pixel from which the wall is unmixed
CLOTH_RIM_PX = 7  # cloth of the wall's hue, widened by half of this on the reduced picture, keeps its hue

# Pockets of wall between hair, whose alpha is just below 1.
MIN_POCKET_ALPHA, POCKET_DROP_RAMP = 0.985, (0.0005, 0.003)  # alpha of a pocket; 1 - alpha at which its hue is replaced
POCKET_DEPTH_RAMP = 3.0, 7.0  # depth, in pixels of the reduced picture; nearer to the outline, hair keeps its hue
POCKET_DARKENING, DARKENING_RAMP = 0.5, (0.12, 0.25)  # share of light removed; share of the wall that calls for it
POCKET_LIGHT_RAMP = 1.3, 1.7  # light by the wall's, at which a nearly opaque pixel is not the wall
HAIR_WINDOW_SHARE, HAIR_LIGHT = 0.05, 0.05  # window by the height; linear light: darker pixels weigh more as hair
FAIR_HAIR_RAMP = 0.2, 0.35  # light of hair by the wall's, at which hair is too fair to be told from skin
JEWELLERY_RAMP = 4.0, 10.0  # light of a pixel by that of hair, at which it is jewellery
POCKET_CONTRAST_POWER = 0.6  # exponent that reduces the contrast of a pocket to the hair around it


def estimate_foreground(rgb: Rgb, alpha: Alpha) -> Rgb:
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
        sRGB; equal to `rgb` where alpha is 1, without meaning where it is 0.
    """
    edge = (alpha > 0.0) & (alpha < 1.0)
    if not edge.any():
        return rgb
    # Only pixels of the edge need new colours, and only pixels within a window of them count.
    reach = max(3, round(WINDOW_SHARES[0] * rgb.shape[0] / 2))
    window = _span(edge.any(axis=1), reach), _span(edge.any(axis=0), reach)

    near, share = rgb[window], alpha[window]
    # The means over the wide window are smooth, so that a reduced picture is enough.
    step = max(1, round(WINDOW_SHARES[0] * rgb.shape[0] / WIDE_WINDOW_PX))
    wide = _sides(*_reduced(near, share, step))
    size = max(3, round(WINDOW_SHARES[1] * rgb.shape[0])) | 1
    limits = _limits(rgb, alpha)
    result = rgb.copy()
    corner = window[0].start * rgb.shape[1] + window[1].start
    pending: list[tuple[Places, Light]] = []
    for down, across in _tiles(edge[window]):
        # Means at the border of a tile need pixels beyond it.
        rows, columns = _widened(down, size, share.shape[0]), _widened(across, size, share.shape[1])
        light, part = to_linear(near[rows, columns]), thrice(share[rows, columns])
        colours, wall, varies = (_enlarged(layer, share.shape, rows, columns) for layer in wide)
        gain = thrice(_gain(part[..., 0], varies))
        colours = _mean(_corrected(light, colours, wall, part, gain), part, size)
        y, x = np.nonzero(edge[window][down, across])
        inner = (y + (down.start - rows.start)) * part.shape[1] + x + (across.start - columns.start)
        layers = (layer.reshape(-1, 3).take(inner, axis=0) for layer in (light, colours, wall, part, gain))
        pending.append((corner + (y + down.start) * rgb.shape[1] + x + across.start, _corrected(*layers)))
        if sum(len(places) for places, _ in pending) > BATCH_PIXELS:
            _finish(result, alpha, limits, pending)
    _finish(result, alpha, limits, pending)
    return result


def _finish(result: Rgb, alpha: Alpha, limits: Light | None, pending: list[tuple[Places, Light]]) -> None:
    """Unmix the pending pixels from the wall, write them into the result, and empty the list."""
    if not pending:
        return
    where, light = (np.concatenate(part) for part in zip(*pending, strict=True))
    pending.clear()
    if limits is not None:
        light = _unmixed(light, alpha.take(where), at(limits, where, alpha.shape))
    result.reshape(-1, 3)[where] = to_srgb(light)


def _limits(rgb: Rgb, alpha: Alpha) -> Light | None:
    """Return measures for :func:`_unmixed` on the reduced picture, (h, w, 13), or None before no coloured wall.

    Channels: light of the wall (3), its hue (3), its chroma, the person's greatest tinge, weight of these, depth, and
    light of the hair nearby (3).
    """
    looked = measure_wall(rgb, alpha)
    if looked is None:
        return None
    seen, wall, tints = looked
    holds = tints.holds * wall.plain
    if not holds.any():
        return None
    rim = cv2.dilate(find_cloth(seen, wall, tints), np.ones((CLOTH_RIM_PX, CLOTH_RIM_PX), np.uint8))
    holds = holds * (1 - cv2.blur(rim.astype(np.float32), (3, 3)))
    # Among the person's pixels nearby, the dark ones are taken for hair.
    own = tints.inner * (tints.tinge <= tints.common) / (grey_of(tints.light) + HAIR_LIGHT)
    hair = blurred(tints.light * thrice(own), HAIR_WINDOW_SHARE) / thrice(
        np.maximum(blurred(own, HAIR_WINDOW_SHARE), 1e-4)
    )
    return stacked(wall.hidden, tints.hue, tints.chroma, tints.common, holds, tints.depth, hair)


def _unmixed(light: Light, share: Alpha, limits: Light) -> Light:
    """Subtract the wall's light from colours that have more of its hue than the person has nearby.

    A nearly opaque pixel lies in a pocket of hair. The wall there is in the shade and of another hue than elsewhere,
    so that only the grey of the pixel is kept, in the hue of the dark hair around it.
    """
    over = dot(light, limits[:, 3:6]) - limits[:, 7]
    part = np.clip(over / np.maximum(limits[:, 6], 0.02), 0, 1) * limits[:, 8]
    # A nearly opaque pixel that is brighter than the wall is a collar and no pocket.
    bright = grey_of(light) / np.maximum(grey_of(limits[:, :3]), 1e-3)
    part *= 1 - ramp(bright, *POCKET_LIGHT_RAMP) * (share > MIN_POCKET_ALPHA)
    clean = np.clip((light - part[:, None] * limits[:, :3]) / np.maximum(1 - part, MIN_PERSON_SHARE)[:, None], 0, 1)
    pocket = ramp(1 - share, *POCKET_DROP_RAMP) * ramp(limits[:, 9], *POCKET_DEPTH_RAMP) * (share > MIN_POCKET_ALPHA)
    where = np.flatnonzero(pocket * part)
    if len(where):
        part, pocket, found = part[where], pocket[where], clean[where]
        found += (_hair_like(grey_of(found), limits[where]) - found) * (pocket * ramp(part, 0.0, 0.03))[:, None]
        clean[where] = found * (1 - POCKET_DARKENING * pocket * ramp(part, *DARKENING_RAMP))[:, None]
    return clean


def _hair_like(grey: Alpha, limits: Light) -> Light:
    """Give grey pixels the hue of the hair around them, nearly as dark; much brighter pixels stay grey."""
    hair, wall = limits[:, 10:], limits[:, :3]
    usual = grey_of(hair)
    times = grey / np.maximum(usual, 1e-3)
    same = (1 - ramp(usual / np.maximum(grey_of(wall), 1e-3), *FAIR_HAIR_RAMP)) * (1 - ramp(times, *JEWELLERY_RAMP))
    return np.asarray(grey[:, None] + (hair * (times**POCKET_CONTRAST_POWER)[:, None] - grey[:, None]) * same[:, None])


def _tiles(edge: NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Yield the tiles that the edge crosses, of `TILE_PX` pixels or less at the right and lower border."""
    height, width = edge.shape
    for top in range(0, height, TILE_PX):
        rows = slice(top, min(top + TILE_PX, height))
        crossed = edge[rows].any(axis=0)
        for left in range(0, width, TILE_PX):
            columns = slice(left, min(left + TILE_PX, width))
            if crossed[columns].any():
                yield rows, columns


def _span(crossed: NDArray[np.bool_], reach: int) -> slice:
    """Return the range from the first crossed place to the last, widened by `reach` at both ends."""
    places = np.flatnonzero(crossed)
    return _widened(slice(int(places[0]), int(places[-1]) + 1), reach, len(crossed))


def _widened(part: slice, reach: int, extent: int) -> slice:
    return slice(max(0, part.start - reach), min(extent, part.stop + reach))


def _reduced(rgb: Rgb, share: Alpha, step: int) -> tuple[Light, Alpha, Alpha]:
    """Reduce a picture by `step`, in strips: mean light, mean square of the light, and mean share."""
    height, width = share.shape
    size = (max(1, width // step), max(1, height // step))
    # Strips end at the borders of reduced rows, rounded to whole pixels.
    many = max(1, STRIP_ROWS // step)
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
    """Enlarge a part of a reduced layer to full size by linear interpolation."""
    across, down = layer.shape[1] / shape[1], layer.shape[0] / shape[0]
    matrix = np.array([[across, 0, (columns.start + 0.5) * across - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]])
    size, how = (columns.stop - columns.start, rows.stop - rows.start), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(layer, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)


def _sides(light: Light, square: Alpha, share: Alpha) -> tuple[Light, Light, Light]:
    """Return the mean colours of the person and of the wall, and both variances as two channels."""
    colours, own = _near(light, square, share, NEAR_WINDOWS_PX[0])
    wall, behind = _near(light, square, 1 - share, NEAR_WINDOWS_PX[1])
    return colours, wall, cv2.merge((own + MIN_VARIANCES[0], behind + MIN_VARIANCES[1]))


def _near(light: Light, square: Alpha, share: Alpha, size: int) -> tuple[Light, Alpha]:
    """Return mean and variance of the colours nearby, weighted by share; from further away where there are none."""
    for _ in range(WEIGHT_SQUARINGS):
        share = share * share
    layers = stacked(light * thrice(share), square * share, share)
    wide, near = cv2.blur(layers, (WIDE_WINDOW_PX, WIDE_WINDOW_PX)), cv2.blur(layers, (size, size))
    near += wide * (MIN_NEAR_WEIGHT / (wide[..., 4:] + 1e-5))
    near /= near[..., 4:] + 1e-5
    mean = np.ascontiguousarray(near[..., :3])
    return mean, np.maximum(near[..., 3] - dot(mean, mean), 0) / 3


def _gain(share: Alpha, varies: Light) -> Alpha:
    """Return the gain with which the rest of a pixel changes the person's most probable colour.

    The rest is the difference of the pixel from the mixture of the mean colours.
    """
    own, rest = share * varies[..., 0], 1 - share
    return own / (share * own + rest * (rest * varies[..., 1] + share * ALPHA_VARIANCE) + 1e-6)


def _mean(colours: Light, share: Light, size: int) -> Light:
    """Return the mean colour of the person in a window around each pixel."""
    return cv2.blur(colours * share, (size, size)) / (thrice(cv2.blur(share[..., 0], (size, size))) + 1e-5)


def _corrected(light: Light, colours: Light, wall: Light, share: Light, gain: Light) -> Light:
    """Return the person's colour: the mean, changed by `gain` times the rest of the pixel."""
    rest = colours - wall
    rest *= -share
    rest += light
    rest -= wall
    rest *= gain
    rest += colours
    return np.clip(rest, 0, 1, out=rest)
