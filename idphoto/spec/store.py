"""Find, merge and validate the documents under ``specs/``.

A country file holds documents. A document may extend one standard, whose rules then fill what the
authority leaves open, as advice. It may have variants, such as ``child``, that override some of its
fields. Merged, they become one flat :class:`~idphoto.spec.Spec`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from idphoto import yamlfile
from idphoto.errors import InvalidSpec, UnknownSpec
from idphoto.spec.colours import load_colours
from idphoto.spec.models import Spec, SpecModel
from idphoto.spec.reference import specs_folder

__all__ = ["Country", "all_specs", "fill_from_standard", "limited_fields", "load_spec", "spec_ids", "validate_file"]


class Country(SpecModel):
    """One file under ``specs/countries`` or ``specs/standards``."""

    country: str
    name: str
    documents: dict[Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")], dict[str, Any]]


# Fields that never come from a standard: they are no rules, or each document states them itself.
_OWN = frozenset(
    {
        "id", "country", "country_name", "title", "kind", "capture", "submit", "size", "pixels", "aspect", "sources",
        "readings", "notes", "variants", "inherited", "extends", "editing", "background", "copies", "paper", "formats",
        "bytes", "compression", "quality", "colour", "frame", "file_name", "disputed", "parts",
    }
)  # fmt: skip


_STANDARD = "standard"
"""Written in place of a rule that is the standard's, such as its size where the authority gives none."""

_UNSOURCED = frozenset(
    {
        "id", "country", "country_name", "title", "kind", "submit", "sources", "readings", "notes", "variants",
        "inherited", "disputed",
    }
)  # fmt: skip


def _files() -> list[Path]:
    folder = specs_folder()
    return sorted(folder.glob("standards/*.yaml")) + sorted(folder.glob("countries/*.yaml"))


@lru_cache(maxsize=256)
def _read(path: Path) -> Country:
    return yamlfile.parse(Country, yamlfile.load(path, InvalidSpec), path, InvalidSpec)


def spec_ids(*, variants: bool = True) -> list[str]:
    """List the ids of all documents in the order of their files; variants follow their document."""
    ids = []
    for path in _files():
        for name, document in _read(path).documents.items():
            ids.append(name)
            if variants:
                ids += [f"{name}:{variant}" for variant in document.get("variants") or {}]
    return ids


def all_specs(*, variants: bool = True) -> list[Spec]:
    """Load every document of the package, merged and validated."""
    return [load_spec(name) for name in spec_ids(variants=variants)]


def load_spec(name: str) -> Spec:
    """Load the rules of one document.

    Parameters
    ----------
    name : str
        An id such as ``schengen-visa`` or ``nl-passport:child``, or the path of a spec file of
        the user's own, followed by ``#id`` if it holds several documents.

    Raises
    ------
    UnknownSpec
        If there is no such document.
    InvalidSpec
        If the file breaks the schema; the message has file, line and field.
    """
    path_text, _, wanted = name.partition("#")
    if path_text.endswith((".yaml", ".yml")):
        path = Path(path_text)
        documents = _read(path).documents
        if not wanted and len(documents) != 1:
            raise UnknownSpec(
                f"{path} holds {len(documents)} documents.", f"Choose one: {path}#{next(iter(documents), 'id')}."
            )
        base, _, variant = (wanted or next(iter(documents))).partition(":")
    else:
        base, _, variant = name.partition(":")
        # The file of a document is named after the first part of its id, so only one file is read.
        stem = base.partition("-")[0]
        found = next((path for path in _files() if path.stem == stem), None)
        if found is None:
            raise UnknownSpec(f"There is no document '{name}'.", _suggest(name))
        path = found
    if base not in _read(path).documents:
        raise UnknownSpec(f"There is no document '{name}'.", _suggest(name))
    return _merge(path, base, variant)


def validate_file(path: Path) -> list[Spec]:
    """Load and check every document of a spec file, with its variants.

    Raises
    ------
    InvalidSpec
        If the file breaks the schema, or a rule has no source.
    """
    specs = []
    for base, document in _read(path).documents.items():
        for variant in ("", *(document.get("variants") or {})):
            spec = _merge(path, base, variant)
            uncovered = [name for name in limited_fields(spec) if spec.source_of(name) is None]
            if uncovered:
                raise InvalidSpec(
                    f"{path}: {spec.id}: no source is given for {', '.join(uncovered)}.",
                    "Name the field under 'for' of the source that it was read in.",
                )
            specs.append(spec)
    return specs


def limited_fields(spec: Spec) -> list[str]:
    """List the fields of a document that state a fact and therefore need a source."""
    return [
        name
        for name in type(spec).model_fields
        if name in spec.model_fields_set and name not in _UNSOURCED and getattr(spec, name) not in (None, "", ())
    ]


def _suggest(name: str) -> str:
    from idphoto.spec.search import find_specs

    close = [spec.id for spec in find_specs(name.replace("-", " "), variants=True).specs[:3]]
    return f"Did you mean {' or '.join(close)}? List all documents with 'idphoto specs list'."


@lru_cache(maxsize=512)
def _merge(path: Path, base: str, variant: str) -> Spec:
    country = _read(path)
    document = dict(country.documents[base])
    variants: dict[str, dict[str, Any]] = document.pop("variants", None) or {}
    standard = document.pop("extends", None)
    if variant:
        if variant not in variants:
            known = " or ".join(f"{base}:{name}" for name in variants) or f"only {base} itself"
            raise UnknownSpec(f"There is no variant '{variant}' of {base}.", f"Choose {known}.")
        override = variants[variant]
        # The sources and notes of the variant come first; those of the document cover the other fields.
        for field in ("sources", "readings", "notes"):
            override = {**override, field: [*override.get(field, []), *document.get(field, [])]}
        # In a variant, null removes a rule, and 'standard' takes the rule of the standard.
        document = document | override
    inherited: frozenset[str] = frozenset()
    if standard is not None:
        inherited, document = fill_from_standard(str(path), standard, document)
    data = {
        **document,
        "id": f"{base}:{variant}" if variant else base,
        "country": country.country,
        "country_name": country.name,
        "variants": tuple(variants),
        "inherited": inherited,
    }
    try:
        spec = Spec.model_validate(data)
    except ValidationError as cause:
        text = yamlfile.explain(cause, Spec, path, prefix=("documents", base))
        raise InvalidSpec(text, "Correct the file and try again.") from cause
    _refuse_unknown_colours(spec, path, base)
    return spec


def _refuse_unknown_colours(spec: Spec, path: Path, base: str) -> None:
    """Refuse colours that are not in ``colours.yaml``, and shades in the place of a colour's name."""
    for name in (*spec.background.colours, *spec.background.refuses):
        if name in load_colours():
            continue
        line = yamlfile.find_lines(path)("documents", base, "background")
        choice = f"Choose among {', '.join(load_colours())}."
        if name.startswith("#"):
            choice = f"Write the name of a colour under 'colours', and the shade beside it: target: '{name} +/- 10'."
        raise InvalidSpec(f"{path}:{line}: background: '{name}' is not the name of a colour.", choice)


def fill_from_standard(place: str, standard: str, document: dict[str, Any]) -> tuple[frozenset[str], dict[str, Any]]:
    """Fill the fields that a document leaves open from a standard; return their names and the document.

    Parameters
    ----------
    place : str
        Where the document stands, for errors.
    standard : str
        Id of the standard.
    document : dict
        Fields of the document; a field that is None stays empty.

    Raises
    ------
    InvalidSpec
        If there is no such standard.
    """
    home = specs_folder() / "standards" / f"{standard.partition('-')[0]}.yaml"
    rules = _read(home).documents.get(standard) if home.is_file() else None
    if rules is None:
        raise InvalidSpec(f"{place}: there is no standard '{standard}'.", "Name one of specs/standards.")
    # Where a document asks for the standard's size, it is advice, too.
    asked = {field for field, value in document.items() if value == _STANDARD}
    document = {field: value for field, value in document.items() if field not in asked}
    filled = {
        field: value
        for field, value in rules.items()
        if field in asked or (field not in _OWN and field not in document)
    }
    sources = [
        {**source, "for": [field for field in source["for"] if field in filled]}
        for source in rules["sources"]
        if any(field in filled for field in source["for"])
    ]
    return frozenset(filled), {**document, **filled, "sources": [*document.get("sources", []), *sources]}
