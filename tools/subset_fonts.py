"""Make the typefaces of pictures and reports: subsets of Noto Sans with the characters that messages need.

    apt-get install fonts-noto-core fonts-noto-cjk
    python -m tools.subset_fonts

Run it again when a message catalogue gains a character; `tests/output/test_typefaces.py` tells when. Each glyph
also gets a character of its own in a private-use plane (`idphoto.output.typefaces.GLYPHS_AT` plus the number of the
glyph), so that Pillow and ReportLab can draw the glyphs that HarfBuzz chooses.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from idphoto.messages import catalogue, languages
from idphoto.output.typefaces import BOLD_WORDS, GLYPHS_AT, HOME, SCRIPTS, WEIGHTS
from idphoto.spec import all_specs

NOTO = Path("/usr/share/fonts")
SOURCES = {
    "latin": "truetype/noto/NotoSans-{weight}.ttf",
    "devanagari": "truetype/noto/NotoSansDevanagari-{weight}.ttf",
    "arabic": "truetype/noto/NotoSansArabic-{weight}.ttf",
    "han": "opentype/noto/NotoSansCJK-{weight}.ttc",
}
SIMPLIFIED_CHINESE = 2  # number of the font in the collection

LATIN = {
    *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2015), *range(0x2018, 0x201F),
    *map(ord, "ȘșȚțẞ\u2009\u202f•…‰′″‹›€™−"),
}  # fmt: skip
DEVANAGARI = {*range(0x901, 0x951), *range(0x958, 0x973), 0x200C, 0x200D, 0x25CC}
ARABIC = {
    *range(0x60C, 0x60D), 0x61B, 0x61F, *range(0x621, 0x653), *range(0x660, 0x66E), 0x670, 0x671,
    *map(ord, "ٹپچڈڑژکگںھہیےۓ۔"), 0x200C, 0x200D,
}  # fmt: skip
EXTRA = {"latin": LATIN, "devanagari": DEVANAGARI, "arabic": ARABIC, "han": set(map(ord, "←→≈≠≤≥"))}
FEATURES = {
    "latin": [],
    "devanagari": [
        "nukt",
        "akhn",
        "rphf",
        "rkrf",
        "blwf",
        "half",
        "vatu",
        "cjct",
        "pres",
        "abvs",
        "blws",
        "psts",
        "haln",
        "locl",
        "ccmp",
        "dist",
        "kern",
        "abvm",
        "blwm",
        "mark",
        "mkmk",
    ],
    "arabic": ["init", "medi", "fina", "isol", "rlig", "calt", "ccmp", "locl", "kern", "mark", "mkmk"],
    "han": [],
}  # fmt: skip
"""Features of each font that HarfBuzz needs; stylistic alternates are left out."""

CUBIC_ERROR = 1.0  # units per em of 1000 by which a quadratic outline may miss the cubic one


def wanted(weight: str) -> set[int]:
    """Return the characters of all catalogues and of the documents' names; in bold, of headings and statuses alone."""
    spoken = [catalogue(language) for language in languages()]
    if weight == "Bold":
        texts = [text for each in spoken for key, text in each.words.items() if key.startswith(BOLD_WORDS)]
    else:
        texts = [f"{spec.label} {' '.join(source.title for source in spec.sources)}" for spec in all_specs()]
        texts += [text for each in spoken for text in (each.name, *each.words.values(), *each.titles.values())]
        texts += [f"{text.message} {text.fix}" for each in spoken for text in each.codes.values()]
    return {ord(letter) for text in texts for letter in text if unicodedata.category(letter) != "Cf"}


def subset(script: str, weight: str) -> TTFont:
    """Cut a font down to the characters that are wanted and that earlier scripts do not have."""
    path = NOTO / SOURCES[script].format(weight=weight)
    font = TTFont(path, fontNumber=SIMPLIFIED_CHINESE if path.suffix == ".ttc" else -1)
    # Bold letters are for headings; other scripts than Latin then have the letters of the catalogues alone.
    extra = EXTRA[script] if weight == "Regular" or script != "devanagari" else set()
    characters = (wanted(weight) | extra) - (set() if script == "latin" else LATIN)
    options = Options()
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.layout_features = FEATURES[script]
    options.layout_scripts = ["*"]
    options.glyph_names = False
    if script == "han":
        options.drop_tables += ["STAT", "MVAR", "vhea", "vmtx", "VORG", "BASE", "GDEF", "GSUB", "GPOS"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    if "CFF " in font:
        to_quadratic(font)
    return font


def to_quadratic(font: TTFont) -> None:
    """Turn PostScript outlines into TrueType ones, which PDF files of ReportLab can hold."""
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    made = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, CUBIC_ERROR, reverse_direction=True))
        made[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, made
    del font["CFF "]
    for name, glyph in made.items():
        glyph.recalcBounds(table)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"):
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    for field in ("maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours",
                  "maxCompositePoints", "maxCompositeContours", "maxComponentDepth"):  # fmt: skip
        setattr(maxp, field, 0)
    maxp.recalc(font)
    font.sfntVersion = "\000\001\000\000"


def name_glyphs(font: TTFont, script: str, weight: str) -> None:
    """Give each glyph its own character, and the font a name of its own."""
    characters = {GLYPHS_AT + number: name for number, name in enumerate(font.getGlyphOrder())}
    characters |= font.getBestCmap()
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, characters
    font["cmap"].tables = [table]
    family, style = f"idphoto {script}", weight
    values = {1: family, 2: style, 3: f"{family} {style}", 4: f"{family} {style}", 6: f"idphoto-{script}-{style}"}
    kept = {0: font["name"].getDebugName(0), 13: font["name"].getDebugName(13), 14: font["name"].getDebugName(14)}
    font["name"].names = []
    for number, text in {**values, **kept}.items():
        if text:
            font["name"].setName(text, number, 3, 1, 0x409)
    font["post"].formatType = 3.0


def main() -> None:
    """Write all subsets into the package."""
    for script in SCRIPTS:
        for weight in WEIGHTS:
            font = subset(script, weight)
            name_glyphs(font, script, weight)
            font["head"].created = font["head"].modified = 0
            path = HOME / f"{script}-{weight.lower()}.ttf"
            font.recalcTimestamp = False
            font.save(path)
            print(f"{path.name}: {len(font.getGlyphOrder())} glyphs, {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    sys.exit(main())
