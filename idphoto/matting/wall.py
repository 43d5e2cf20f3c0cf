"""Measure the background of a picture where it is plain, and how much of its hue the person has.

In this package, *wall* in a name means the background as far as it is plain: of one colour that
changes only slowly. All measures are taken on a reduced picture. Where nobody is, the wall's light is
read from the pixels. Where all of the background is plain, the wall is taken to be the same behind
the person (`hidden`).

The *hue* of the wall is its linear light without its grey, as a unit vector; the length of that vector
is its *chroma*. The *tinge* of a pixel is how much of that hue it has: the product of its light and the
hue. How much tinge the person has of their own is measured on the pixels nearby that are certainly
the person.
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
    "MAX_BACKGROUND_ALPHA",
    "MIN_OPAQUE_ALPHA",
    "MIN_PERSON_ALPHA",
    "Tints",
    "Wall",
    "blurred",
    "compute_least_alpha",
    "dot",
    "grey_of",
    "largest",
    "measure_limits",
    "measure_wall",
    "other_hue",
    "ramp",
    "reduced_size",
    "thrice",
]

# A name in _RAMP holds two values between which a weight rises from 0 to 1.
REDUCED_HEIGHT_PX = 200  # height of the reduced picture
LIGHT_WINDOW_SHARE = 0.08  # side of the window in which the wall's light is averaged, as a share of the height
HIDDEN_WINDOW_SHARE = 0.3  # the same for the wall where the person hides it
PLAIN_SHARE_RAMP = 0.75, 0.9  # share of the background in that window that is plain; excludes the stripes of flags
MAX_BACKGROUND_ALPHA, MIN_BACKGROUND_SHARE = 0.02, 0.03  # alpha of background; its least share of the light window
LIGHT_NOISE = 0.003  # noise, in linear light
MAX_PLAIN_SD = 16 / 255  # standard deviation (sRGB) up to which the wall is plain; at twice that it is not
ALL_PLAIN_RAMP = 0.9, 0.97  # share of the whole background that is plain: trust in the hidden wall
CHROMA_RAMP = 0.08, 0.14  # chroma of the wall (linear light): trust in its hue
MIN_PERSON_ALPHA, INNER_DEPTH_SHARE = (
    0.98,
    0.02,
)  # alpha and depth (share of the height) of certain pixels of the person
PERSON_WINDOW_SHARE = 0.16  # side of the window in which the person's colours are measured, as a share of the height
MIN_INNER_SHARE = 0.05  # least share of that window that must be certainly the person
MIN_OPAQUE_ALPHA = 0.998  # above this alpha, nothing of the wall was found in a pixel
LOW_TINGE_SDS, HIGH_TINGE_SDS = 1.0, 3.0  # standard deviations below and above the mean up to which a tinge is usual


class Wall(NamedTuple):
    """Measures of the wall, on the reduced picture."""

    light: Light
    """Mean linear light of the wall seen nearby."""

    trust: NDArray[np.float32]
    """Weight in [0, 1] of `light`."""

    hidden: Light
    """Linear light of the wall, also where the person hides it."""

    hope: NDArray[np.float32]
    """Weight in [0, 1] of `hidden`."""

    plain: np.float32
    """1 if all of the background is plain."""


class Tints(NamedTuple):
    """Measures of hues, on the reduced picture."""

    light: Light
    """Linear light of the picture."""

    hue: Light
    """Hue of the wall: unit vectors without grey."""

    grey: NDArray[np.float32]
    """Grey of the wall."""

    chroma: NDArray[np.float32]
    """Amount of its hue that the wall has."""

    tinge: NDArray[np.float32]
    """Amount of the wall's hue in each pixel; negative if the pixel has the opposite hue."""

    other: NDArray[np.float32]
    """Amount of other hues in each pixel, as a share of the wall's chroma."""

    inner: NDArray[np.float32]
    """1 where there is certainly only the person, else 0."""

    depth: NDArray[np.float32]
    """Distance from the outline, in pixels."""

    least: NDArray[np.float32]
    """Usual least tinge of the person nearby."""

    most: NDArray[np.float32]
    """Usual greatest tinge of the person nearby."""

    common: NDArray[np.float32]
    """The same, without tinges that are rare."""

    holds: NDArray[np.float32]
    """Weight in [0, 1] of all of this."""


def measure_wall(rgb: Rgb, alpha: Alpha) -> tuple[Alpha, Wall, Tints] | None:
    """Measure the wall, and the hues of wall and person.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].

    Returns
    -------
    tuple or None
        The reduced alpha, the measures of the wall, and those of hues; None if no background is plain.
    """
    size = reduced_size(alpha.shape)
    small, seen = (cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in (rgb, alpha))
    light = to_linear(small)
    wall = _wall(small, light, seen)
    return (seen, wall, _tints(light, seen, wall)) if wall.trust.any() else None


def reduced_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the width and height of the reduced picture."""
    height, width = shape
    zoom = min(1.0, REDUCED_HEIGHT_PX / height)
    return max(1, round(width * zoom)), max(1, round(height * zoom))


def _wall(rgb: Rgb, light: Light, alpha: Alpha) -> Wall:
    """Measure the wall around and behind each pixel of a reduced picture."""
    share = (alpha < MAX_BACKGROUND_ALPHA).astype(np.float32)
    near = blurred(share, LIGHT_WINDOW_SHARE)
    shares, part = thrice(share), thrice(np.maximum(near, 1e-4))

    def mean(layer: NDArray[np.float32]) -> NDArray[np.float32]:
        return blurred(layer * shares, LIGHT_WINDOW_SHARE) / part

    shown = rgb.astype(np.float32) / 255
    usual = mean(shown)
    spread = np.sqrt(np.maximum(largest(mean(shown * shown) - usual * usual), 0))
    trust = np.clip(2 - spread / MAX_PLAIN_SD, 0, 1) * np.clip(near / MIN_BACKGROUND_SHARE - 1, 0, 1)
    trust *= ramp(_wide(trust * share) / np.maximum(_wide(share), 1e-4), *PLAIN_SHARE_RAMP)
    trust = trust.astype(np.float32)
    around = mean(light)
    # The hidden wall is taken as the mean of the wall that is seen, with more weight on what is near.
    weight = np.maximum(trust, 1e-3)
    reach = _wide(weight)
    hidden = _wide(around * thrice(weight)) / thrice(reach)
    hidden += (around - hidden) * thrice(np.clip(2 * trust, 0, 1))
    hope = np.maximum(trust, np.clip(8 * reach - 0.5, 0, 1))
    plain = ramp((trust * share).sum() / max(float(share.sum()), 1.0), *ALL_PLAIN_RAMP)
    return Wall(around, trust, hidden, hope, np.float32(plain))


def _tints(light: Light, seen: Alpha, wall: Wall) -> Tints:
    """Measure the hues of wall and person on a reduced picture and its alpha."""
    grey = grey_of(wall.hidden)
    hue = wall.hidden - thrice(grey)
    chroma = np.sqrt(dot(hue, hue))
    hue /= thrice(np.maximum(chroma, 1e-3))
    tinge = dot(light, hue)  # the hue contains no grey, so that grey pixels have no tinge
    other = other_hue(light, grey_of(light), tinge) / np.maximum(chroma, 1e-3)
    depth = cv2.distanceTransform((seen > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    inner = ((seen > MIN_PERSON_ALPHA) & (depth > INNER_DEPTH_SHARE * REDUCED_HEIGHT_PX)).astype(np.float32)
    low, high = np.minimum(tinge, 0), np.maximum(tinge, 0)
    near = blurred(inner, PERSON_WINDOW_SHARE)
    mean, spread = _spread(high, inner, near)
    least, most = _from(_spread(low, inner, near), -LOW_TINGE_SDS), _from((mean, spread), HIGH_TINGE_SDS)
    # Some of the rare tinges are the wall's own light between strands of hair.
    often = inner * ((high <= mean + spread) & (seen > MIN_OPAQUE_ALPHA))
    common = _from(_spread(high, often, blurred(often, PERSON_WINDOW_SHARE)), HIGH_TINGE_SDS)
    holds = wall.hope * ramp(chroma, *CHROMA_RAMP) * ramp(near, MIN_INNER_SHARE, 2 * MIN_INNER_SHARE)
    return Tints(light, hue, grey, chroma, tinge, other, inner, depth, least, most, common, holds)


def measure_limits(layer: NDArray[np.float32], inner: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Return the usual least and greatest value of a layer among the person's pixels nearby."""
    near = blurred(inner, PERSON_WINDOW_SHARE)
    low, high = (_spread(part, inner, near) for part in (np.minimum(layer, 0), np.maximum(layer, 0)))
    return _from(low, -HIGH_TINGE_SDS), _from(high, HIGH_TINGE_SDS)


def _spread(
    layer: NDArray[np.float32], where: NDArray[np.float32], near: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and standard deviation around each pixel, over the pixels `where` is 1; `near` is their share."""
    near = np.maximum(near, 1e-4)
    layer = layer * where
    mean = blurred(layer, PERSON_WINDOW_SHARE) / near
    return mean, np.sqrt(np.maximum(blurred(layer * layer, PERSON_WINDOW_SHARE) / near - mean * mean, 0))


def _from(spread: tuple[NDArray[np.float32], NDArray[np.float32]], deviations: float) -> NDArray[np.float32]:
    """Return the value that lies so many standard deviations from the mean."""
    return spread[0] + np.float32(deviations) * spread[1]


def _wide(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean over a wide neighbourhood."""
    return blurred(blurred(layer, HIDDEN_WINDOW_SHARE), HIDDEN_WINDOW_SHARE)


def dot(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum of the products of the channels; numpy's sum over three channels is several times slower."""
    return np.asarray(one[..., 0] * other[..., 0] + one[..., 1] * other[..., 1] + one[..., 2] * other[..., 2])


def thrice(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Repeat a layer for each of three channels; numpy's broadcasting is several times slower."""
    return cv2.merge((layer, layer, layer))


def grey_of(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of the channels."""
    return (colours[..., 0] + colours[..., 1] + colours[..., 2]) / 3


def compute_least_alpha(light: Light, behind: Light) -> NDArray[np.float32]:
    """Return the least alpha of pixels before a wall of the light `behind`.

    A pixel is a mixture: light = alpha * foreground + (1 - alpha) * behind. The foreground lies in [0, 1], which
    limits alpha from below.
    """
    over = light - behind
    darker, brighter = (
        (-over - LIGHT_NOISE) / np.maximum(behind, 0.03),
        (over - LIGHT_NOISE) / np.maximum(1 - behind, 0.1),
    )
    return np.clip(largest(np.maximum(darker, brighter)), 0, 1)


def other_hue(light: Light, grey: NDArray[np.float32], tinge: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the chroma that remains of a light without its grey and without its tinge."""
    own = light - grey[..., None]
    return np.sqrt(np.maximum(dot(own, own) - tinge * tinge, 0))


def largest(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest of the channels; numpy's maximum over three channels is ten times slower."""
    return np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])


def blurred(layer: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """Return the mean over a square window whose side is a share of the height."""
    side = 2 * round(window * REDUCED_HEIGHT_PX / 2) + 1
    return cv2.blur(layer, (side, side))


def ramp(value: NDArray[np.float32], low: float | NDArray[np.float32], high: float | NDArray[np.float32]) -> Any:
    """Return 0 up to `low`, 1 from `high` on, and a smooth transition in between."""
    place = np.clip((value - low) / np.maximum(high - low, 1e-6), 0, 1)
    return place * place * (3 - 2 * place)
