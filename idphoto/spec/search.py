"""Find documents by the words that people use: countries in many languages, kinds, sizes, slang and typing errors.

Names of countries and of their languages come from the CLDR, by `babel`; everything else is in ``specs/words.yaml``.
Each word of a query *means* some documents, more or less surely. A document is found if every word means it; words that
say nothing (`fillers`) do not count. If no document is found, those that most of the words mean are the nearest.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from idphoto import yamlfile
from idphoto.errors import InvalidSpec
from idphoto.spec.models import Spec, SpecModel, Submission
from idphoto.spec.reference import specs_folder
from idphoto.spec.store import all_specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from idphoto.units import Extent

__all__ = ["FoundSpecs", "find_specs", "load_words", "name_country"]

LANGUAGES = ("en", "de", "es", "fr", "zh", "hi", "ar", "zh_Hant")
"""Languages of the CLDR whose names of countries are always known. The languages of the countries that have documents
are read only for words that none of these knows, because each costs about 15 ms."""

MAX_QUERY_LETTERS = 200
MAX_PHRASE_WORDS = 9
MAX_UNSPACED_LETTERS = 12
MIN_PREFIX_LETTERS = 3
MIN_STEM_LETTERS = 5
NEAREST = 5
"""Number of documents that are offered where none is found."""

TRANSPOSED, IN_RANGE, SHARED, BY_TITLE, PLAIN, ENDED, PREFIX = 0.7, 0.8, 0.6, 0.8, 0.9, 0.85, 0.8
"""Weights of what a word means: a size with its sides exchanged, a size within a range, the country of a shared
document, a kind that only the title names, a word of id or title, a word with a longer ending, and its beginning. What
a table says outright has weight 1."""
TYPING_ERROR = 0.15
"""Weight that each wrong letter takes."""
OWN_LANGUAGE = 0.3
"""Bonus of a document whose country speaks the language of a word."""
FILLER = 0.1
"""Weight of a filler, such as 'child', that stands in an id or title."""
DOCUMENT = 1.2
"""Weight of a word for a single document."""

_SIZE_UNIT = r"(mm|cm|in|inch|inches|px|pixel|pixels|\"|”|'')?"
_SIZE = re.compile(
    rf"(\d+(?:[.,]\d+)?)\s*{_SIZE_UNIT}\s*(?:x|×|х|\*|by)\s*(\d+(?:[.,]\d+)?)\s*{_SIZE_UNIT}(?![^\W\d_])", re.IGNORECASE
)
_UNITS = {"inch": "in", "inches": "in", '"': "in", "”": "in", "''": "in", "pixel": "px", "pixels": "px"}
_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4}
_ACRONYM = re.compile(r"\b(?:\w\.){2,}")
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u093c]")
"""Accents of Latin, Greek and Cyrillic letters, Arabic vowel signs, and the dot below of Devanagari."""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of languages that write words without spaces, or with endings that follow without one."""


class Words(SpecModel):
    """The file ``specs/words.yaml``."""

    countries: dict[str, tuple[str, ...]]
    kinds: dict[str, dict[str, tuple[str, ...]]]
    submissions: dict[Submission, tuple[str, ...]]
    documents: dict[str, tuple[str, ...]]
    shared: dict[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    common: tuple[str, ...]
    otherwise: tuple[str, ...]


@lru_cache(maxsize=1)
def load_words() -> Words:
    """Read the words by which documents are looked for."""
    path = specs_folder() / "words.yaml"
    return yamlfile.parse(Words, yamlfile.load(path, InvalidSpec), path, InvalidSpec)


@dataclass(frozen=True)
class FoundSpecs:
    """The documents that a query found, the best first.

    Attributes
    ----------
    specs : tuple of Spec
        All documents that the query means; if there is none, those that come nearest.
    nearest : bool
        True if no document has all words of the query, and `specs` are only the nearest.
    unknown : tuple of str
        Words of the query that mean no document.
    """

    specs: tuple[Spec, ...]
    nearest: bool = False
    unknown: tuple[str, ...] = ()


def find_specs(query: str, language: str = "en", *, variants: bool = False) -> FoundSpecs:
    """Find documents by words in any of many languages, by size, or by id.

    Parameters
    ----------
    query : str
        Such as ``germany visa``, ``35x45``, ``Reisepass`` or ``护照``. All documents if it is empty.
    language : str
        Language of the user, two letters: among equals, documents of countries that speak it come first.
    variants : bool
        Find variants, such as those for children, too.

    Examples
    --------
    >>> import idphoto
    >>> [spec.id for spec in idphoto.find_specs("germany visa").specs]
    ['schengen-visa']
    >>> found = idphoto.find_specs("klingon passport")
    >>> found.nearest, found.unknown
    (True, ('klingon',))
    """
    index = _index(variants)
    specs = index.specs
    if not query.strip():
        return FoundSpecs(tuple(specs))
    terms = _read_query(query, index)
    by_id = {spec.id: spec for spec in specs}
    if query.strip().lower() in by_id:
        terms = [_Term(query, {query.strip().lower(): DOCUMENT})]
    said = [term for term in terms if not term.filler] or terms
    scores: dict[str, list[float]] = {
        spec.id: [term.weights.get(spec.id, 0.0) for term in said] for spec in specs if said
    }
    bonus = _bonuses(specs, {*(speech for term in terms for speech in term.languages), *({language} - {"en"})})
    rank = {name: place for place, name in enumerate(load_words().common)}
    place = {spec.id: number for number, spec in enumerate(specs)}

    def key(name: str) -> tuple[float, ...]:
        base = name.partition(":")[0]
        said_little = sum(term.weights.get(name, 0.0) for term in terms if term.filler)
        total = round(sum(scores[name]) + bonus.get(base, 0.0) + FILLER * said_little, 3)
        hits = sum(value > 0 for value in scores[name])
        return (-hits, -total, rank.get(base, len(rank)), place[name])

    complete = sorted((name for name, found in scores.items() if found and all(found)), key=key)
    unknown = tuple(term.text for term in said if not any(term.weights.values()))
    if complete:
        return FoundSpecs(tuple(by_id[name] for name in complete))
    partial = sorted((name for name, found in scores.items() if any(found)), key=key)[:NEAREST]
    offered = partial or [name for name in load_words().otherwise if name in by_id]
    return FoundSpecs(tuple(by_id[name] for name in offered), nearest=True, unknown=unknown)


def name_country(code: str, language: str) -> str:
    """Return the name of a country in a language, or an empty text for a code that the CLDR lacks.

    Parameters
    ----------
    code : str
        ISO 3166-1 alpha-2.
    language : str
        Language, two letters.
    """
    from babel.core import Locale

    return str(Locale.parse(language).territories.get(code, ""))


@dataclass(frozen=True)
class _Term:
    """A word or phrase of a query, with the documents that it means and how surely; `languages` are those it is of."""

    text: str
    weights: Mapping[str, float]
    filler: bool = False
    languages: frozenset[str] = frozenset()


class _Meaning(NamedTuple):
    """One thing that a phrase means: a code, a kind, a submission or an id, with the language of the phrase."""

    what: Literal["country", "kind", "submission", "document", "filler"]
    value: str
    language: str = ""


def _plain(text: str) -> str:
    """Return a text in small letters without accents, dots and hyphens, with single spaces."""
    text = _ACRONYM.sub(lambda found: found[0].replace(".", " "), text[:MAX_QUERY_LETTERS])
    parts = unicodedata.normalize("NFKD", text).casefold()
    parts = _MARKS.sub("", parts)
    return " ".join(re.findall(r"[\w\u0900-\u097f]+", unicodedata.normalize("NFC", parts).replace("_", " ")))


# --- what words mean


@lru_cache(maxsize=2)
def _vocabulary(native: bool) -> dict[str, tuple[_Meaning, ...]]:
    """Return what each phrase means; with `native`, in the languages of all countries that have documents, too."""
    words, meanings = load_words(), defaultdict[str, list[_Meaning]](list)

    def add(phrases: Iterable[str], meaning: _Meaning) -> None:
        for phrase in phrases:
            plain = _plain(phrase)
            for spelling in {plain, plain.replace(" ", "")} if len(plain) > 3 else {plain}:
                if meaning not in meanings[spelling]:
                    meanings[spelling].append(meaning)

    for code, phrases in words.countries.items():
        add(phrases, _Meaning("country", code))
    for kind, by_language in words.kinds.items():
        for language, phrases in by_language.items():
            add(phrases, _Meaning("kind", kind, language))
    for submission, phrases in words.submissions.items():
        add(phrases, _Meaning("submission", submission.value))
    for name, phrases in words.documents.items():
        add(phrases, _Meaning("document", name))
    add(words.fillers, _Meaning("filler", ""))
    own = frozenset(meanings)
    for phrase, code in _country_names(LANGUAGES + (_native_languages() if native else ())):
        if phrase and phrase not in own:
            add([phrase], _Meaning("country", code))
    for code in _territory_codes():
        meanings[code.lower()].append(_Meaning("country", code))
    return {phrase: tuple(found) for phrase, found in meanings.items()}


def _country_names(languages: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of phrase and code: names of countries, of their languages, and codes of three letters."""
    from babel.core import Locale, get_global

    likely = get_global("likely_subtags")
    found: dict[str, str] = {}
    for language in languages:
        locale = Locale.parse(language)
        for code, name in locale.territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(_plain(name), code)
        for code, name in locale.languages.items():
            territory = str(likely.get(code, "")).rpartition("_")[2]
            if len(code) == 2 and code != "en" and len(territory) == 2:
                found.setdefault(_plain(name), territory)
    for code, targets in get_global("territory_aliases").items():
        if len(code) == 3 and code.isalpha() and len(targets) == 1:
            found.setdefault(code.lower(), targets[0])
    return list(found.items())


def _territory_codes() -> list[str]:
    from babel.core import Locale

    codes = (str(code) for code in Locale.parse("en").territories)
    return [code for code in codes if len(code) == 2 and code.isalpha()]


@lru_cache(maxsize=1)
def _native_languages() -> tuple[str, ...]:
    """Return the languages of all countries that have documents, as far as the CLDR has their names."""
    from babel.core import Locale, UnknownLocaleError

    known = []
    for name in sorted({speech for spec in all_specs(variants=False) for speech in _speech_of(spec.country)}):
        try:
            Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
        known.append(name)
    return tuple(name for name in known if name not in LANGUAGES)


@lru_cache(maxsize=512)
def _speech_of(code: str) -> frozenset[str]:
    """Return the languages in which a country works."""
    from babel.languages import get_official_languages

    return frozenset(get_official_languages(code, de_facto=True))


def _bonuses(specs: Iterable[Spec], languages: Iterable[str]) -> dict[str, float]:
    """Return a bonus for documents of countries that speak one of the languages; English is spoken everywhere."""
    wanted = {language for language in languages if language and language != "en"}
    return {
        spec.id: OWN_LANGUAGE
        for spec in specs
        if wanted and wanted & {speech.partition("_")[0] for speech in _speech_of(spec.country)}
    }


class _Index:
    """The documents that are looked through, with the words of their ids and titles, and their kinds."""

    def __init__(self, specs: list[Spec]) -> None:
        self.specs = specs
        self.words = {
            spec.id: frozenset(_plain(re.sub("[-:]", " ", f"{spec.id} {spec.title} {spec.country_name}")).split())
            for spec in specs
        }
        names = {kind: [_plain(name) for name in found["en"]] for kind, found in load_words().kinds.items()}
        self.kinds: dict[str, dict[str, float]] = {}
        for spec in specs:
            title = f" {_plain(spec.title)} "
            named = {kind: BY_TITLE for kind, found in names.items() if any(f" {name} " in title for name in found)}
            self.kinds[spec.id] = named | {spec.kind: 1.0}

    def weigh(self, meaning: _Meaning) -> dict[str, float]:
        """Return the documents that a meaning stands for, with their weights."""
        if meaning.what == "document":
            return {spec.id: DOCUMENT for spec in self.specs if spec.id.partition(":")[0] == meaning.value}
        if meaning.what == "country":
            shared = load_words().shared
            found = {spec.id: SHARED for spec in self.specs if meaning.value in shared.get(spec.id, ())}
            return found | {spec.id: 1.0 for spec in self.specs if spec.country == meaning.value}
        if meaning.what == "kind":
            return {name: kinds[meaning.value] for name, kinds in self.kinds.items() if meaning.value in kinds}
        if meaning.what == "submission":
            return {spec.id: PLAIN for spec in self.specs if spec.submit.value == meaning.value}
        return {}

    def weigh_all(self, meanings: Iterable[_Meaning], factor: float = 1.0, less: float = 0.0) -> dict[str, float]:
        """Return the documents that some meanings stand for, their weights multiplied by `factor`, and `less`."""
        return _merge(
            {name: weight * factor - less for name, weight in self.weigh(meaning).items()} for meaning in meanings
        )

    def find_words(self, wanted: Iterable[str]) -> dict[str, float]:
        """Return the documents with all these words in id or title."""
        all_wanted = frozenset(wanted)
        return {name: PLAIN for name, words in self.words.items() if all_wanted <= words}

    def find_beginning(self, text: str) -> dict[str, float]:
        """Return the documents with a word in id or title that begins with a text."""
        return {name: PREFIX for name, words in self.words.items() if any(word.startswith(text) for word in words)}

    def find_misspelt(self, word: str) -> dict[str, float]:
        """Return the documents with a word in id or title that differs from `word` by typing errors."""
        from rapidfuzz.distance import OSA

        allowed, found = _count_allowed_errors(word), {}
        for name, words in self.words.items():
            distance = min((OSA.distance(word, own, score_cutoff=allowed) for own in words), default=allowed + 1)
            if distance <= allowed:
                found[name] = PLAIN - TYPING_ERROR * distance
        return found


@lru_cache(maxsize=2)
def _index(variants: bool) -> _Index:
    return _Index(all_specs(variants=variants))


# --- reading a query


def _read_query(query: str, index: _Index) -> list[_Term]:
    """Return the terms of a query: sizes, then phrases of words, the longest first."""
    text = unicodedata.normalize("NFKC", query[:MAX_QUERY_LETTERS])
    sizes = [_Term(found[0], _weigh_size(found, index.specs)) for found in _SIZE.finditer(text)]
    words = _split_words(_SIZE.sub(" ", text))
    named, sure = _Reader(words, index, _vocabulary(native=False)).read()
    if not sure:
        named, _ = _Reader(words, index, _vocabulary(native=True)).read()
    return sizes + named


def _split_words(text: str) -> list[str]:
    """Return the words of a text; where words are written without spaces, the longest known ones."""
    words: list[str] = []
    for word in _plain(text).split():
        words += _cut_unspaced(word) if _UNSPACED.search(word) else [word]
    return words


def _cut_unspaced(text: str) -> list[str]:
    """Cut a text without spaces into the longest known words, and what is left between them."""
    known, parts, rest, at = _vocabulary(native=True), list[str](), "", 0
    while at < len(text):
        sizes = range(min(MAX_UNSPACED_LETTERS, len(text) - at), 0, -1)
        size = next((size for size in sizes if text[at : at + size] in known), 0)
        if size == 0:
            rest, at = rest + text[at], at + 1
            continue
        parts += [rest] * bool(rest) + [text[at : at + size]]
        rest, at = "", at + size
    return parts + [rest] * bool(rest)


@dataclass
class _Reader:
    """Reads words as terms: known phrases, and where there is none, beginnings, endings and typing errors."""

    words: list[str]
    index: _Index
    known: Mapping[str, tuple[_Meaning, ...]]

    def read(self) -> tuple[list[_Term], bool]:
        """Return the terms, and whether all of them are known words."""
        terms: list[_Term] = []
        at, all_sure = 0, True
        while at < len(self.words):
            size = self._find_phrase(at)
            if size:
                term = self._read_phrase(at, size)
            else:
                term, size, sure = self._guess(at)
                all_sure = all_sure and sure
            terms.append(term)
            at += size
        return terms, all_sure

    def _find_phrase(self, at: int) -> int:
        """Return the number of words of the longest known phrase that begins at a word; 0 if there is none."""
        for size in range(min(MAX_PHRASE_WORDS, len(self.words) - at), 0, -1):
            part = self.words[at : at + size]
            joined = "".join(part)
            if " ".join(part) in self.known or (size > 1 and len(joined) > 3 and joined in self.known):
                return size
        return 0

    def _read_phrase(self, at: int, size: int) -> _Term:
        """Return the term of a known phrase."""
        phrase = " ".join(self.words[at : at + size])
        meanings = self.known.get(phrase) or self.known[phrase.replace(" ", "")]
        filler = any(meaning.what == "filler" for meaning in meanings) and len(self.words) > size
        if filler:
            # 'de', 'in' and 'no' are codes of countries only at an end of the query, where nothing else names one.
            others = self.words[:at] + self.words[at + size :]
            named = any(found.what in ("country", "document") for word in others for found in self.known.get(word, ()))
            inside = 0 < at < len(self.words) - size
            if named or inside or len(meanings) == 1:
                return _Term(phrase, self.index.find_words(self.words[at : at + size]), filler=True)
        weights = _merge([self.index.weigh_all(meanings), self.index.find_words(self.words[at : at + size])])
        return _Term(phrase, weights, languages=frozenset(found.language for found in meanings if found.language))

    def _guess(self, at: int) -> tuple[_Term, int, bool]:
        """Return the term of words that are no known phrase, their number, and whether it is sure."""
        word = self.words[at]
        plain = self.index.find_words([word])
        if plain or word.isdecimal():
            return _Term(word, plain, filler=not plain), 1, True
        for size in range(min(3, len(self.words) - at), 1, -1):
            part = self.words[at : at + size]
            corrected = self._correct(" ".join(part))
            if corrected and not any(other in self.known for other in part[1:] if len(other) > 3):
                return _Term(" ".join(part), corrected), size, False
        weights = self._complete(word) or self._correct(word) or self.index.find_misspelt(word)
        return _Term(word, weights), 1, False

    def _complete(self, word: str) -> dict[str, float]:
        """Return the documents of the known phrases that a word begins, or that it is with a longer ending."""
        if len(word) < MIN_PREFIX_LETTERS:
            return {}
        longer = [meaning for phrase, found in self.known.items() if phrase.startswith(word) for meaning in found]
        weights = _merge([self.index.weigh_all(longer, PREFIX), self.index.find_beginning(word)])
        stems = (word[:-cut] for cut in (1, 2, 3) if len(word) - cut >= MIN_STEM_LETTERS)
        return weights or next(
            (self.index.weigh_all(self.known[stem], ENDED) for stem in stems if stem in self.known), {}
        )

    def _correct(self, phrase: str) -> dict[str, float]:
        """Return the documents of the known phrases that differ from a phrase by the fewest typing errors."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        close = process.extract(
            phrase, self.known.keys(), scorer=OSA.distance, score_cutoff=_count_allowed_errors(phrase), limit=8
        )
        least = min((distance for _, distance, _ in close), default=0)
        meanings = [
            meaning
            for name, distance, _ in close
            if distance == least <= _count_allowed_errors(name)
            for meaning in self.known[name]
        ]
        return self.index.weigh_all(meanings, less=TYPING_ERROR * least)


def _count_allowed_errors(word: str) -> int:
    """Return the number of wrong letters that a word of this length may have."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2 if len(word) < 10 else 3


def _merge(weights: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return for each document the greatest of its weights."""
    merged: dict[str, float] = {}
    for found in weights:
        for name, weight in found.items():
            merged[name] = max(merged.get(name, 0.0), weight)
    return merged


# --- sizes


def _weigh_size(found: re.Match[str], specs: Iterable[Spec]) -> dict[str, float]:
    """Return the documents of a size; without a unit, of any unit."""
    width, height = (float(text.replace(",", ".")) for text in (found[1], found[3]))
    said = _UNITS.get((found[4] or found[2] or "").lower(), (found[4] or found[2] or "").lower())
    units = (said,) if said else ("mm", "cm", "in", "px")
    return _merge(
        {spec.id: weight}
        for spec in specs
        for unit in units
        for wide, high, full in ((width, height, 1.0), (height, width, TRANSPOSED))
        if (weight := full * _fit_size(spec, wide, high, unit))
    )


def _fit_size(spec: Spec, width: float, height: float, unit: str) -> float:
    """Return how well a size is that of a document: 0 not at all, 1 exactly."""
    extent: Extent | None = spec.pixels if unit == "px" else spec.size
    if extent is None:
        return 0.0
    if unit == "px":
        inside = extent.width.contains(width) and extent.height.contains(height)
        return float(inside) * (1.0 if extent.exact else IN_RANGE)
    close = all(abs(side * _MM[unit] / own - 1) < 0.015 for side, own in zip((width, height), extent.mm, strict=True))
    return float(close)
