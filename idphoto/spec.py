"""What an authority asks of a photo: the models behind ``specs/`` and how they are loaded.

A country file holds documents; a document may extend one standard (whose rules then fill what
the authority leaves open, as advice) and may have variants, such as ``child``, that override
some of its fields. Merged, they become one flat :class:`Spec`.
"""

from __future__ import annotations

import difflib
import os
from datetime import date
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from idphoto import yamlfile
from idphoto.errors import InvalidSpec, NoPhotoTaken, UnknownSpec
from idphoto.units import Band, ByteBand, Extent, Period, Ratio

__all__ = [
    "Allows",
    "Background",
    "ColourClass",
    "Country",
    "Editing",
    "Paper",
    "Reading",
    "Source",
    "Spec",
    "Submit",
    "Wearing",
    "all_specs",
    "limited_fields",
    "load_colours",
    "load_papers",
    "load_spec",
    "require_photo",
    "spec_ids",
    "specs_folder",
    "validate_file",
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Model):
    """Where a number was read."""

    title: str
    url: str | None = Field(
        default=None,
        description="None where the number was not read anywhere (memory), or no address of the copy was kept.",
    )
    read: date = Field(description="The day on which the page was read.")
    confidence: Literal["official", "secondary", "memory"] = Field(
        description="official: the authority's own text; secondary: a copy of it; memory: not found in writing."
    )
    covers: tuple[str, ...] = Field(alias="for", description="The fields of the document that rest on this source.")
    says: str = ""


class Reading(_Model):
    """Another value that a second source gives for a field, kept beside the one that rules."""

    field: str
    value: str
    source: str
    why: str = Field(default="", description="Why the other value rules.")

    @property
    def band(self) -> Band | None:
        """The value as a band, where it is one."""
        try:
            return Band.parse(self.value)
        except ValueError:
            return None


class Allows(str, Enum):
    """How far a photo may be edited, from nothing at all to everything."""

    NO_FILE = "no-file"
    ORIGINAL = "original"
    CROP = "crop"
    GEOMETRY = "geometry"
    UNSTATED = "unstated"
    BACKGROUND = "background"
    RETOUCH = "retouch"

    def permits(self, edit: Allows) -> bool:
        """Whether a document with this permission lets `edit` be done without a special order.

        Where nothing was read about editing (`UNSTATED`), everything up to a new background is
        done, and the report warns.
        """
        order = list(Allows)
        return order.index(edit) <= max(order.index(self), order.index(Allows.BACKGROUND) * (self is Allows.UNSTATED))


class Editing(_Model):
    """What the authority lets people do to a photo after it was taken."""

    allows: Allows
    basis: Literal["explicit", "general-ban", "restricted", "tolerated", "not-stated", "not-applicable"]
    says: str = ""


class Background(_Model):
    """Colours that may stand behind the person; names come from ``colours.yaml``."""

    colours: tuple[str, ...] = Field(min_length=1, description="The first is painted where painting is allowed.")
    refuses: tuple[str, ...] = ()
    says: str = ""


class Wearing(_Model):
    """A rule about something worn, or about the look of the face."""

    rule: Literal[
        "forbidden", "discouraged", "allowed", "required", "religious", "neutral", "smile-allowed", "unstated"
    ]
    says: str = ""


class Submit(str, Enum):
    """What is handed in."""

    PRINT = "print"
    UPLOAD = "upload"
    ORIGINAL = "original"
    NOTHING = "nothing"


class Spec(_Model):
    """The rules of one document, merged from its standard, its country file and its variant."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9-]+)?$")
    country: str = Field(description="ISO 3166-1 alpha-2, EU for the Schengen area, ZZ for standards.")
    country_name: str
    title: str
    kind: Literal["passport", "visa", "id-card", "residence-permit", "driving-licence", "generic"]
    capture: Literal["applicant", "photographer", "office", "office-only"] = Field(
        description="Who may take the photo; office: at home it is taken live, abroad prints are accepted."
    )
    submit: Submit

    size: Extent | None = None
    pixels: Extent | None = None
    aspect: Ratio | None = None
    dpi: Band | None = None
    formats: tuple[Literal["jpeg", "png", "bmp"], ...] = ("jpeg",)
    bytes: ByteBand | None = None
    compression: Ratio | None = Field(default=None, description="Uncompressed to compressed length, at most.")
    quality: int | None = Field(default=None, ge=1, le=100, description="JPEG quality, where one is prescribed.")
    colour: Literal["colour", "colour-or-grey", "grey"] = "colour"

    crown: Literal["skull", "hair", "hairline"] = Field(
        default="skull",
        description="Where the head ends: the skull without hair, the top of the hair, or the hairline.",
    )
    head_height: Band | None = Field(default=None, description="Chin to crown; % is of the photo's height.")
    eye_line: Band | None = Field(default=None, description="Above the bottom edge; % is of the photo's height.")
    top_margin: Band | None = Field(default=None, description="Crown to top edge; % is of the photo's height.")
    chin_margin: Band | None = Field(default=None, description="Chin to bottom edge; % is of the photo's height.")
    face_width: Band | None = Field(default=None, description="% is of the photo's width.")
    centre: Band | None = Field(default=None, description="Face midline off the photo's midline; % is of the width.")
    eye_distance: Band | None = Field(default=None, description="Between the pupils; % is of the photo's width.")
    chin_to_eyes: Band | None = None
    roll: Band | None = None
    yaw: Band | None = None
    pitch: Band | None = None

    background: Background
    editing: Editing
    glasses: Wearing | None = None
    head_covering: Wearing | None = None
    expression: Wearing | None = None
    recency: Period | None = None
    copies: int | None = Field(default=None, ge=0)
    paper: str = ""

    sources: tuple[Source, ...]
    readings: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    inherited: frozenset[str] = Field(
        default=frozenset(), description="Fields that come from the standard; they advise and never fail a photo."
    )

    @field_validator("country")
    @classmethod
    def _is_code(cls, value: str) -> str:
        if len(value) != 2 or not value.isupper():
            raise ValueError(f"'{value}' is not a country code of two capitals")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Spec:
        if self.submit is Submit.NOTHING:
            return self
        if self.size is None and self.pixels is None and self.submit is not Submit.ORIGINAL:
            raise ValueError("a photo that is handed in needs a size or pixels")
        if self.size is not None and self.size.unit == "px":
            raise ValueError("size is a length on paper; write pixels under 'pixels'")
        if self.pixels is not None and self.pixels.unit != "px":
            raise ValueError("pixels are counted in px; write lengths on paper under 'size'")
        if self.size is not None and self.pixels is not None and self.pixels.exact:
            width, height = self.size.mm
            on_screen = self.pixels.width.middle / self.pixels.height.middle
            if abs(on_screen / (width / height) - 1) > 0.01:
                raise ValueError(
                    f"{self.pixels} and {self.size} have different proportions; make one of them a variant of its own"
                )
        for name in ("head_height", "eye_line", "top_margin", "chin_margin", "face_width", "eye_distance"):
            band: Band | None = getattr(self, name)
            if band is not None and band.unit in ("mm", "cm", "in") and self.size is None:
                raise ValueError(f"{name} is a length on paper, but the document has no size on paper")
        return self

    @property
    def label(self) -> str:
        """Country and title, for people."""
        return f"{self.country_name}: {self.title}"

    @property
    def slug(self) -> str:
        """The id as a part of a file name."""
        return self.id.replace(":", "-")

    def source_of(self, field: str) -> Source | None:
        """The first source that covers a field."""
        return next((source for source in self.sources if field in source.covers), None)


class Country(_Model):
    """One file under ``specs/countries`` or ``specs/standards``."""

    country: str
    name: str
    documents: dict[Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")], dict[str, Any]]


class Paper(_Model):
    """A sheet to print on."""

    size: Extent
    aliases: tuple[str, ...] = ()
    title: str = ""
    source: str

    @property
    def mm(self) -> tuple[float, float]:
        """Width and height in millimetres, upright."""
        return self.size.mm


class Papers(_Model):
    """The file ``specs/papers.yaml``."""

    papers: dict[str, Paper]


class ColourClass(_Model):
    """What a colour's name means: the shade to paint and the region of CIELAB to accept."""

    paint: str = Field(pattern=r"^#[0-9A-F]{6}$")
    lightness: Band
    chroma: Band
    hue: Band | None = Field(default=None, description="CIELAB hue angle; may run past 360 deg.")
    source: str


class Colours(_Model):
    """The file ``specs/colours.yaml``."""

    colours: dict[str, ColourClass]


# Fields of a document file that are not rules, and so never come from a standard.
_OWN = frozenset(
    {
        "id", "country", "country_name", "title", "kind", "capture", "submit", "size", "pixels", "aspect", "sources",
        "readings", "notes", "variants", "inherited", "extends", "editing", "background", "copies", "paper", "formats",
        "bytes", "compression", "quality", "colour",
    }
)  # fmt: skip


_UNSOURCED = frozenset(
    {
        "id", "country", "country_name", "title", "kind", "submit", "sources", "readings", "notes", "variants",
        "inherited",
    }
)  # fmt: skip


@lru_cache(maxsize=1)
def specs_folder() -> Path:
    """The folder of spec files: inside the wheel, or the repository's own in a checkout."""
    override = os.environ.get("IDPHOTO_SPECS")
    if override:
        return Path(override)
    packed = Path(__file__).parent / "_specs"
    return packed if packed.is_dir() else Path(__file__).parent.parent / "specs"


def _files() -> list[Path]:
    folder = specs_folder()
    return sorted(folder.glob("standards/*.yaml")) + sorted(folder.glob("countries/*.yaml"))


@lru_cache(maxsize=256)
def _read(path: Path) -> Country:
    return yamlfile.parse(Country, yamlfile.load(path, InvalidSpec), path, InvalidSpec)


def spec_ids(*, variants: bool = True) -> list[str]:
    """Ids of all documents in the order of their files; variants follow their document."""
    ids = []
    for path in _files():
        for name, document in _read(path).documents.items():
            ids.append(name)
            if variants:
                ids += [f"{name}:{variant}" for variant in document.get("variants") or {}]
    return ids


def all_specs(*, variants: bool = True) -> list[Spec]:
    """Every document that comes with the package, merged and validated."""
    return [load_spec(name) for name in spec_ids(variants=variants)]


def load_spec(name: str) -> Spec:
    """The rules of one document.

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
        # A document lives in the file named as the first part of its id, so one file is enough.
        stem = base.partition("-")[0]
        found = next((path for path in _files() if path.stem == stem), None)
        if found is None:
            raise UnknownSpec(f"There is no document '{name}'.", _suggest(name))
        path = found
    if base not in _read(path).documents:
        raise UnknownSpec(f"There is no document '{name}'.", _suggest(name))
    return _merge(path, base, variant)


def validate_file(path: Path) -> list[Spec]:
    """Every document of a spec file, with its variants, merged and checked.

    Raises
    ------
    InvalidSpec
        If the file breaks the schema, or a rule is covered by no source.
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
            unknown = [
                name for name in (*spec.background.colours, *spec.background.refuses) if name not in load_colours()
            ]
            if unknown:
                raise InvalidSpec(
                    f"{path}: {spec.id}: there is no colour '{unknown[0]}'.",
                    f"Choose among {', '.join(load_colours())}.",
                )
            specs.append(spec)
    return specs


def limited_fields(spec: Spec) -> list[str]:
    """Fields of a document that say something about the world, and so need a source."""
    return [
        name
        for name in type(spec).model_fields
        if name in spec.model_fields_set and name not in _UNSOURCED and getattr(spec, name) not in (None, "", ())
    ]


def _suggest(name: str) -> str:
    known = spec_ids()
    # Whoever types 'uk-passport' means the United Kingdom, however much 'us-passport' looks like it.
    ways = (
        [known_id for known_id in known if known_id.startswith(name)],
        difflib.get_close_matches(name, [i for i in known if i.startswith(f"{name.partition('-')[0]}-")], cutoff=0.5),
        difflib.get_close_matches(name, known, cutoff=0.5),
    )
    close = next((found[:3] for found in ways if found), [])
    listing = "List all documents with 'idphoto specs list'."
    return f"Did you mean {' or '.join(close)}? {listing}" if close else listing


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
        # A variant's own sources and notes come first; the document's still cover the rest.
        for field in ("sources", "readings", "notes"):
            override = {**override, field: [*override.get(field, []), *document.get(field, [])]}
        # In a variant, null removes a rule, and 'standard' gives it back to the standard.
        document = {field: value for field, value in (document | override).items() if value != "standard"}
    inherited: frozenset[str] = frozenset()
    if standard is not None:
        inherited, document = _extend(path, standard, document)
    data = {
        **document,
        "id": f"{base}:{variant}" if variant else base,
        "country": country.country,
        "country_name": country.name,
        "variants": tuple(variants),
        "inherited": inherited,
    }
    try:
        return Spec.model_validate(data)
    except ValidationError as cause:
        text = yamlfile.explain(cause, Spec, path, prefix=("documents", base))
        raise InvalidSpec(text, "Correct the file and try again.") from cause


def _extend(path: Path, standard: str, document: dict[str, Any]) -> tuple[frozenset[str], dict[str, Any]]:
    """Fill what the document leaves open from the standard; say which fields that was."""
    home = specs_folder() / "standards" / f"{standard.partition('-')[0]}.yaml"
    rules = _read(home).documents.get(standard) if home.is_file() else None
    if rules is None:
        raise InvalidSpec(f"{path}: there is no standard '{standard}'.", "Name one of specs/standards.")
    filled = {field: value for field, value in rules.items() if field not in _OWN and field not in document}
    sources = [
        {**source, "for": [field for field in source["for"] if field in filled]}
        for source in rules["sources"]
        if any(field in filled for field in source["for"])
    ]
    return frozenset(filled), {**document, **filled, "sources": [*document.get("sources", []), *sources]}


def require_photo(spec: Spec) -> Spec:
    """Return `spec` if its authority takes photos from applicants.

    Raises
    ------
    NoPhotoTaken
        If the portrait is only ever taken at the office.
    """
    if spec.submit is Submit.NOTHING:
        raise NoPhotoTaken(
            f"{spec.label} takes no photo from applicants: {spec.editing.says.rstrip('.')}.",
            "Go to the office; the portrait is taken there.",
        )
    return spec


@lru_cache(maxsize=1)
def load_papers() -> dict[str, Paper]:
    """All papers by name, in the order of ``papers.yaml``."""
    path = specs_folder() / "papers.yaml"
    return yamlfile.parse(Papers, yamlfile.load(path, InvalidSpec), path, InvalidSpec).papers


@lru_cache(maxsize=1)
def load_colours() -> dict[str, ColourClass]:
    """All background colours by name, in the order of ``colours.yaml``."""
    path = specs_folder() / "colours.yaml"
    return yamlfile.parse(Colours, yamlfile.load(path, InvalidSpec), path, InvalidSpec).colours
