"""The names of background colours: the one shade of every colour, and the shades that a name accepts.

Names and limits are those of ``specs/colours.yaml``, which gives their reasons.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pydantic import Field, field_validator, model_validator

from idphoto import yamlfile
from idphoto.errors import InvalidSpec
from idphoto.spec.models import SpecModel
from idphoto.spec.reference import specs_folder
from idphoto.units import Band

__all__ = [
    "ColourClass",
    "ShadeRegion",
    "find_shade",
    "list_shades",
    "load_colours",
    "load_shades",
    "measure_shade_distance",
]


class ShadeRegion(SpecModel):
    """A region of CIELAB: bands of lightness and chroma, and of the hue angle if the shade has a hue."""

    lightness: Band
    chroma: Band
    hue: Band | None = Field(default=None, description="CIELAB hue angle; may run past 360 deg.")

    def measure_distance(self, lab: Sequence[float]) -> float:
        """Return how far a colour lies outside the region, in CIELAB units; 0 inside it.

        Parameters
        ----------
        lab : sequence of float, length 3
            CIELAB, relative to D65.
        """
        lightness, a, b = (float(part) for part in lab)
        chroma = math.hypot(a, b)
        parts = [_measure_excess(self.lightness, lightness), _measure_excess(self.chroma, chroma)]
        if self.hue is not None:
            angle = math.degrees(math.atan2(b, a))
            turned = min(_measure_excess(self.hue, angle + turn) for turn in (-360, 0, 360, 720))
            # The chord between the two hues; a colour without chroma has any hue.
            parts.append(2 * chroma * math.sin(math.radians(min(turned, 180)) / 2))
        return math.hypot(*parts)

    def __str__(self) -> str:
        bands = [_write(self.lightness, "L*"), _write(self.chroma, "C*")]
        if self.hue is not None:
            low, high = self.hue.low % 360, self.hue.high % 360
            bands.append(f"h {low:g}°–{high:g}°")
        return ", ".join(bands)


class ColourClass(SpecModel):
    """The meaning of a colour name in a document: the colour to paint, and the shades that it accepts."""

    paint: str = Field(pattern=r"^#[0-9A-F]{6}$")
    shades: tuple[str, ...] = Field(description="Accepted shades; none if every shade is.")
    source: str


class Colours(SpecModel):
    """The file ``specs/colours.yaml``."""

    shades: dict[str, tuple[ShadeRegion, ...]]
    colours: dict[str, ColourClass]

    @field_validator("shades", mode="before")
    @classmethod
    def _as_lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: regions if isinstance(regions, list) else [regions] for name, regions in value.items()}

    @model_validator(mode="after")
    def _names_known_shades(self) -> Colours:
        unknown = {shade for colour in self.colours.values() for shade in colour.shades} - set(self.shades)
        if unknown:
            raise ValueError(f"there is no shade '{min(unknown)}'")
        return self


def _measure_excess(band: Band, value: float) -> float:
    return max(band.low - value, value - band.high, 0.0)


def _write(band: Band, unit: str) -> str:
    return f"{unit} {band.low:g}+" if math.isinf(band.high) else f"{unit} {band.low:g}–{band.high:g}"


@lru_cache(maxsize=1)
def _load() -> Colours:
    path = specs_folder() / "colours.yaml"
    return yamlfile.parse(Colours, yamlfile.load(path, InvalidSpec), path, InvalidSpec)


def load_colours() -> dict[str, ColourClass]:
    """Read all colour names of documents, in the order of ``colours.yaml``."""
    return _load().colours


def load_shades() -> dict[str, tuple[ShadeRegion, ...]]:
    """Read all shades with their regions, in the order of ``colours.yaml``."""
    return _load().shades


def find_shade(lab: Sequence[float]) -> str:
    """Return the name of the shade of a CIELAB colour, such as ``light-grey``; every colour has one."""
    return min(load_shades(), key=lambda name: measure_shade_distance(lab, name)[0])


def measure_shade_distance(lab: Sequence[float], shade: str) -> tuple[float, ShadeRegion]:
    """Return how far a CIELAB colour lies outside a shade, in CIELAB units, and the region that is nearest."""
    return min(((region.measure_distance(lab), region) for region in load_shades()[shade]), key=lambda pair: pair[0])


def list_shades(names: Iterable[str]) -> tuple[str, ...]:
    """Return the shades that any of some colour names accepts, without doubles."""
    return tuple(dict.fromkeys(shade for name in names for shade in load_colours()[name].shades))
