"""Find the folder of spec files, and read the table of papers."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from idphoto import yamlfile
from idphoto.errors import InvalidSpec
from idphoto.spec.models import SpecModel
from idphoto.units import Extent

__all__ = ["Paper", "load_papers", "specs_folder"]


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
