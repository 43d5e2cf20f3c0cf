"""The typeface of pictures and reports: Bitstream Vera, which ReportLab carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = ["BOLD", "PLAIN", "WRITTEN", "font", "register"]

PLAIN, BOLD = "Vera", "VeraBd"
WRITTEN = ("en", "de", "es", "fr")
"""Languages that the typeface can write; in others pictures and reports speak English."""


def _path(name: str) -> Path:
    import reportlab

    return Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf"


@lru_cache(maxsize=16)
def font(size: int, name: str = PLAIN) -> FreeTypeFont:
    """Typeface for Pillow; `size` in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(str(_path(name)), size)


@lru_cache(maxsize=1)
def register() -> None:
    """Make both cuts known to ReportLab."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_path(name))))
