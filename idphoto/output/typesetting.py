"""Set text of any of the languages: break it into lines, order it by direction, and choose the glyphs.

HarfBuzz joins Arabic letters and orders Devanagari vowels; python-bidi tells the direction of each character.
Pictures (`draw_line`) and pages (`write_line`) draw the same glyphs at the same places, so both need no library of
the system.

References
----------
.. [1] Unicode Standard Annex 9, Unicode Bidirectional Algorithm: rules X1 to L2.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from idphoto.output.typefaces import (
    REGULAR,
    UNITS_PER_EM,
    Face,
    face_of,
    pillow_font,
    register_font,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.ImageDraw import ImageDraw

__all__ = ["Glyph", "Line", "break_lines", "can_set", "cut_line", "draw_line", "set_line", "write_line"]

_ISOLATE = re.compile("\u2066([^\u2066\u2069]*)\u2069")  # from LEFT-TO-RIGHT ISOLATE to its end
_LEFT_OUT = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")  # steers text and is not drawn
_PLACEHOLDER = "\ufffc"  # stands for an isolate; Unicode counts it as neutral, as rule X5 counts isolates
_UNITS = "mm|cm|in|px|pixels|KB|MB|dpi|%|°"
_NO_BREAK = re.compile(
    rf"(?<=\d) (?=(?:{_UNITS})(?!\w))|(?<=[\d/–]) (?=[\d×x±])|(?<=[×x±≤≥«]) (?=\S)|(?<=\S) (?=[;:!?»])"
)
_OPENING, _CLOSING = "（“《【", "，。；：、！？）”》】%"
_HAN = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”"
_BREAKABLE = re.compile(rf" *(?:[{_OPENING}]*[{_HAN}][{_CLOSING}]*|[^{_HAN} ]+[{_CLOSING}]*)")

OVERSAMPLING = 4
"""Pictures are lettered this many times larger, then scaled down."""


class Glyph(NamedTuple):
    """A glyph in its place on a line.

    Attributes
    ----------
    face : Face
        The typeface.
    number : int
        Of the glyph in it.
    x, y, advance : float
        From the left end of the line, up from the baseline, and to the next glyph, in thousandths of the font size.
    text : str
        The characters that this glyph and those after it with an empty `text` stand for.
    """

    face: Face
    number: int
    x: float
    y: float
    advance: float
    text: str

    @property
    def character(self) -> str:
        """The character that draws the glyph."""
        return chr(self.face.characters[self.number])


class Line(NamedTuple):
    """A line of text: its glyphs from left to right, its width in thousandths of the size, and what it says."""

    glyphs: tuple[Glyph, ...]
    width: float
    text: str


class _Run(NamedTuple):
    """Characters of one typeface and one direction; the level is odd from right to left."""

    text: str
    face: Face | None
    level: int


def break_lines(text: str, width: float, size: float, weight: str = REGULAR, *, rtl: bool = False) -> list[Line]:
    """Break a text into lines that are no wider than `width`, at a font size in the same unit.

    A number stays on one line with its unit, and so does what stands in an isolate. Chinese breaks between any two
    characters, but no line begins with a closing mark. A word that is too long for a line is cut.
    """
    most = width * UNITS_PER_EM / size
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in _words(part, most, weight):
            if line and _width(line, weight) + _width(word, weight) > most:
                lines.append(line)
                line = word.lstrip()
            else:
                line += word
        lines.append(line)
    return [set_line(line.strip(), weight, rtl=rtl) for line in lines]


def _words(text: str, most: float, weight: str) -> Iterator[str]:
    """Cut a text into the pieces between which a line may break; a space stays with the word after it."""
    glued = _NO_BREAK.sub("\u00a0", text)
    glued = _ISOLATE.sub(lambda match: match[0].replace(" ", "\u00a0"), glued)
    for word in _BREAKABLE.findall(glued):
        rest = word
        while _width(rest, weight) > most and len(rest) > 1:
            fits = next((n for n in range(len(rest) - 1, 1, -1) if _width(rest[:n], weight) <= most), 1)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


@lru_cache(maxsize=4096)
def _width(text: str, weight: str) -> float:
    return set_line(text, weight).width


@lru_cache(maxsize=4096)
def set_line(text: str, weight: str = REGULAR, *, rtl: bool = False) -> Line:
    """Set a text on one line.

    Parameters
    ----------
    text : str
        In logical order. Isolates (U+2066 to U+2069) are kept in order from left to right.
    weight : str
        ``Regular`` or ``Bold``.
    rtl : bool
        Whether the line as a whole runs from right to left.
    """
    isolates = _ISOLATE.findall(text)
    outer = _ISOLATE.sub(_PLACEHOLDER, text)
    outer = _LEFT_OUT.sub("", outer)
    glyphs: list[Glyph] = []
    pen = 0.0
    inner = iter(isolates)
    runs = [(run, set_line(next(inner), weight) if run.face is None else None) for run in _runs(outer, weight, rtl=rtl)]
    for run, isolate in _in_visual_order(runs):
        placed = isolate.glyphs if isolate is not None else _shape(run)
        glyphs += (glyph._replace(x=pen + glyph.x) for glyph in placed)
        pen += isolate.width if isolate is not None else sum(glyph.advance for glyph in placed)
    return Line(tuple(glyphs), pen, _LEFT_OUT.sub("", text))


def cut_line(text: str, width: float, size: float, weight: str = REGULAR) -> Line:
    """Set a text on one line of at most this width; what does not fit is left out, and an ellipsis says so.

    Parameters
    ----------
    text : str
        In logical order.
    width, size : float
        Of the line and of the letters, in the same unit.
    weight : str
        ``Regular`` or ``Bold``.
    """
    most = width * UNITS_PER_EM / size
    line = set_line(text, weight)
    kept = text
    while line.width > most and kept:
        kept = kept[:-1]
        line = set_line(f"{kept.rstrip()}…", weight)
    return line


def can_set(text: str) -> bool:
    """Return True if the typefaces have all characters of a text."""
    return all(ord(character) in face_of(character).glyphs for character in _LEFT_OUT.sub("", text))


def _levels(text: str, *, rtl: bool) -> list[int]:
    """Return the embedding level of each character."""
    if not rtl and not any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text):
        return [0] * len(text)
    from bidi import algorithm

    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = (1, "R") if rtl else (0, "L")
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    return [entry["level"] for entry in storage["chars"]]


def _runs(text: str, weight: str, *, rtl: bool) -> list[_Run]:
    """Cut a line where the typeface or the direction changes; a placeholder is a run without a typeface."""
    runs: list[_Run] = []
    face: Face | None = None
    for character, level in zip(text, _levels(text, rtl=rtl), strict=True):
        face = None if character == _PLACEHOLDER else face_of(character, weight, face)
        if face is not None and runs and runs[-1].face == face and runs[-1].level == level:
            runs[-1] = runs[-1]._replace(text=runs[-1].text + character)
        else:
            runs.append(_Run(character, face, level))
    return runs


def _in_visual_order(runs: Sequence[tuple[_Run, Line | None]]) -> list[tuple[_Run, Line | None]]:
    """Reverse runs from the highest level down to the lowest odd one (rule L2)."""
    ordered = list(runs)
    for level in range(max((run.level for run, _ in runs), default=0), 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end][0].level >= level:
                end += 1
            ordered[start:end] = reversed(ordered[start:end])
            start = max(end, start + 1)
    return ordered


def _shape(run: _Run) -> list[Glyph]:
    """Choose and place the glyphs of a run, from left to right."""
    import uharfbuzz

    assert run.face is not None
    buffer = uharfbuzz.Buffer()
    buffer.add_codepoints([ord(character) for character in run.text])
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    uharfbuzz.shape(run.face.shaper, buffer)
    starts = sorted({info.cluster for info in buffer.glyph_infos})
    texts = {start: run.text[start:end] for start, end in zip(starts, [*starts[1:], len(run.text)], strict=True)}
    glyphs, pen = [], 0.0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        text = texts.pop(info.cluster, "")
        glyphs.append(Glyph(run.face, info.codepoint, pen + place.x_offset, place.y_offset, place.x_advance, text))
        pen += place.x_advance
    return glyphs


def draw_line(
    draw: ImageDraw, place: tuple[float, float], line: Line, size: float, colour: tuple[int, int, int]
) -> None:
    """Draw a line with Pillow; `place` is the left end of its baseline in pixels.

    FreeType moves glyphs to whole pixels, which makes the spaces between letters uneven. The line is therefore drawn
    larger and scaled down.
    """
    from PIL import Image, ImageDraw

    left, top = math.floor(place[0]) - 2, math.floor(place[1] - 1.3 * size)
    width, height = math.ceil(line.width * size / UNITS_PER_EM) + 6, math.ceil(2 * size)
    mask = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    large = ImageDraw.Draw(mask)
    for glyph in line.glyphs:
        x = place[0] - left + glyph.x * size / UNITS_PER_EM
        y = place[1] - top - glyph.y * size / UNITS_PER_EM
        font = pillow_font(glyph.face.name, size * OVERSAMPLING)
        large.text((x * OVERSAMPLING, y * OVERSAMPLING), glyph.character, 255, font, anchor="ls")
    draw.bitmap((left, top), mask.reduce(OVERSAMPLING), colour)


def write_line(canvas: Any, place: tuple[float, float], line: Line, size: float) -> None:
    """Draw a line with ReportLab; `place` is the left end of its baseline in points.

    Glyphs that do not stand for one character each carry what they stand for (ActualText), so that the text can be
    searched for, copied and read aloud.
    """
    text = canvas.beginText()
    for piece in _pieces(line.glyphs):
        said = "".join(glyph.text for glyph in piece)
        drawn = "".join(glyph.character for glyph in piece)
        if drawn != said:
            text._code.append(f"/Span <</ActualText <FEFF{said.encode('utf-16-be').hex().upper()}> >> BDC")
        for part in _even(piece):
            x, y = part[0].x * size / UNITS_PER_EM, part[0].y * size / UNITS_PER_EM
            text.setTextOrigin(place[0] + x, place[1] + y)
            text.setFont(register_font(part[0].face.name), size)
            text.textOut("".join(glyph.character for glyph in part))
        if drawn != said:
            text._code.append("EMC")
    canvas.drawText(text)


def _pieces(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Join glyphs that stand for one character each; keep others apart, each with the glyphs that belong to it."""
    clusters: list[list[Glyph]] = []
    for glyph in glyphs:
        if glyph.text or not clusters:
            clusters.append([glyph])
        else:
            clusters[-1].append(glyph)
    for plain, group in groupby(
        clusters, lambda cluster: len(cluster) == 1 and cluster[0].character == cluster[0].text
    ):
        if plain:
            yield [cluster[0] for cluster in group]
        else:
            yield from group


def _even(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Join glyphs that follow each other at the widths that the typeface gives them."""
    pieces: list[list[Glyph]] = []
    for glyph in glyphs:
        last = pieces[-1][-1] if pieces else None
        if (
            last is not None
            and last.face is glyph.face
            and last.y == glyph.y
            and abs(last.x + last.face.shaper.get_glyph_h_advance(last.number) - glyph.x) < 1
        ):
            pieces[-1].append(glyph)
        else:
            pieces.append([glyph])
    return pieces
