"""Documents are found by the words that people type, in any of many languages."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

import idphoto
from idphoto.errors import UnknownSpec
from idphoto.spec import find_specs, load_spec, name_country, spec_ids
from idphoto.spec.search import load_words

FIRST_PAGE = 10
with (Path(__file__).parent / "facts" / "searches.csv").open(encoding="utf-8", newline="") as file:
    SEARCHES = list(csv.DictReader(file))


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search["query"])
def test_what_people_type_finds_what_they_mean(search: dict[str, str]) -> None:
    found = find_specs(search["query"])
    page = [spec.id for spec in found.specs[:FIRST_PAGE]]
    assert not found.nearest
    assert set(search["first_page"].split()) <= set(page)
    assert search["first"] in ("", page[0])
    assert not set(search["absent"].split()) & set(page)


@pytest.mark.parametrize("name", spec_ids(variants=False))
def test_every_document_is_found_by_its_id_and_by_country_and_title(name: str) -> None:
    assert find_specs(name).specs[0].id == name
    spec = load_spec(name)
    found = find_specs(f"{spec.country_name} {spec.title}")
    assert not found.nearest
    assert name in [spec.id for spec in found.specs[:FIRST_PAGE]]


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "zh", "hi", "ar"])
def test_every_country_is_found_by_its_name(language: str) -> None:
    for name in spec_ids(variants=False):
        spec = load_spec(name)
        country = name_country(spec.country, language)
        if spec.country != "ZZ":
            assert country
            found = find_specs(country, language)
            assert not found.nearest, country
            assert found.specs[0].country == spec.country, country


def test_the_words_are_of_documents_that_exist() -> None:
    words, known = load_words(), set(spec_ids(variants=False))
    assert {*words.documents, *words.shared, *words.common, *words.otherwise} <= known
    assert set(words.kinds) <= {load_spec(name).kind for name in known}


@pytest.mark.parametrize(
    ("query", "unknown"),
    [("zimbabwe", ("zimbabwe",)), ("klingon passport", ("klingon",)), ("qqqq", ("qqqq",)), ("us visa india", ())],
)
def test_nothing_found_says_so_and_offers_the_nearest(query: str, unknown: tuple[str, ...]) -> None:
    found = find_specs(query)
    assert found.nearest
    assert found.unknown == unknown
    assert 0 < len(found.specs) <= 5


def test_countries_without_documents_are_not_taken_for_their_neighbours() -> None:
    assert "ng" not in {spec.country.lower() for spec in find_specs("niger").specs if not find_specs("niger").nearest}
    assert find_specs("guinea bissau").nearest


def test_the_language_of_a_word_and_of_the_user_order_equals() -> None:
    assert find_specs("visa", "ar").specs[0].country in ("AE", "SA", "EG", "KW")
    assert {spec.country for spec in find_specs("pasaporte").specs[:3]} <= {"ES", "MX", "AR", "CO", "PE", "CL"}


def test_variants_are_found_on_request() -> None:
    assert "nl-passport:child" in [spec.id for spec in find_specs("netherlands child", variants=True).specs]
    assert not any(":" in spec.id for spec in find_specs("netherlands").specs)


def test_an_empty_query_means_all_documents() -> None:
    assert [spec.id for spec in find_specs("  ").specs] == spec_ids(variants=False)


@pytest.mark.parametrize("query", ["x" * 5000, "((((", "35x", "x45", "\x00", "१२३", "0x0", "%s", "a" * 3, "🙂"])
def test_any_text_is_a_query(query: str) -> None:
    assert find_specs(query).specs


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownSpec, match="uk-passport-print"):
        load_spec("uk-passport")


def test_searching_is_imported_only_when_it_is_used() -> None:
    code = "import sys, idphoto, idphoto.spec; print(sorted({'babel', 'rapidfuzz'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    assert idphoto.find_specs is find_specs
