"""Paint what replaces the background: a colour, a gradient or a picture.

A background fill is a text, on the command line and in YAML::

    white                     a colour of specs/colours.yaml, or any CSS name
    #628BCE    98,139,206     a colour by its 8-bit sRGB levels
    vertical(#FFF, #C8D0D8)   from top to bottom
    radial(white, #B0B8C0)    from the middle to the corners
    wall.jpg                  a picture, cropped to fill
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from idphoto.colour import Colour, parse_colour, to_linear, to_srgb
from idphoto.decode import Source
from idphoto.errors import InputError
from idphoto.spec import load_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.units import Size

__all__ = ["BackgroundFill", "GradientFill", "PictureFill", "PlainFill", "parse_background_fill"]


class BackgroundFill(Protocol):
    """A fill that can be painted at any size."""

    def paint(self, size: Size) -> NDArray[np.uint8]:
        """Paint sRGB pixels of shape (H, W, 3)."""
        ...


@dataclass(frozen=True, slots=True)
class PlainFill:
    """One colour for the whole background."""

    colour: Colour
    name: str = ""

    def paint(self, size: Size) -> NDArray[np.uint8]:
        """Paint sRGB pixels of shape (H, W, 3)."""
        return np.full((size.height, size.width, 3), self.colour, dtype=np.uint8)

    def __str__(self) -> str:
        return f"{self.name} {self.colour}".strip()


@dataclass(frozen=True, slots=True)
class GradientFill:
    """A gradient in linear light, from top to bottom or from the middle to the corners."""

    first: Colour
    second: Colour
    radial: bool = False

    def paint(self, size: Size) -> NDArray[np.uint8]:
        """Paint sRGB pixels of shape (H, W, 3)."""
        y = np.linspace(0, 1, size.height)[:, None]
        if self.radial:
            x = np.linspace(-1, 1, size.width)
            share = np.hypot(x, 2 * y - 1) / np.sqrt(2)
        else:
            share = np.broadcast_to(y, (size.height, size.width))
        ends = to_linear(np.array([self.first, self.second], dtype=np.uint8))
        light = ends[0] + (ends[1] - ends[0]) * share[..., None].astype(np.float32)
        return to_srgb(light)

    def __str__(self) -> str:
        return f"{'radial' if self.radial else 'vertical'}({self.first}, {self.second})"


@dataclass(frozen=True, slots=True)
class PictureFill:
    """A picture, cropped about its middle to fill the frame."""

    path: Path

    def paint(self, size: Size) -> NDArray[np.uint8]:
        """Paint sRGB pixels of shape (H, W, 3)."""
        source = Source.read(self.path)
        fill = max(size.width / source.size.width, size.height / source.size.height)
        rgb, scale = source.pixels(min(1.0, fill))
        wide, high = round(size.width * scale / fill), round(size.height * scale / fill)
        left, top = max((rgb.shape[1] - wide) // 2, 0), max((rgb.shape[0] - high) // 2, 0)
        window = rgb[top : top + high, left : left + wide]
        shrinks = window.shape[0] > size.height
        return cv2.resize(
            window, (size.width, size.height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        )

    def __str__(self) -> str:
        return f"picture {self.path.name}"


_GRADIENT = re.compile(r"^\s*(vertical|radial)\s*\(\s*(.+?)\s*,\s*((?:[^,()]|\([^)]*\))+?)\s*\)\s*$")


def parse_background_fill(text: str) -> PlainFill | GradientFill | PictureFill:
    """Read a background fill from its text; the module's docstring lists the forms.

    Raises
    ------
    InputError
        If `text` is not a background fill.
    """
    gradient = _GRADIENT.match(text)
    try:
        if gradient is not None:
            return GradientFill(_colour(gradient[2])[0], _colour(gradient[3])[0], gradient[1] == "radial")
        if "." in text and Path(text).suffix and Path(text).is_file():
            return PictureFill(Path(text))
        return PlainFill(*_colour(text))
    except (OSError, ValueError) as cause:  # OSError: a text can be too long to be a path
        raise InputError(
            f"{str(cause).rstrip('.')}.",
            "Give a colour name, a code such as '#628BCE', 'vertical(white, #CCC)', 'radial(white, #CCC)' "
            "or a picture.",
        ) from cause


def _colour(text: str) -> tuple[Colour, str]:
    known = load_colours().get(text.strip().lower())
    if known is not None:
        return parse_colour(known.paint), text.strip().lower()
    colour = parse_colour(text)
    return colour, "" if "#" in text or "," in text else text.strip().lower()
