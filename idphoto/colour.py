"""Convert colours between sRGB, linear light and CIELAB, and composite a person over a background.

All functions are pure functions on arrays. Pictures are ``(H, W, 3)`` uint8 sRGB; linear light is float32 in
[0, 1]; CIELAB is relative to D65 with L in 0..100.

References
----------
.. [1] IEC 61966-2-1:1999, sRGB.
.. [2] CIE 15:2004, Colorimetry (CIELAB).
.. [3] Sharma, Wu, Dalal: The CIEDE2000 color-difference formula, Color Res. Appl. 30 (2005).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Colour",
    "composite",
    "compute_delta_e",
    "parse_colour",
    "rgb_to_lab",
    "to_linear",
    "to_srgb",
]

# Linear sRGB to XYZ, divided by the D65 white point, so that white becomes (1, 1, 1). [1]_
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
) / np.array([[0.95047], [1.0], [1.08883]])

_LEVELS = 4096  # steps of the table from linear light back to sRGB, spaced evenly in the square root


class Colour(NamedTuple):
    """An sRGB colour, each channel 0..255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02X}{self.green:02X}{self.blue:02X}"


def parse_colour(text: str) -> Colour:
    """Read a CSS colour: a name, ``#rgb``, ``#rrggbb``, ``rgb(...)``, ``hsl(...)``, or ``r,g,b``.

    Raises
    ------
    ValueError
        If `text` is none of these.
    """
    from PIL import ImageColor

    parts = text.replace(",", " ").split()
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        channels = tuple(int(part) for part in parts)
    else:
        try:
            channels = ImageColor.getrgb(text.strip())
        except ValueError:
            channels = ()
    # Pillow accepts 'rgb(300,0,0)' and colours with an alpha channel. Neither is a colour here.
    if len(channels) != 3 or not all(0 <= channel <= 255 for channel in channels):
        raise ValueError(f"'{text}' is not a colour, such as 'white', '#628BCE' or '98,139,206'")
    return Colour(*channels)


@lru_cache(maxsize=1)
def _linear_table() -> NDArray[np.float32]:
    code = np.arange(256) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


@lru_cache(maxsize=1)
def _srgb_table() -> NDArray[np.uint8]:
    linear = (np.arange(_LEVELS) / (_LEVELS - 1)) ** 2
    code = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(code * 255).astype(np.uint8)


def to_linear(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Undo the sRGB curve: uint8 of any shape to float32 linear light in [0, 1]."""
    # No uint8 is outside the table; "wrap" saves the test for it, which takes half of the time.
    return _linear_table().take(rgb, mode="wrap")


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Apply the sRGB curve: linear light, clipped to [0, 1], to uint8 of the same shape.

    The table has 4096 entries, spaced evenly in the square root of the light. With these, each of the
    256 levels survives the way to linear light and back.
    """
    index = np.sqrt(np.clip(linear, 0.0, 1.0)) * (_LEVELS - 1)
    return _srgb_table()[np.rint(index).astype(np.uint16)]


def composite(
    foreground: NDArray[np.uint8], alpha: NDArray[np.float32], background: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Composite a person over a background in linear light.

    A pixel of a camera adds the light of hair and of background, so they are mixed as light and not
    as sRGB levels.

    Parameters
    ----------
    foreground, background : ndarray of uint8, shape (H, W, 3)
        sRGB; `background` may be of any shape that broadcasts, such as ``(3,)``.
    alpha : ndarray of float32, shape (H, W)
        Share of the person in each pixel, in [0, 1].

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        Equal to `foreground` where alpha is 1 and to `background` where it is 0.
    """
    behind = np.broadcast_to(background, foreground.shape)
    result = np.where((alpha >= 0.5)[..., None], foreground, behind)
    # Only the edge is mixed: a few per cent of a portrait. All other pixels stay bit-exact.
    edge = (alpha > 0.0) & (alpha < 1.0)
    share = alpha[edge][:, None]
    mixed = to_linear(foreground[edge]) * share + to_linear(behind[edge]) * (1 - share)
    result[edge] = to_srgb(np.asarray(mixed, dtype=np.float32))
    return np.asarray(result, dtype=np.uint8)


def rgb_to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Convert sRGB pixels, ``(..., 3)`` uint8, to CIELAB (D65), ``(..., 3)`` float32, after [2]_."""
    xyz = to_linear(rgb) @ _TO_XYZ.T.astype(np.float32)
    cube = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = cube[..., 0], cube[..., 1], cube[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def compute_delta_e(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the CIEDE2000 difference of two arrays of CIELAB colours, shape (..., 3), after [3]_."""
    l1, a1, b1 = np.moveaxis(np.asarray(first, dtype=np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, dtype=np.float64), -1, 0)
    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = h2 - h1
    # Take the shorter way round the circle of hues. For opposite hues both ways are equal; no turn is subtracted then.
    turn = np.where(grey, 0, turn - 360 * np.sign(turn) * (np.abs(turn) > 180 + 1e-9))
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = np.where(grey, h1 + h2, (h1 + turn / 2) % 360)
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rotation = (
        -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    )
    d_l, d_c = (l2 - l1) / s_l, (c2 - c1) / s_c
    d_h = d_hue / s_h
    return np.sqrt(np.maximum(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h, 0))
