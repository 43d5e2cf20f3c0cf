"""The catalogue: every code in every language, filled with the same values."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import idphoto
import idphoto.errors
from idphoto import messages
from idphoto.checks import CHECKS
from idphoto.job import Job, option_of
from idphoto.messages import catalogue, languages, say, spoken

ROOT = Path(__file__).parents[1]
OTHERS = [language for language in languages() if language != "en"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_languages_that_were_promised_are_there() -> None:
    assert set(languages()) == {"en", "de", "es", "fr", "zh", "hi", "ar"}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_everything_english_says(language: str) -> None:
    english, other = catalogue(), catalogue(language)
    assert other.language == language
    assert set(other.codes) == set(english.codes)
    assert set(other.words) == set(english.words)
    assert set(other.titles) == set(english.titles)
    assert set(other.page) == set(english.page)
    for name, text in english.page.items():
        assert fields(other.page[name]) == fields(text), name
    for code, text in english.codes.items():
        assert fields(other.codes[code].message) == fields(text.message), code
        assert fields(other.codes[code].fix) == fields(text.fix), code
        assert bool(other.codes[code].fix) == bool(text.fix), code


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_was_left_in_english(language: str) -> None:
    english, other = catalogue(), catalogue(language)
    same = [code for code, text in english.codes.items() if other.codes[code].message == text.message]
    assert same == []


def test_every_code_in_the_source_has_a_message_and_every_message_a_code() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "idphoto").rglob("*.py"))
    known = set(catalogue().codes)
    groups = {check.id for check in CHECKS} | {"print-sheet"}
    assert {code.partition(".")[0] for code in known} <= groups
    written = {
        code for code in re.findall(r'"([a-z][a-z-]+\.[a-z][a-z-]+)"', source) if code.partition(".")[0] in
        groups and not code.endswith((".not-assessed", ".yaml", ".json", ".npz"))
    }  # fmt: skip
    # The check and the stage of cutouts have one name, so that options of the stage look like codes; so do errors.
    options = {place for name in Job.model_fields for place in option_of(name).sets}
    errors = {error.code for error in vars(idphoto.errors).values() if hasattr(error, "code")}
    assert written - options - errors <= known, written - known


def test_a_message_that_fails_says_what_to_do() -> None:
    silent = {"background.hidden", "recency.unknown"}
    for code, text in catalogue().codes.items():
        if code not in silent and not code.endswith(("ok", "-ok", "plain")):
            assert text.fix, code


def test_words_are_translated_and_lists_joined() -> None:
    values = {
        "colour": "dark-blue", "numbers": "L* 20, C* 40", "wanted": ["white", "light-grey"], "nearest": "light-grey",
        "bounds": "L* 73–88, C* ≤ 8",
    }  # fmt: skip
    assert say("background.colour", values)[0] == (
        "The background is dark blue (L* 20, C* 40); required: white or light grey (light grey: L* 73–88, C* ≤ 8)."
    )
    assert "white" not in say("background.colour", values, "de")[0]


def test_units_bounds_and_sizes_are_written_for_people() -> None:
    values = {"measured": "43 px", "limit": "≥ 90 px"}
    assert "43 pixels (required: at least 90 pixels)" in say("eye-distance.small", values)[0]
    assert "mindestens 90 Pixel" in say("eye-distance.small", values, "de")[0]
    assert "2 × 2 in" in say("pixels.proportion", {"limit": "2 x 2 in"})[0]
    assert "354 × 472" in say("pixels.ok", {"measured": "354x472"})[0]


def test_only_limits_of_the_document_are_requirements(sample: Path) -> None:
    for finding in idphoto.check(sample, "us-passport").report.findings:
        required = messages.requirement(finding)
        if finding.unit in ("CIELAB", "L*", "bit", "deg") or not finding.source:
            assert required == "" or finding.check in ("file", "pixels", "resolution"), finding.code
    colour, plain = idphoto.check(sample, "us-passport").report.findings_of("background")[:2]
    assert messages.requirement(colour) == "white or off-white"
    assert messages.requirement(plain) == ""


def test_every_operation_and_every_measure_has_a_name_for_people(sample: Path) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "idphoto").rglob("*.py"))
    operations = set(re.findall(r'Operation\(\s*name="([a-z-]+)"', source))
    assert {"crop", "straighten", "background", "encode"} <= operations
    words, titles = catalogue().words, catalogue().titles
    assert {name for name in operations if f"did-{name}" not in words} == set()
    for measure in idphoto.check(sample, "us-passport").report.measures:
        name = measure.name.removesuffix("-px")
        assert f"measure-{name}" in words or name in titles, measure.name


def test_a_report_speaks_the_language_that_was_asked_for(sample: Path) -> None:
    english = idphoto.check(sample, "schengen-visa").report
    for language in OTHERS:
        report = idphoto.check(sample, "schengen-visa", language=language).report
        assert [finding.code for finding in report.findings] == [finding.code for finding in english.findings]
        for ours, theirs in zip(english.findings, report.findings, strict=True):
            assert theirs.message != ours.message
            assert spoken(theirs, "en").message == ours.message


def test_an_unknown_language_is_an_input_error(sample: Path) -> None:
    with pytest.raises(idphoto.InputError):
        idphoto.check(sample, "schengen-visa", language="xx")
    with pytest.raises(idphoto.InputError):
        messages.catalogue("../en")
