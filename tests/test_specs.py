"""Every file under ``specs/`` is valid, has sources, and agrees with the table of facts."""

from __future__ import annotations

import csv
import math
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from idphoto import spec as specs
from idphoto import yamlfile
from idphoto.background_fill import parse_background_fill
from idphoto.colour import Colour, parse_colour, rgb_to_lab
from idphoto.errors import InvalidSpec, NoPhotoTaken, UnknownSpec
from idphoto.messages import catalogue
from idphoto.spec import (
    Country,
    EditPermission,
    Spec,
    Submission,
    all_specs,
    find_shade,
    load_colours,
    load_papers,
    load_shades,
    load_spec,
    require_photo,
    spec_ids,
)
from idphoto.units import Band, ByteBand, Extent
from tests.locations import FACTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from idphoto.spec import OtherReading

# The documents that idphoto promises to know; one that disappears is a mistake.
IDS = (
    "ae-emirates-id-passport", "ae-visa", "ar-passport", "at-passport", "au-passport", "au-visa", "bd-bpsc",
    "bd-passport", "bd-visa", "be-id-passport", "bg-passport", "bo-visa", "br-passport", "br-visa", "by-passport",
    "ca-passport", "ca-passport-digital", "ca-pr-card", "ca-pr-digital", "ca-trv-visa", "ch-passport-id", "cl-visa",
    "cn-1inch", "cn-2inch", "cn-driving-licence", "cn-exam-cet", "cn-exam-civil-service", "cn-exam-ncre",
    "cn-exam-postgraduate", "cn-exam-teacher", "cn-hk-macau-permit", "cn-large-1inch", "cn-mainland-permit-tw",
    "cn-passport-abroad", "cn-passport-domestic", "cn-resident-id", "cn-small-1inch", "cn-small-2inch",
    "cn-visa-digital", "cn-visa-print", "co-passport", "cy-passport", "cz-passport", "de-driving-licence",
    "de-passport", "dk-passport", "dz-passport", "ee-passport", "eg-evisa", "eg-passport", "es-passport-dni",
    "fi-passport-digital", "fi-passport-print", "fr-passport", "ge-evisa", "gh-passport", "gr-driving-licence",
    "gr-passport", "hk-passport", "hr-passport", "hu-passport", "icao-9303", "id-ktp", "id-passport", "id-sscasn",
    "id-visa", "ie-passport-online", "ie-passport-print", "il-passport", "il-visa", "in-aadhaar", "in-ctet", "in-cuet",
    "in-driving-licence", "in-evisa", "in-gate", "in-ibps", "in-jee-main", "in-mpsc", "in-neet", "in-oci",
    "in-pan-nsdl", "in-pan-utiitsl", "in-passport", "in-passport-legacy", "in-rrb", "in-ssc", "in-upsc",
    "in-visa-regular", "iq-passport", "ir-evisa", "it-cie", "it-passport", "jo-passport", "jp-driving-licence",
    "jp-mynumber", "jp-passport", "jp-resume", "jp-visa", "ke-evisa", "ke-passport", "kr-passport", "kr-visa",
    "kw-passport", "kz-visa", "la-visa", "lb-passport", "lk-nic", "lk-passport", "ma-passport", "mo-resident-id",
    "mx-passport", "my-passport", "my-student-pass", "my-visa", "ng-passport", "nl-passport", "no-passport-visa",
    "np-passport", "nz-passport-digital", "nz-passport-print", "nz-visa", "om-visa", "pe-dni", "ph-passport",
    "pk-nicop", "pk-passport-online", "pk-visa", "pl-passport-id", "ps-passport", "pt-passport", "ro-visa-d",
    "rs-visa", "ru-foreign-passport", "ru-internal-passport", "ru-visa", "sa-evisa", "sa-passport", "sa-visa",
    "schengen-visa", "se-passport", "sg-passport-ic", "tc-passport", "th-visa", "th-visa-diplomatic",
    "th-visa-on-arrival", "tn-passport", "tr-passport-id", "tw-passport", "tz-visa", "ua-passport",
    "uk-driving-licence", "uk-passport-digital", "uk-passport-print", "uk-visa-digital", "uk-voter-id",
    "us-dv-lottery", "us-ead", "us-green-card", "us-naturalization", "us-passport", "us-passport-online",
    "us-travel-document", "us-visa-digital", "uy-passport", "vn-passport", "vn-visa", "za-passport-id",
)  # fmt: skip

TRADE = (
    "generic-2x2in", "generic-3x4cm", "generic-4x6cm", "generic-cv", "generic-school-us", "generic-seafarer",
    "generic-student-card",
)  # fmt: skip
"""Sizes that no authority sets. They are not in the table of facts."""

NOT_TAKEN = {
    "gh-passport": "office-only", "hu-passport": "office-only", "in-aadhaar": "office-only", "in-rrb": "live",
    "in-ssc": "live", "no-passport-visa": "office-only", "ph-passport": "office-only", "pt-passport": "office-only",
    "se-passport": "office-only", "uy-passport": "office-only",
}  # fmt: skip
"""Documents whose authority takes the photo itself, and who does so."""

# Fields that are no rules of the authority, and so need no source.
WORDS = {"title", "kind", "extends", "submit", "notes", "readings", "variants", "sources", "disputed"}
MADE = {"id", "country", "country_name", "inherited"}

FILES = sorted(specs.specs_folder().glob("*/*.yaml"))
FILES = [path for path in FILES if path.parent.name in ("standards", "countries")]
ALL = spec_ids()


def raw(name: str) -> dict[str, Any]:
    """Return one document as it stands in its file."""
    base = name.partition(":")[0]
    path = next(path for path in FILES if path.stem == base.partition("-")[0])
    document: dict[str, Any] = yamlfile.load(path, InvalidSpec)["documents"][base]
    return document


def family(name: str) -> list[Spec]:
    """Return a document and its variants."""
    return [load_spec(name), *(load_spec(f"{name}:{variant}") for variant in load_spec(name).variants)]


# --- files


def test_every_promised_document_is_there() -> None:
    assert sorted(spec_ids(variants=False)) == sorted(IDS + TRADE)


def test_ids_are_unique_and_load() -> None:
    assert len(set(ALL)) == len(ALL)
    assert [spec.id for spec in all_specs()] == ALL


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_named_after_its_documents(path: Path) -> None:
    country = yamlfile.parse(Country, yamlfile.load(path, InvalidSpec), path, InvalidSpec)
    assert {name.partition("-")[0] for name in country.documents} == {path.stem}
    assert len(country.country) == 2
    assert country.country.isupper()


@pytest.mark.parametrize("name", IDS + TRADE)
def test_a_document_uses_only_fields_of_the_schema(name: str) -> None:
    allowed = set(Spec.model_fields) - MADE | {"extends"}
    document = raw(name)
    assert set(document) <= allowed
    for variant in (document.get("variants") or {}).values():
        assert set(variant) <= allowed - {"title", "kind", "extends", "variants"}


@pytest.mark.parametrize("name", IDS + TRADE)
def test_what_takes_a_photo_extends_the_standard(name: str) -> None:
    taken = load_spec(name).submit is not Submission.NOTHING and name != "icao-9303"
    assert raw(name).get("extends") == ("icao-9303" if taken else None)


# --- sources


@pytest.mark.parametrize("name", IDS + TRADE)
def test_every_rule_has_a_source(name: str) -> None:
    document = raw(name)
    known = {field for source in document["sources"] for field in source["for"]}
    rules = {field for field, value in document.items() if value not in (None, "standard")} - WORDS
    assert rules <= known
    variants = document.get("variants") or {}
    for variant in variants.values():
        own = known | {field for source in variant.get("sources", []) for field in source["for"]}
        assert {field for field, value in variant.items() if value not in (None, "standard")} - WORDS <= own
    # And no source claims a field about which the document says nothing.
    said = rules.union(*variants.values())
    assert known <= said


@pytest.mark.parametrize("name", ALL)
def test_sources_are_complete(name: str) -> None:
    spec = load_spec(name)
    assert spec.sources
    for source in spec.sources:
        assert source.covers
        assert set(source.covers) <= set(Spec.model_fields)
        # What others read in the authority's page may be older than these files.
        assert date(2026, 1 if source.confidence == "reported" else 9, 1) <= source.read
        if source.confidence == "official":
            assert source.url
        elif source.confidence == "memory":
            assert source.url is None
            assert "not found in writing" in source.title
        if source.url is not None:
            assert source.url.startswith(("https://", "http://"))
    for field in spec.inherited:
        assert spec.source_of(field) is not None


# --- readings


def parsed(reading: OtherReading) -> object:
    """Return the value of a reading, parsed as its field."""
    if reading.field == "background":
        names = reading.value.split(", ")
        assert set(names) <= set(load_colours())
        return names
    if reading.field == "formats":
        return reading.value.split(", ")
    return TypeAdapter(Spec.model_fields[reading.field].annotation).validate_python(reading.value)


@pytest.mark.parametrize("name", ALL)
def test_readings_are_values_of_their_fields(name: str) -> None:
    for reading in load_spec(name).readings:
        assert parsed(reading) is not None
        assert reading.source
        assert reading.why


# --- geometry


def share(spec: Spec, field: str) -> Band | None:
    """Return a band as a share of the photo's height."""
    band: Band | None = getattr(spec, field)
    if band is None or band.unit == "%":
        return band and band.scaled(0.01, "%")
    if band.unit == "px":
        counted = spec.frame or spec.pixels
        assert counted is not None
        return band.scaled(1 / counted.height.middle, "%")
    assert spec.size is not None
    return band.to("mm").scaled(1 / spec.size.mm[1], "%")


@pytest.mark.parametrize("name", ALL)
def test_a_head_has_room(name: str) -> None:
    spec = load_spec(name)
    head, top, chin = (share(spec, field) for field in ("head_height", "top_margin", "chin_margin"))
    if head is None:
        return
    if math.isfinite(head.high):
        assert head.high < 1
    assert max(head.low, 0) + sum(max(band.low, 0) for band in (top, chin) if band) <= 1
    eyes = share(spec, "eye_line")
    if eyes is not None:
        assert 0 < eyes.low <= eyes.high < 1


@pytest.mark.parametrize("name", ALL)
def test_pixels_size_and_aspect_have_the_same_proportions(name: str) -> None:
    spec = load_spec(name)
    ratios = []
    if spec.size is not None:
        width, height = spec.size.mm
        ratios.append(width / height)
    if spec.pixels is not None and spec.pixels.exact:
        ratios.append(spec.pixels.width.middle / spec.pixels.height.middle)
    if spec.aspect is not None:
        ratios.append(spec.aspect.value)
        if spec.pixels is not None and math.isfinite(spec.pixels.width.high):
            ratios.append(spec.pixels.width.high / spec.pixels.height.high)
    for ratio in ratios[1:]:
        assert ratio == pytest.approx(ratios[0], rel=0.01)


@pytest.mark.parametrize("name", ALL)
def test_exact_pixels_keep_the_resolution(name: str) -> None:
    spec = load_spec(name)
    if spec.size is None or spec.pixels is None or not spec.pixels.exact or spec.dpi is None:
        return
    width, height = spec.size.mm
    for pixels, mm in ((spec.pixels.width.middle, width), (spec.pixels.height.middle, height)):
        # 35 mm at 300 dpi are 413.4 px, which everybody writes as 413.
        assert spec.dpi.low - 1 <= pixels / mm * 25.4 <= spec.dpi.high + 1


# --- colours and papers


def measure_lab(colour: str | Colour) -> NDArray[np.float32]:
    levels = parse_colour(colour) if isinstance(colour, str) else colour
    return rgb_to_lab(np.array(levels, dtype=np.uint8))


def accepts(name: str, colour: str | Colour) -> bool:
    shades = load_colours()[name].shades
    return not shades or find_shade(measure_lab(colour)) in shades


def test_every_colour_has_one_shade() -> None:
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    for lab in rgb_to_lab(grid):
        inside = [
            name for name, regions in load_shades().items() if any(part.measure_distance(lab) == 0 for part in regions)
        ]
        assert inside == [find_shade(lab)], lab


@pytest.mark.parametrize("name", load_colours())
def test_the_paint_of_a_colour_is_of_that_colour(name: str) -> None:
    colour = load_colours()[name]
    assert accepts(name, colour.paint)
    assert colour.source


@pytest.mark.parametrize("name", load_shades())
def test_a_shade_has_a_name_in_english(name: str) -> None:
    assert name in catalogue().words


def test_a_real_white_wall_is_white_and_a_grey_one_is_not() -> None:
    for wall in ("#FFFFFF", "#F4F3F1", "#E6E4E0", "#DFE0E3", "#F5F1E8"):
        assert accepts("white", wall), wall
    for wall in ("#D5D2CD", "#D3D3D3", "#C8C8C8", "#BFD7EA", "#F5F0DC", "#A8A8A8"):
        assert not accepts("white", wall), wall


def test_what_authorities_call_light_grey_and_light_blue_is_so() -> None:
    for level in (180, 190, 200, 210):  # Greece: 190 +/- 10; China: 198 of 240 and more
        assert accepts("light-grey", Colour(level, level, level))
        assert accepts("light", Colour(level, level, level))
    assert accepts("light-blue", "#64C5FF")  # China: hue 135, saturation 240, luminance 167, each of 240
    assert not accepts("light-grey", "#A0A0A0")  # L* 66
    assert not accepts("light", "#40E0D0")  # turquoise


@pytest.mark.parametrize("name", ALL)
def test_colours_are_known_and_what_is_painted_is_allowed(name: str) -> None:
    colours = load_colours()
    spec = load_spec(name)
    rule = spec.background
    assert set(rule.colours) | set(rule.refuses) <= set(colours)
    assert not set(rule.colours) & set(rule.refuses)
    paint = parse_background_fill(spec.paint).colour
    assert any(accepts(colour, paint) for colour in rule.colours)
    for refused in rule.refuses:
        assert not accepts(refused, paint)


def test_papers_and_their_aliases_are_unique() -> None:
    names = [name.casefold() for key, paper in load_papers().items() for name in (key, *paper.aliases)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "mm"),
    [
        ("4x6in", (101.6, 152.4)), ("10x15cm", (100, 150)), ("L", (89, 127)), ("2L", (127, 178)),
        ("13x18cm", (130, 180)), ("hagaki", (100, 148)), ("dsc", (89, 119)), ("2R", (63.5, 89)),
        ("cn-8in", (152, 203)), ("A6", (105, 148)), ("A5", (148, 210)), ("A4", (210, 297)), ("letter", (215.9, 279.4)),
    ],
)  # fmt: skip
def test_papers(name: str, mm: tuple[float, float]) -> None:
    paper = load_papers()[name]
    assert paper.mm == mm
    assert paper.title
    assert paper.source


def test_aliases_of_papers() -> None:
    known = {alias: name for name, paper in load_papers().items() for alias in paper.aliases}
    for alias, name in {"4R": "4x6in", "KG": "4x6in", "3R": "L", "9x13cm": "L", "5R": "2L", "5x7in": "2L"}.items():
        assert known[alias] == name
    assert known["13x18"] == "13x18cm"


# --- who takes a photo


@pytest.mark.parametrize("name", IDS + TRADE)
def test_only_where_a_photo_is_taken_there_is_one_to_make(name: str) -> None:
    spec = load_spec(name)
    if name in NOT_TAKEN:
        assert (spec.submit, spec.capture, spec.editing.allows) == (
            Submission.NOTHING,
            NOT_TAKEN[name],
            EditPermission.NO_FILE,
        )
        with pytest.raises(NoPhotoTaken, match=spec.country_name):
            require_photo(spec)
    else:
        assert require_photo(spec) is spec
        assert spec.capture not in ("office-only", "live")
        assert spec.editing.allows is not EditPermission.NO_FILE


@pytest.mark.parametrize("name", ["uk-passport-digital", "uk-visa-digital", "ie-passport-online", "us-passport-online"])
def test_originals_are_not_framed(name: str) -> None:
    spec = load_spec(name)
    assert (spec.submit, spec.editing.allows) == (Submission.ORIGINAL, EditPermission.ORIGINAL)
    assert (spec.head_height, spec.eye_line, spec.centre, spec.face_width) == (None, None, None, None)


def test_backgrounds_are_replaced_only_for_the_trade() -> None:
    tolerated = {spec.id for spec in all_specs(variants=False) if spec.editing.allows is EditPermission.BACKGROUND}
    studio = {"cn-1inch", "cn-2inch", "cn-large-1inch", "cn-small-1inch", "cn-small-2inch"}
    assert tolerated == studio | {"id-ktp", "jp-resume"} | set(TRADE) - {"generic-seafarer", "generic-student-card"}
    assert not any(spec.editing.allows is EditPermission.RETOUCH for spec in all_specs())


def test_every_document_of_the_united_states_counts_the_hair() -> None:
    assert {load_spec(name).crown for name in IDS if name.startswith("us-")} == {"hair"}


# --- standards and variants


def test_what_a_document_leaves_open_comes_from_the_standard_as_advice() -> None:
    spec = load_spec("th-visa")
    assert {"head_height", "eye_line", "roll"} <= spec.inherited
    assert str(spec.head_height) == "70..80 %"
    assert not spec.inherited & {"size", "background", "editing", "sources", "capture"}
    uk = load_spec("uk-passport-print")
    assert "head_height" not in uk.inherited
    assert str(uk.head_height) == "29..34 mm"


def test_null_in_a_variant_removes_a_rule() -> None:
    spec = load_spec("ch-passport-id:upload")
    assert spec.size is None
    assert spec.top_margin is None
    assert spec.head_height is None
    assert not spec.inherited & {"size", "top_margin", "head_height"}
    assert load_spec("ch-passport-id").top_margin == Band(5, 5, "mm")


def test_a_variant_may_give_a_rule_back_to_the_standard() -> None:
    spec = load_spec("hk-passport:upload")
    assert str(spec.head_height) == "70..80 %"
    assert "head_height" in spec.inherited
    assert str(load_spec("hk-passport").head_height) == "32..36 mm"


def test_a_variant_overrides_and_its_sources_come_first() -> None:
    child = load_spec("de-passport:child")
    assert (str(child.head_height), str(child.eye_line)) == ("50..80 %", "18..32 mm")
    assert child.background == load_spec("de-passport").background
    source = child.source_of("head_height")
    assert source is not None
    assert source.confidence == "reported"
    assert len(child.sources) > len(load_spec("de-passport").sources)


@pytest.mark.parametrize(
    ("name", "head", "eyes"),
    [
        ("nl-passport:child", "19..30 mm", "50..70 %"),
        ("pl-passport-id:child", "31..36 mm", "15..30 mm"),
        ("ch-passport-id:child", "23..34 mm", "50..70 %"),
        ("fi-passport-print:child", "25..36 mm", "50..70 %"),
        ("icao-9303:child", "50..90 %", "40..70 %"),
    ],
)
def test_children(name: str, head: str, eyes: str) -> None:
    spec = load_spec(name)
    assert (str(spec.head_height), str(spec.eye_line)) == (head, eyes)


def test_the_finnish_pixels() -> None:
    spec = load_spec("fi-passport-digital")
    assert spec.pixels == Extent.parse("500 x 653 px")
    assert spec.head_height == Band(445, 500, "px")
    assert spec.top_margin == Band(56, 84, "px")
    assert spec.chin_margin == Band(96, 124, "px")
    assert spec.centre == Band(-21, 21, "px")


# --- what goes wrong


DOCUMENT = """\
country: XX
name: Nowhere
documents:
  xx-{name}:
    title: Passport
    kind: passport
    {extends}
    capture: applicant
    submit: print
    size: 35 x 45 mm
    {line}
    chin_to_eyes: 10..20 mm
    background: {{colours: [white]}}
    editing: {{allows: geometry, basis: explicit}}
    sources:
      - {{title: Law, read: 2026-11-22, confidence: memory, for: [size]}}
"""


def user_file(folder: Path, line: str = "recency: 6 months", extends: str = "extends: icao-9303") -> Path:
    path = folder / "mine.yaml"
    path.write_text(DOCUMENT.format(name="passport", line=line, extends=extends))
    return path


def test_a_users_own_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    path = user_file(tmp_path)
    spec = load_spec(str(path))
    assert (spec.id, spec.country_name, str(spec.size)) == ("xx-passport", "Nowhere", "35 x 45 mm")
    assert load_spec(f"{path}#xx-passport") == spec


def test_a_file_of_several_documents_needs_an_id(tmp_path: Path) -> None:
    path = user_file(tmp_path)
    second = DOCUMENT.format(name="visa", line="copies: 2", extends="").split("documents:\n")[1]
    path.write_text(path.read_text() + second)
    assert load_spec(f"{path}#xx-visa").copies == 2
    with pytest.raises(UnknownSpec, match="2 documents") as caught:
        load_spec(str(path))
    assert f"{path}#xx-passport" in caught.value.advice
    with pytest.raises(UnknownSpec):
        load_spec(f"{path}#xx-nothing")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("head_heigth: 32..36 mm", "head_heigth: unknown field (did you mean head_height?)"),
        ("head_height: 32", "head_height: write a quantity with its unit"),
        ("head_height: 36..32 mm", "head_height: the range 36..32 mm ends before it begins"),
        ("head_height: 32..36 KB", "head_height: 'KB' is not a unit"),
        ("crown: beard", "crown: "),
    ],
)
def test_a_mistake_in_a_field_is_told_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    path = user_file(tmp_path, line)
    with pytest.raises(InvalidSpec) as caught:
        load_spec(str(path))
    assert caught.value.message.startswith(f"{path}:11: {message}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("pixels: 600 x 600 px", "600 x 600 px and 35 x 45 mm have different proportions"),
        ("pixels: 35 x 45 mm", "pixels are counted in px"),
    ],
)
def test_fields_that_contradict_each_other_are_told_at_their_document(tmp_path: Path, line: str, message: str) -> None:
    path = user_file(tmp_path, line)
    with pytest.raises(InvalidSpec) as caught:
        load_spec(str(path))
    assert caught.value.message.startswith(f"{path}:4: ")
    assert message in caught.value.message


def test_a_field_given_twice_is_refused(tmp_path: Path) -> None:
    path = user_file(tmp_path, "size: 50 x 70 mm")
    with pytest.raises(InvalidSpec, match=r"mine\.yaml:11: .*'size' is given twice"):
        load_spec(str(path))


def test_a_standard_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="no standard 'isco-9303'"):
        load_spec(str(user_file(tmp_path, extends="extends: isco-9303")))


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("us-pasport", "us-passport"),
        ("schengen", "schengen-visa"),
        ("uk-passport", "uk-passport-print"),
        ("uk-pasport", "uk-passport-print"),
        ("nl-passport-child", "nl-passport:child"),
        ("switzerland-passport", "passport"),
    ],
)
def test_an_unknown_document_suggests_near_ones(name: str, near: str) -> None:
    with pytest.raises(UnknownSpec, match="There is no document") as caught:
        load_spec(name)
    assert near in caught.value.advice


def test_an_unknown_variant_names_the_known_ones() -> None:
    with pytest.raises(UnknownSpec, match="no variant 'baby'") as caught:
        load_spec("nl-passport:baby")
    assert "nl-passport:child" in caught.value.advice
    with pytest.raises(UnknownSpec) as caught:
        load_spec("us-passport:child")
    assert "only us-passport itself" in caught.value.advice


def test_a_document_inherits_from_one_standard_and_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "standards").mkdir()
    (tmp_path / "countries").mkdir()
    for folder, stem, extends, line in (
        ("standards", "old", "", "eye_line: 50..70 %"),
        ("standards", "new", "extends: old-rule", "roll: 0 +/- 5 deg"),
        ("countries", "xx", "extends: new-rule", "copies: 2"),
    ):
        text = DOCUMENT.format(name="rule", line=line, extends=extends).replace("xx-rule", f"{stem}-rule")
        field = line.partition(":")[0]
        (tmp_path / folder / f"{stem}.yaml").write_text(text.replace("for: [size]", f"for: [size, {field}]"))
    monkeypatch.setattr("idphoto.spec.store.specs_folder", lambda: tmp_path)
    spec = load_spec("xx-rule")
    assert spec.inherited == {"roll"}
    assert spec.eye_line is None
    assert [source.covers for source in spec.sources] == [("size", "copies"), ("roll",)]


# --- against the tables of facts


with (FACTS / "rules_2026.csv").open(encoding="utf-8", newline="") as file:
    RULES_2026 = [tuple(row.values()) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("name", "field", "value"), RULES_2026)
def test_rules_read_again_in_2026_are_kept(name: str, field: str, value: str) -> None:
    assert str(getattr(load_spec(name), field)) == value
    source = load_spec(name).source_of(field)
    assert source is not None
    assert source.read >= date(2026, 1, 1)


def test_most_documents_rest_on_the_authoritys_own_page() -> None:
    levels = [spec.confidence for spec in all_specs(variants=False) if spec.has_authority]
    assert sum(level in ("official", "reported") for level in levels) >= 0.7 * len(levels)


TABLE_READ = date(2026, 11, 22)


def read_facts(path: Path) -> dict[str, dict[str, str]]:
    """Read a table of facts, by id of the document."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


TABLED = tuple(read_facts(FACTS / "specs.csv"))
"""Documents of the table."""


def is_read_again(spec: Spec, field: str) -> bool:
    """Return True if a rule rests on a source that was read after the table was written, or on an authority's page."""
    source = spec.source_of(field)
    return source is not None and (source.confidence == "reported" or source.read > TABLE_READ)


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, str]]:
    return read_facts(FACTS / "specs.csv")


def test_the_table_is_a_part_of_the_shared_one(shared: Path, rows: dict[str, dict[str, str]]) -> None:
    """If this fails, copy the columns of ``tests/facts/specs.csv`` from the shared table again."""
    whole = read_facts(shared / "facts/specs.csv")
    columns = next(iter(rows.values())).keys()
    assert rows == {name: {column: row[column] for column in columns} for name, row in whole.items()}


def test_the_table_has_the_same_documents(rows: dict[str, dict[str, str]]) -> None:
    assert set(rows) <= set(IDS)


# Column of the table without its unit and end: field of the document.
BANDS = {
    "head": "head_height",
    "eye_bottom": "eye_line",
    "top_margin": "top_margin",
    "face_width": "face_width",
}


def values_of(name: str, field: str) -> list[tuple[Spec, Any]]:
    """Return every value that a document, its variants and their readings give a field."""
    found = []
    for spec in family(name):
        found.append((spec, getattr(spec, field)))
        found += [(spec, parsed(reading)) for reading in spec.readings if reading.field == field]
    return [(spec, value) for spec, value in found if value is not None]


def ends_in(unit: str, spec: Spec, band: Band) -> tuple[float, float] | None:
    """Return the ends of a band in mm or % of the photo's height, or None if it cannot be converted."""
    if band.unit == unit:
        return band.low, band.high
    if unit == "mm" and band.unit in ("in", "cm"):
        return band.to("mm").low, band.to("mm").high
    height = spec.size.mm[1] if spec.size is not None else math.nan
    if unit == "mm" and band.unit == "%":
        return band.low / 100 * height, band.high / 100 * height
    if unit == "%" and band.unit == "mm":
        return band.low / height * 100, band.high / height * 100
    if unit == "%" and band.unit == "px" and spec.pixels is not None:
        whole = spec.pixels.height.middle
        return band.low / whole * 100, band.high / whole * 100
    return None


@pytest.mark.parametrize("name", TABLED)
def test_every_length_of_the_table_is_kept(name: str, rows: dict[str, dict[str, str]]) -> None:
    row = rows[name]
    for column, field in BANDS.items():
        for unit, sign in (("mm", "mm"), ("pct", "%")):
            for index, end in enumerate(("min", "max")):
                cell = row.get(f"{column}_{unit}_{end}")
                if not cell:
                    continue
                known = [ends_in(sign, spec, band) for spec, band in values_of(name, field)]
                # 1 1/8 in are 28.6 mm and are printed as 28; shares are printed as whole numbers.
                assert any(pair is not None and abs(pair[index] - float(cell)) <= 0.6 for pair in known), (
                    f"{field} of {cell} {sign} ({end}) is not among {known}"
                )


@pytest.mark.parametrize("name", TABLED)
def test_every_size_of_the_table_is_kept(name: str, rows: dict[str, dict[str, str]]) -> None:
    row = rows[name]
    if row["width_mm"]:
        wanted = float(row["width_mm"]), float(row["height_mm"])
        sizes = [extent.mm for _, extent in values_of(name, "size")]
        assert any(size == pytest.approx(wanted, abs=0.3) for size in sizes), f"{wanted} is not among {sizes}"
    pixels = [extent for _, extent in values_of(name, "pixels")]
    if row["px_exact"]:
        assert Extent.parse(f"{row['px_exact']} px") in pixels
    for side in ("w", "h"):
        for end in ("min", "max"):
            cell = row[f"px_{side}_{end}"]
            if cell:
                bands = [extent.width if side == "w" else extent.height for extent in pixels]
                assert float(cell) in [band.low if end == "min" else band.high for band in bands]


@pytest.mark.parametrize("name", TABLED)
def test_every_file_limit_of_the_table_is_kept(name: str, rows: dict[str, dict[str, str]]) -> None:
    row = rows[name]
    limits: list[ByteBand] = [band for _, band in values_of(name, "bytes")]
    if row["file_kb_min"]:
        assert int(row["file_kb_min"]) * 1024 in [band.floor for band in limits]
    if row["file_kb_max"]:
        kilobytes = int(row["file_kb_max"])
        # The table counts 1024 kilobytes to a megabyte; a ceiling of 5 MB is 5 000 000 bytes.
        ceiling = kilobytes * 1_000_000 // 1024 if kilobytes >= 1024 else kilobytes * 1000
        assert ceiling in [band.ceiling for band in limits]
    formats = {name for _, formats in values_of(name, "formats") for name in formats}
    for word, kind in (("JPG", "jpeg"), ("JPEG", "jpeg"), ("PNG", "png"), ("BMP", "bmp")):
        assert word not in row["file_format"].upper() or kind in formats


@pytest.mark.parametrize("name", TABLED)
def test_every_other_number_of_the_table_is_kept(name: str, rows: dict[str, dict[str, str]]) -> None:
    row = rows[name]
    if row["print_dpi_min"]:
        assert float(row["print_dpi_min"]) in [band.low for _, band in values_of(name, "dpi")]
    if row["recency_months"]:
        days = float(row["recency_months"]) * 365.2425 / 12
        assert any(period.days == pytest.approx(days, rel=0.1) for _, period in values_of(name, "recency"))
    if row["copies"] and row["copies"] != "0":
        assert int(row["copies"]) in [count for _, count in values_of(name, "copies")]


@pytest.mark.parametrize("name", TABLED)
def test_who_and_what_is_as_in_the_table(name: str, rows: dict[str, dict[str, str]]) -> None:
    row, spec = rows[name], load_spec(name)
    assert spec.kind == row["doc_type"]
    assert spec.country == row["iso"]
    if row["source_url"]:
        assert row["source_url"] in {source.url for source in spec.sources}
    if is_read_again(spec, "capture"):
        return
    starts = {
        "applicant-supplied": "applicant",
        "police photo server": "applicant",
        "approved/commercial": "photographer",
        "commercial photographer": "photographer",
        "live capture at": "office",
        "live capture only": "office-only",
    }
    assert [capture for start, capture in starts.items() if row["capture_channel"].startswith(start)] == [spec.capture]
    confidence = {"official-read": "official", "secondary-read": "secondary", "memory": "memory"}[row["confidence"]]
    assert confidence in {source.confidence for source in spec.sources}


@pytest.mark.parametrize("name", TABLED)
def test_editing_is_as_in_the_table(name: str, rows: dict[str, dict[str, str]]) -> None:
    row, editing = rows[name], load_spec(name).editing
    bases = {
        "forbidden-explicit": "explicit",
        "forbidden-by-general-ban": "general-ban",
        "assume-forbidden": "restricted",
        "tolerated": "tolerated",
        "not-stated": "not-stated",
        "not-applicable": "not-applicable",
    }
    if editing.allows is EditPermission.BACKGROUND:
        assert editing.basis == "tolerated"
        return
    if is_read_again(load_spec(name), "editing"):
        return
    assert editing.basis == bases[row["bg_replacement"]]
    if row["editing_rule"] == "not-stated":
        assert editing.allows is EditPermission.UNSTATED
    else:
        assert editing.allows in (
            EditPermission.GEOMETRY,
            EditPermission.CROP,
            EditPermission.ORIGINAL,
            EditPermission.NO_FILE,
        )
        assert editing.says
