"""Load the typefaces of pictures and reports: subsets of Noto Sans, one per script.

The files in ``noto/`` are made by ``tools/subset_fonts.py``. They hold the characters of the message catalogues,
Latin letters with marks, Devanagari and Arabic. A glyph that no character stands for (a joined form, say) can be
drawn by the character `GLYPHS_AT` plus its number, since Pillow and ReportLab draw characters, not glyphs.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = [
    "BOLD",
    "BOLD_WORDS",
    "GLYPHS_AT",
    "HOME",
    "REGULAR",
    "SCRIPTS",
    "UNITS_PER_EM",
    "WEIGHTS",
    "Face",
    "face_of",
    "load_face",
    "pillow_font",
    "register_font",
]

HOME = Path(__file__).parent / "noto"
REGULAR, BOLD = "Regular", "Bold"
WEIGHTS = (REGULAR, BOLD)
SCRIPTS = ("latin", "devanagari", "arabic", "han")
"""In this order a character looks for a typeface that has it."""

BOLD_WORDS = ("status-", "page-")
"""Prefixes of the names of words that are set in bold; the bold typefaces have their characters and Latin ones."""

GLYPHS_AT = 0xE000
"""Private-use character of the first glyph of each file."""

UNITS_PER_EM = 1000


class Face(NamedTuple):
    """One typeface in one weight, ready to shape text.

    Attributes
    ----------
    name : str
        Of the file without its ending, such as ``latin-regular``; ReportLab knows the typeface by it.
    shaper : uharfbuzz.Font
        At 1000 units per em.
    glyphs : mapping of int to int
        From characters (code points) to the numbers of their glyphs.
    characters : mapping of int to int
        From glyphs to the characters that they are drawn by.
    """

    name: str
    shaper: Any
    glyphs: dict[int, int]
    characters: dict[int, int]


@lru_cache(maxsize=len(SCRIPTS) * len(WEIGHTS))
def load_face(script: str, weight: str = REGULAR) -> Face:
    """Load the typeface of a script."""
    import uharfbuzz

    name = f"{script}-{weight.lower()}"
    data = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(HOME / f"{name}.ttf")))
    shaper = uharfbuzz.Font(data)
    private = range(GLYPHS_AT, GLYPHS_AT + data.glyph_count)
    glyphs = {code: shaper.get_nominal_glyph(code) for code in sorted(data.unicodes) if code not in private}
    characters = {glyph: GLYPHS_AT + glyph for glyph in range(data.glyph_count)}
    # Two characters may share a glyph; the lower one is the usual one.
    characters |= {glyph: code for code, glyph in reversed(glyphs.items())}
    return Face(name, shaper, glyphs, characters)


def face_of(character: str, weight: str = REGULAR, before: Face | None = None) -> Face:
    """Return the first typeface that has a character; one that is missing is drawn as the box of the first.

    A mark that combines with the letter before it, and a joiner, stay in the typeface of that letter (`before`).
    """
    code = ord(character)
    if before is not None and code in before.glyphs and unicodedata.category(character) in ("Mn", "Mc", "Cf"):
        return before
    found = (load_face(script, cut) for cut in (weight, REGULAR) for script in SCRIPTS)
    return next((face for face in found if code in face.glyphs), load_face(SCRIPTS[0], weight))


@lru_cache(maxsize=64)
def pillow_font(name: str, size: float) -> FreeTypeFont:
    """Load a typeface for Pillow, by the name of the face; `size` in pixels per em."""
    from PIL import ImageFont

    return ImageFont.truetype(str(HOME / f"{name}.ttf"), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=len(SCRIPTS) * len(WEIGHTS))
def register_font(name: str) -> str:
    """Make a typeface known to ReportLab, by the name of the face; return that name."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(name, str(HOME / f"{name}.ttf"), shapable=False))
    return name
