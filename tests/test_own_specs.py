"""Spec files that users write themselves: quantities as they type them, and faults that are told in one sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from idphoto.decode import Source
from idphoto.errors import InvalidSpec, SpecError
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.spec import Submission, all_specs, load_spec, specs_folder, validate_file
from idphoto.stages.align import Align
from idphoto.stages.crop import Crop
from idphoto.stages.permit import Permit
from idphoto.units import Band, ByteBand, Extent

EXAMPLE = re.findall(r"```yaml\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(), re.DOTALL)[1]


def write(folder: Path, **changes: object) -> Path:
    """Write the example of the README with other values for some fields; None leaves a field out."""
    data = yaml.safe_load(EXAMPLE)
    (document,) = data["documents"].values()
    document.update(changes)
    if "sources" not in changes:
        document["sources"][0]["for"] += list(changes)
    data["documents"]["club-card"] = {name: value for name, value in document.items() if value is not None}
    path = folder / f"my-{len(list(folder.iterdir()))}.yaml"  # files that were read once are kept in memory
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("35mm x 45mm", "35 x 45 mm"),
        ("35mmx45mm", "35 x 45 mm"),
        ("35*45 MM", "35 x 45 mm"),
        ("35 by 45 millimetres", "35 x 45 mm"),
        ("3,5 × 4,5 cm", "3.5 x 4.5 cm"),
        ("2 x 2 inch", "2 x 2 in"),
        ("2x2inch", "2 x 2 in"),
        ("2 inches x 2 inches", "2 x 2 in"),
        ('2" x 2"', "2 x 2 in"),
        ("1 1/2 x 2 in", "1 1/2 x 2 in"),
        ("600-1200 x 600-1200 pixels", "600..1200 x 600..1200 px"),
        ("at least 715 x 951 pixels", ">= 715 x 951 px"),
    ],
)
def test_sizes_as_people_type_them(typed, meant):
    assert Extent.parse(typed) == Extent.parse(meant)
    assert Extent.parse(str(Extent.parse(typed))) == Extent.parse(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("20-25mm", "20..25 mm"),
        ("20mm – 25mm", "20..25 mm"),
        ("70% to 80%", "70..80 %"),
        ("70 to 80 percent", "70..80 %"),
        ("1 1/8 in - 1 3/8 in", "1 1/8..1 3/8 in"),
        ("≥ 90 px", ">= 90 px"),
        ("max. 36 mm", "<= 36 mm"),
        ("300 DPI", "300 dpi"),
        ("34 ± 2 mm", "34 +/- 2 mm"),
    ],
)
def test_ranges_as_people_type_them(typed, meant):
    assert Band.parse(typed) == Band.parse(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("20-240kB", "20..240 KB"),
        ("max 240 kb", "<= 240 KB"),
        ("up to 2mb", "<= 2 MB"),
        ("10 kB - 200 kB", "10..200 KB"),
        ("10 KB to 1 MB", "10 KB..1 MB"),
    ],
)
def test_file_sizes_as_people_type_them(typed, meant):
    assert ByteBand.parse(typed) == ByteBand.parse(meant)


@pytest.mark.parametrize("typed", ["35 x 45", "2mm x 3cm", "1,000 x 1,000 px", "35 mm", "x", "0x10 mm x 3", "mm"])
def test_sizes_that_may_mean_several_things_are_refused(typed):
    with pytest.raises(ValueError, match="not a size"):
        Extent.parse(typed)


def test_quantities_of_the_package_are_kept_as_they_are_written():
    written = re.findall(
        r"^\s+(?:size|pixels|head_height|eye_line|bytes|dpi): ([\d<>].*?)\s*(?:#.*)?$",
        "\n".join(path.read_text() for path in specs_folder().glob("countries/*.yaml")),
        re.MULTILINE,
    )
    kept = {str(getattr(spec, name)) for spec in all_specs() for name in ("size", "pixels", "bytes", "dpi")}
    kept |= {str(getattr(spec, name)) for spec in all_specs() for name in ("head_height", "eye_line")}
    assert len(written) > 200
    assert {" ".join(text.strip("\"'").split()) for text in written} <= kept


def test_the_unit_may_be_left_out_where_there_is_one_only(tmp_path):
    spec = load_spec(str(write(tmp_path, size="35*45", pixels="413*531", dpi=300)))
    assert (spec.size.mm, str(spec.pixels), str(spec.dpi)) == ((35, 45), "413 x 531 px", "300 dpi")


FAULTS = [
    ({"size": "0 x 0 mm"}, "not the size of a photo"),
    ({"size": "2 x 2"}, "not the size of a photo"),
    ({"size": "3000 x 4000 mm"}, "not the size of a photo"),
    ({"size": None, "pixels": "20000 x 30000 px"}, "not the size of a photo"),
    ({"size": None, "pixels": "1 x 1 px"}, "not the size of a photo"),
    ({"dpi": "20000 dpi"}, "pixels a side"),
    ({"head_height": None}, "how large the head"),
    ({"head_height": "0 mm"}, "cannot be"),
    ({"head_height": "50..60 mm"}, "cannot be"),
    ({"head_height": "100..120 %"}, "cannot be"),
    ({"head_height": "20..25"}, "not a range with a unit"),
    ({"background": "bluish"}, "not the name of a colour"),
    ({"background": "#438EDB"}, "not the name of a colour"),
    ({"background": {"colours": ["white"], "target": "#438EDB"}}, "colour with a tolerance"),
    ({"bytes": "240 KB"}, "single length"),
]


@pytest.mark.parametrize(("changes", "words"), FAULTS, ids=str)
def test_a_fault_is_told_in_one_sentence_with_its_line(tmp_path, changes, words):
    path = write(tmp_path, **changes)
    for read in (validate_file, lambda path: load_spec(str(path))):
        with pytest.raises(InvalidSpec) as caught:
            read(path)
        assert re.match(rf"{re.escape(str(path))}:\d+: .*{words}", caught.value.message), caught.value.message
        assert len(caught.value.message.splitlines()) == 1
        assert caught.value.advice


def test_a_shade_is_told_where_to_stand(tmp_path):
    with pytest.raises(InvalidSpec) as caught:
        load_spec(str(write(tmp_path, background="#438EDB")))
    assert "target: '#438EDB +/- 10'" in caught.value.advice
    spec = load_spec(str(write(tmp_path, background={"colours": ["blue"], "target": "#438EDB +/- 10"})))
    assert spec.paint == "#438EDB"


@pytest.fixture(scope="module")
def analysed(sample):
    return Pipeline.load("default").analyse(Photo(Source.read(sample)))


ODD = [None, 0, -1, "", "x", [], {}, True, "0 x 0 mm", "1e9 mm", "<= 0 %", "nan", ["white"], {"rule": "x"}, "5 deg"]


@pytest.mark.parametrize(
    "name", [*sorted(yaml.safe_load(EXAMPLE)["documents"]["club-card"]), "pixels", "frame", "aspect"]
)
def test_whatever_a_field_holds_is_used_or_refused(tmp_path, analysed, name):
    for value in [*ODD, *(f"{number} {unit}" for number in ("0", "3", "50..60", ">= 5") for unit in ("mm", "px", "%"))]:
        try:
            spec = load_spec(str(write(tmp_path, **{name: value})))
        except SpecError as problem:
            assert problem.message
        else:
            if spec.submit not in (Submission.NOTHING, Submission.ORIGINAL):
                view = Crop().set_view(Align()(Permit()(replace(analysed, spec=spec)))).view
                assert view is not None and 0 < min(view.size) <= max(view.size) <= 10_000
