"""Lines of text in every script: breaks, direction, and glyphs that exist."""

from __future__ import annotations

import subprocess
import sys

import pytest

from idphoto.messages import catalogue, languages
from idphoto.output.typefaces import BOLD, BOLD_WORDS, HOME, REGULAR, SCRIPTS, WEIGHTS, face_of, load_face
from idphoto.output.typesetting import Line, break_lines, set_line
from idphoto.spec import all_specs

ISOLATES = "\u2066\u2069"
ARABIC = "الرأس أصغر من اللازم: \u206616.1–17 mm\u2069 من الذقن (أ)، والمطلوب JPEG."


def drawn(line: Line) -> str:
    """Characters of a line from left to right."""
    return "".join(glyph.text for glyph in line.glyphs)


def texts(language: str) -> list[str]:
    spoken = catalogue(language)
    codes = [part for text in spoken.codes.values() for part in (text.message, text.fix)]
    return [spoken.name, *spoken.words.values(), *spoken.titles.values(), *codes]


@pytest.mark.parametrize("language", languages())
def test_every_character_of_every_catalogue_is_in_the_typefaces(language: str) -> None:
    """If this fails, run `python -m tools.subset_fonts`."""
    missing = {c for text in texts(language) for c in text if c not in ISOLATES and not has(c, REGULAR)}
    assert missing == set()
    words = [word for name, word in catalogue(language).words.items() if name.startswith(BOLD_WORDS)]
    assert {c for word in words for c in word if c not in ISOLATES and not has(c, BOLD)} == set()


def test_names_of_documents_and_sources_can_be_written() -> None:
    written = {c for spec in all_specs() for text in (spec.label, *(s.title for s in spec.sources)) for c in text}
    assert {c for c in written if not has(c, REGULAR)} == set()


def has(character: str, weight: str) -> bool:
    return any(ord(character) in load_face(script, weight).glyphs for script in SCRIPTS)


def test_the_typefaces_are_small_and_come_with_their_licence() -> None:
    files = sorted(HOME.glob("*.ttf"))
    assert len(files) == len(SCRIPTS) * len(WEIGHTS)
    assert sum(path.stat().st_size for path in files) < 500_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (HOME / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", languages())
def test_no_glyph_is_missing_after_shaping(language: str) -> None:
    for text in texts(language):
        line = set_line(text, rtl=language == "ar")
        assert all(glyph.number != 0 for glyph in line.glyphs), text
        assert sorted("".join(drawn(line).split())) == sorted("".join(line.text.split()))


def test_arabic_runs_from_right_to_left_and_what_stands_in_an_isolate_from_left_to_right() -> None:
    line = set_line(ARABIC, rtl=True)
    shown = drawn(line)
    assert "16.1–17 mm" in shown
    assert "JPEG" in shown
    assert shown.index("JPEG") < shown.index("16.1")  # what is read later stands further left
    assert shown.startswith(".")
    assert shown.endswith("ا")


def test_brackets_around_arabic_are_mirrored() -> None:
    opening = next(glyph for glyph in set_line("(أ)", rtl=True).glyphs if glyph.text == ")")
    assert opening.character == "("
    assert opening.x == 0


def test_arabic_letters_join_and_devanagari_vowels_change_places() -> None:
    joined, apart = set_line("بب", rtl=True), [set_line("ب", rtl=True).glyphs[0].number] * 2
    assert [glyph.number for glyph in joined.glyphs] != apart
    vowel, letter = ord("ि"), ord("क")
    face = face_of("क")
    numbers = [glyph.number for glyph in set_line("कि").glyphs]
    assert numbers[-1] == face.glyphs[letter]
    assert len(numbers) == 2
    assert face.glyphs[vowel] != numbers[-1]


def test_lines_are_no_wider_than_asked_and_lose_nothing() -> None:
    for language in languages():
        for text in texts(language)[-60:]:
            lines = break_lines(text, 120, 10, rtl=language == "ar")
            assert all(line.width <= 12_000 + 1e-6 for line in lines)
            kept = "".join("".join(line.text.split()) for line in lines)
            assert kept == "".join("".join(c for c in text if c not in ISOLATES).split())


def test_a_number_stays_with_its_unit_and_a_closing_mark_with_its_word() -> None:
    for width in range(70, 200, 5):
        for line in break_lines("the head is 16.1 mm high, 35 × 45 mm, 43 pixels", width, 10):
            assert not line.text.startswith(("mm", "×", "pixels"))
        for line in break_lines("头部太小：从下巴到头顶为三十（要求：六十）。请裁剪。", width, 10):
            assert not line.text.startswith(("：", "）", "。", "，"))
            assert not line.text.endswith("（")


def test_a_word_that_is_too_long_is_cut() -> None:
    lines = break_lines("https://example.org/" + "a" * 100, 100, 10)
    assert len(lines) > 3
    assert all(line.width <= 10_000 for line in lines)


def test_a_character_that_no_typeface_has_is_drawn_as_a_box() -> None:
    (glyph,) = set_line("𓀀").glyphs
    assert glyph.number == 0


def test_importing_the_package_loads_no_shaper() -> None:
    code = "import idphoto, idphoto.output, sys; print(sorted({'uharfbuzz', 'bidi', 'reportlab'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
