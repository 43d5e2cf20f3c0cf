"""The wall behind a person, as far as it is plain, and which hues are whose.

The whole picture is looked at, reduced. Where there is nobody, the wall's light is known; where it
is plain around the person, it is known to be the same behind them. Its hue is whatever of it is not
grey; how much of that hue the person has of their own is measured on what is certainly the person,
nearby.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from idphoto.colour import to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Rgb

    Light = NDArray[np.float32]

__all__ = [
    "NOBODY",
    "PERSON",
    "WHOLE",
    "Tints",
    "Wall",
    "blurred",
    "demanded",
    "dot",
    "grey_of",
    "largest",
    "limits_of",
    "look",
    "other_hue",
    "ramp",
    "reduced_size",
    "thrice",
]

LOOK = 200  # pixels of the picture's height at which wall and person are looked at
WINDOW = 0.08  # share of the height: the window in which the wall's light is averaged
WIDE = 0.3  # the same, of what is believed of the wall where it cannot be seen
MOSTLY = 0.75, 0.9  # share of the background in that window that is plain; the stripe of a flag is no wall
NOBODY, ENOUGH = 0.02, 0.03  # alpha below which there is wall; share of the window that must be wall, at least
NOISE = 0.003  # of linear light
PLAIN = 16 / 255  # standard deviation of the wall (sRGB) up to which it is plain; at twice that it is not
EVERYWHERE = 0.9, 0.97  # share of all background that is plain, between which the wall is known where it is hidden
COLOURED = 0.08, 0.14  # chroma of the wall (linear light), between which its hue comes to count
PERSON, INNER, AROUND = 0.98, 0.02, 0.16  # alpha and depth of what has the person's colours; window (shares of height)
OFTEN = 0.05  # share of that window, at least
WHOLE = 0.998  # alpha above which nothing was found to be the wall's
LEAST, USUAL = 1.0, 3.0  # standard deviations down and up to which a tinge is the person's


class Wall(NamedTuple):
    """What is known about the wall, on the reduced picture."""

    light: Light
    """Linear light of what is seen of it nearby."""

    trust: NDArray[np.float32]
    """How far that may be relied on."""

    hidden: Light
    """The same, also where it is hidden behind the person."""

    hope: NDArray[np.float32]
    """How far that may be relied on."""

    plain: np.float32
    """1 if all of the background is plain."""


class Tints(NamedTuple):
    """What is known about hues, on the reduced picture."""

    light: Light
    """Linear light of the picture."""

    hue: Light
    """Of the wall: unit vectors with no grey in them."""

    grey: NDArray[np.float32]
    """Grey of the wall."""

    chroma: NDArray[np.float32]
    """How much of its hue the wall has."""

    tinge: NDArray[np.float32]
    """How much of the wall's hue each pixel has; less than nothing, if it has the opposite one."""

    other: NDArray[np.float32]
    """How much of other hues each pixel has, as a share of the wall's chroma."""

    inner: NDArray[np.float32]
    """1 where there is nothing but the person."""

    depth: NDArray[np.float32]
    """Distance from the outline, in pixels."""

    least: NDArray[np.float32]
    """Least tinge of the person nearby."""

    most: NDArray[np.float32]
    """Most tinge of the person nearby."""

    common: NDArray[np.float32]
    """The same without what is rare."""

    holds: NDArray[np.float32]
    """How far all of this may be relied on."""


def look(rgb: Rgb, alpha: Alpha) -> tuple[Alpha, Wall, Tints] | None:
    """Look at a picture.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].

    Returns
    -------
    tuple or None
        The reduced alpha, what is known about the wall, and about hues; None if nothing of the wall is plain.
    """
    size = reduced_size(alpha.shape)
    small, seen = (cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in (rgb, alpha))
    light = to_linear(small)
    wall = _wall(small, light, seen)
    return (seen, wall, _tints(light, seen, wall)) if wall.trust.any() else None


def reduced_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Width and height of the reduced picture."""
    height, width = shape
    zoom = min(1.0, LOOK / height)
    return max(1, round(width * zoom)), max(1, round(height * zoom))


def _wall(rgb: Rgb, light: Light, alpha: Alpha) -> Wall:
    """The wall around and behind each pixel of a reduced picture."""
    share = (alpha < NOBODY).astype(np.float32)
    near = blurred(share, WINDOW)
    shares, part = thrice(share), thrice(np.maximum(near, 1e-4))

    def mean(layer: NDArray[np.float32]) -> NDArray[np.float32]:
        return blurred(layer * shares, WINDOW) / part

    shown = rgb.astype(np.float32) / 255
    usual = mean(shown)
    spread = np.sqrt(np.maximum(largest(mean(shown * shown) - usual * usual), 0))
    trust = np.clip(2 - spread / PLAIN, 0, 1) * np.clip(near / ENOUGH - 1, 0, 1)
    trust *= ramp(_wide(trust * share) / np.maximum(_wide(share), 1e-4), *MOSTLY)
    trust = trust.astype(np.float32)
    around = mean(light)
    # Where it is hidden, it is what it is elsewhere, most of all nearby.
    weight = np.maximum(trust, 1e-3)
    reach = _wide(weight)
    hidden = _wide(around * thrice(weight)) / thrice(reach)
    hidden += (around - hidden) * thrice(np.clip(2 * trust, 0, 1))
    hope = np.maximum(trust, np.clip(8 * reach - 0.5, 0, 1))
    plain = ramp((trust * share).sum() / max(float(share.sum()), 1.0), *EVERYWHERE)
    return Wall(around, trust, hidden, hope, np.float32(plain))


def _tints(light: Light, seen: Alpha, wall: Wall) -> Tints:
    """Hues of wall and person, of a reduced picture and its alpha."""
    grey = grey_of(wall.hidden)
    hue = wall.hidden - thrice(grey)
    chroma = np.sqrt(dot(hue, hue))
    hue /= thrice(np.maximum(chroma, 1e-3))
    tinge = dot(light, hue)  # hue has no grey in it: what is grey has none
    other = other_hue(light, grey_of(light), tinge) / np.maximum(chroma, 1e-3)
    depth = cv2.distanceTransform((seen > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    inner = ((seen > PERSON) & (depth > INNER * LOOK)).astype(np.float32)
    low, high = np.minimum(tinge, 0), np.maximum(tinge, 0)
    near = blurred(inner, AROUND)
    mean, spread = _spread(high, inner, near)
    least, most = _from(_spread(low, inner, near), -LEAST), _from((mean, spread), USUAL)
    # Of what is rare, some is the wall's own light between strands.
    often = inner * ((high <= mean + spread) & (seen > WHOLE))
    common = _from(_spread(high, often, blurred(often, AROUND)), USUAL)
    holds = wall.hope * ramp(chroma, *COLOURED) * ramp(near, OFTEN, 2 * OFTEN)
    return Tints(light, hue, grey, chroma, tinge, other, inner, depth, least, most, common, holds)


def limits_of(layer: NDArray[np.float32], inner: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Least and most of anything that the person has nearby."""
    near = blurred(inner, AROUND)
    low, high = (_spread(part, inner, near) for part in (np.minimum(layer, 0), np.maximum(layer, 0)))
    return _from(low, -USUAL), _from(high, USUAL)


def _spread(
    layer: NDArray[np.float32], where: NDArray[np.float32], near: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation around each pixel, over some pixels, of which there is a share `near` it."""
    near = np.maximum(near, 1e-4)
    layer = layer * where
    mean = blurred(layer, AROUND) / near
    return mean, np.sqrt(np.maximum(blurred(layer * layer, AROUND) / near - mean * mean, 0))


def _from(spread: tuple[NDArray[np.float32], NDArray[np.float32]], deviations: float) -> NDArray[np.float32]:
    """So many standard deviations from the mean."""
    return spread[0] + np.float32(deviations) * spread[1]


def _wide(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over a wide neighbourhood."""
    return blurred(blurred(layer, WIDE), WIDE)


def dot(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of the products of the channels; numpy's own sums over three are several times slower."""
    return np.asarray(one[..., 0] * other[..., 0] + one[..., 1] * other[..., 1] + one[..., 2] * other[..., 2])


def thrice(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """A layer for each channel; numpy's broadcasting over three is several times slower."""
    return cv2.merge((layer, layer, layer))


def grey_of(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the channels."""
    return (colours[..., 0] + colours[..., 1] + colours[..., 2]) / 3


def demanded(light: Light, behind: Light) -> NDArray[np.float32]:
    """Least share of a person in pixels before a wall: neither light can be below nothing or above white."""
    over = light - behind
    darker, brighter = (-over - NOISE) / np.maximum(behind, 0.03), (over - NOISE) / np.maximum(1 - behind, 0.1)
    return np.clip(largest(np.maximum(darker, brighter)), 0, 1)


def other_hue(light: Light, grey: NDArray[np.float32], tinge: NDArray[np.float32]) -> NDArray[np.float32]:
    """Chroma of what is neither grey nor of the hue that there is `tinge` of."""
    own = light - grey[..., None]
    return np.sqrt(np.maximum(dot(own, own) - tinge * tinge, 0))


def largest(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest of the channels; numpy's own maximum over three is ten times slower."""
    return np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])


def blurred(layer: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """Mean over a square window, whose side is a share of the height."""
    side = 2 * round(window * LOOK / 2) + 1
    return cv2.blur(layer, (side, side))


def ramp(value: NDArray[np.float32], low: float | NDArray[np.float32], high: float | NDArray[np.float32]) -> Any:
    """0 up to `low`, 1 from `high` on, smooth in between."""
    place = np.clip((value - low) / np.maximum(high - low, 1e-6), 0, 1)
    return place * place * (3 - 2 * place)
