"""Find the folder of spec files, and read the tables of papers and background colours."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from idphoto import yamlfile
from idphoto.errors import InvalidSpec
from idphoto.spec.models import SpecModel
from idphoto.units import Band, Extent

__all__ = ["ColourClass", "Paper", "load_colours", "load_papers", "specs_folder"]


class Paper(SpecModel):
    """A sheet to print on."""

    size: Extent
    aliases: tuple[str, ...] = ()
    title: str = ""
    source: str

    @property
    def mm(self) -> tuple[float, float]:
        """Width and height in millimetres, upright."""
        return self.size.mm


class Papers(SpecModel):
    """The file ``specs/papers.yaml``."""

    papers: dict[str, Paper]


class ColourClass(SpecModel):
    """The meaning of a colour name: the colour to paint, and the region of CIELAB to accept."""

    paint: str = Field(pattern=r"^#[0-9A-F]{6}$")
    lightness: Band
    chroma: Band
    hue: Band | None = Field(default=None, description="CIELAB hue angle; may run past 360 deg.")
    source: str


class Colours(SpecModel):
    """The file ``specs/colours.yaml``."""

    colours: dict[str, ColourClass]


@lru_cache(maxsize=1)
def specs_folder() -> Path:
    """Return the folder of spec files: the one in the wheel, or in a checkout the repository's."""
    override = os.environ.get("IDPHOTO_SPECS")
    if override:
        return Path(override)
    packed = Path(__file__).parents[1] / "_specs"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "specs"


@lru_cache(maxsize=1)
def load_papers() -> dict[str, Paper]:
    """Read all papers by name, in the order of ``papers.yaml``."""
    path = specs_folder() / "papers.yaml"
    return yamlfile.parse(Papers, yamlfile.load(path, InvalidSpec), path, InvalidSpec).papers


@lru_cache(maxsize=1)
def load_colours() -> dict[str, ColourClass]:
    """Read all background colours by name, in the order of ``colours.yaml``."""
    path = specs_folder() / "colours.yaml"
    return yamlfile.parse(Colours, yamlfile.load(path, InvalidSpec), path, InvalidSpec).colours
