"""The library as a user calls it, on a real portrait."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto.decode import Source
from idphoto.errors import FileExists, InputError, NoEffect, NoPhotoTaken, UnknownSpec
from idphoto.output.xmp import find_xmp, read_xmp
from idphoto.spec import load_spec
from idphoto.stages import analyse

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def studio(sample):
    return idphoto.make(sample, "cn-1inch", sheet="4x6in", sheet_format="both")


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_the_photo_is_what_the_document_asks_for(studio):
    spec = load_spec("cn-1inch")
    picture = opened(studio.files[".jpg"])
    assert picture.size == (295, 413)
    assert picture.mode == "RGB"
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=1)
    assert spec.pixels.contains(studio.view.size)
    assert studio.report.status in (idphoto.Status.WARN, idphoto.Status.ASK, idphoto.Status.SKIP)


def test_picture_and_alpha_belong_together(studio):
    assert studio.picture.shape == (413, 295, 3)
    assert studio.picture.dtype == np.uint8
    assert studio.alpha.shape == (413, 295)
    assert studio.alpha.dtype == np.float32
    assert 0.4 < studio.alpha.mean() < 0.8
    # What is no person is the white of the document, to the bit.
    assert (studio.picture[studio.alpha == 0] == 255).all()


def test_the_sheets_have_the_papers_size(studio):
    assert sorted(opened(studio.files[".sheet.jpg"]).size) == [1200, 1800]
    assert studio.files[".sheet.pdf"].startswith(b"%PDF-1.7")


def test_the_report_tells_what_was_done_and_measured(studio):
    report = studio.report
    names = [operation.name for operation in report.operations]
    assert names.index("crop") < names.index("background") < names.index("encode")
    head, eyes = report.find_measure("head-height"), report.find_measure("eye-line")
    assert head.unit == "mm"
    assert 0.6 * 35 <= head.value <= 0.7 * 35
    assert 0 < eyes.value < 35
    assert head.uncertainty > 0
    assert report.source.sha256 == hashlib.sha256(studio.source.data).hexdigest()
    photo = next(file for file in report.files if file.name == ".jpg")
    assert photo.sha256 == hashlib.sha256(studio.files[".jpg"]).hexdigest()
    assert photo.size == (295, 413)


def test_the_report_follows_its_published_schema(studio):
    schema = json.loads((DOCS / "report.schema.json").read_text())
    data = json.loads(studio.report.model_dump_json())
    jsonschema.validate(data, schema)
    assert data["schema_version"] == "1.0"


def test_the_note_in_the_file_says_how_it_was_made(studio):
    note = read_xmp(find_xmp(studio.files[".jpg"]))
    assert note.spec == "cn-1inch"
    assert note.version == idphoto.__version__
    assert "background" in note.operations
    assert note.ordered == ()


def test_the_background_is_kept_where_editing_is_forbidden(sample):
    photo = idphoto.make(sample, "schengen-visa")
    assert photo.plan.background_fill is None
    assert "background" not in [operation.name for operation in photo.operations]
    assert photo.report.findings_of("editing")[0].code == "editing.ok"
    assert len(photo.report.findings_of("background")) >= 1


def test_a_background_that_is_asked_for_is_not_painted_without_a_reason(sample):
    photo = idphoto.make(sample, "schengen-visa", background="blue")
    assert "background" not in [operation.name for operation in photo.operations]
    assert "editing.refused" in [finding.code for finding in photo.report.findings_of("editing")]


def test_an_order_is_obeyed_and_told(sample):
    photo = idphoto.make(sample, "schengen-visa", background="#3366CC", allow_editing="consulate said so")
    assert photo.report.findings_of("editing")[0].code == "editing.ordered"
    assert photo.report.status is idphoto.Status.FAIL
    assert tuple(photo.picture[2, 2]) == (0x33, 0x66, 0xCC)
    note = read_xmp(find_xmp(photo.files[".jpg"]))
    assert note.ordered == (("background", "consulate said so"),)


def test_where_nothing_was_read_the_background_is_painted_with_a_warning(sample):
    photo = idphoto.make(sample, "cn-visa-print")
    assert "background" in [operation.name for operation in photo.operations]
    assert [finding.code for finding in photo.report.findings_of("editing")] == ["editing.unstated"]


def test_cropping_only_leaves_a_tilted_head_tilted(sample):
    """Singapore allows resizing and nothing else."""
    strict = idphoto.make(sample, "sg-passport-ic")
    assert strict.view.roll == pytest.approx(0)
    loose = idphoto.make(sample, "schengen-visa")
    assert abs(loose.view.roll) > 1
    assert abs(loose.finished.face.roll) < 1 < abs(strict.finished.face.roll)


@pytest.mark.parametrize("name", ["no-passport-visa", "se-passport", "pt-passport", "in-aadhaar"])
def test_documents_that_take_no_photo_say_so(sample, name):
    with pytest.raises(NoPhotoTaken) as caught:
        idphoto.make(sample, name)
    assert caught.value.code == "spec.no-photo-taken"
    assert caught.value.advice


@pytest.mark.parametrize("name", ["uk-passport-digital", "ie-passport-online", "ca-passport-digital"])
def test_originals_are_handed_over_byte_for_byte(sample, name):
    photo = idphoto.make(sample, name)
    assert photo.files == {".jpg": sample.read_bytes()}
    assert photo.report.findings_of("file")
    assert [finding.status.value for finding in photo.report.findings_of("editing")] == ["pass"]


def test_one_analysis_serves_all_documents(sample, monkeypatch):
    calls = []
    real = analyse.Analyse.__call__
    monkeypatch.setattr(analyse.Analyse, "__call__", lambda self, photo: (calls.append(1), real(self, photo))[1])
    names = ["us-passport", "cn-visa-digital", "nope", "no-passport-visa", "uk-passport-digital"]
    results = list(idphoto.make_each(sample, spec=names))
    assert len(calls) == 1
    assert [getattr(result, "code", "made") for result in results] == [
        "made",
        "made",
        "spec.unknown",
        "spec.no-photo-taken",
        "made",
    ]


def test_results_do_not_depend_on_company(sample):
    alone = idphoto.make(sample, "cn-1inch")
    among = list(idphoto.make_each(sample, spec=["us-visa-digital", "cn-1inch", "nl-passport"]))[1]
    assert alone.files[".jpg"] == among.files[".jpg"]


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "array", "source"])
def test_a_picture_can_be_given_in_many_ways(sample, kind):
    given = {
        "path": sample,
        "text": str(sample),
        "bytes": sample.read_bytes(),
        "array": np.asarray(Image.open(sample)),
        "source": Source.read(sample),
    }[kind]
    photo = idphoto.make(given, "cn-1inch")
    reference = idphoto.make(sample, "cn-1inch")
    assert photo.files[".jpg"] == reference.files[".jpg"]


def test_arrays_that_are_no_pictures_are_refused():
    for array in (np.zeros((9, 9)), np.zeros((99, 99, 4), np.uint8), np.zeros((99, 99, 3), np.float32)):
        with pytest.raises(InputError):
            idphoto.make(array, "cn-1inch")


def test_a_mask_of_ones_own_is_taken_as_it_is(sample, tmp_path):
    mask = np.zeros((512, 512), np.uint8)
    mask[:, 190:260] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    photo = idphoto.make(sample, "cn-1inch", mask=str(tmp_path / "mask.png"))
    x, y = photo.view.point((220, 100))
    assert photo.alpha[round(y), round(x)] == 1
    x, y = photo.view.point((175, 100))
    assert photo.alpha[round(y), round(x)] == 0
    Image.fromarray(mask[:200]).save(tmp_path / "other.png")
    with pytest.raises(InputError):
        idphoto.make(sample, "cn-1inch", mask=str(tmp_path / "other.png"))


def test_a_cutout_goes_in_as_it_came_out(sample):
    """A transparent PNG brings its own matte."""
    png = next(iter(idphoto.cutout(sample).files.values()))
    photo = idphoto.make(png, "cn-1inch", background="#00FF00")
    assert [operation.name for operation in photo.operations][:1] != ["background"]
    assert "mask" in [operation.name for operation in photo.operations]
    assert tuple(photo.picture[3, 3]) == (0, 255, 0)


def test_a_given_mask_replaces_the_matte(sample):
    size = opened(sample.read_bytes()).size
    left_half = Image.new("L", size)
    left_half.paste(255, (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    left_half.save(file, "PNG")
    alpha = idphoto.cutout(sample, given_mask=file.getvalue()).alpha
    middle = size[0] // 2
    assert (alpha[:, : middle - 1] == 1).all()
    assert (alpha[:, middle + 1 :] == 0).all()


@pytest.mark.parametrize("form", ["rgba", "mask", "white", "crop", "blur"])
def test_cutouts_come_in_every_form(sample, form):
    picture = opened(next(iter(idphoto.cutout(sample, form).files.values())))
    wanted = {"rgba": "RGBA", "mask": "L", "white": "RGB", "crop": "RGBA", "blur": "RGB"}[form]
    assert picture.mode == wanted
    if form == "crop":
        assert picture.getchannel("A").getbbox() == (0, 0, *picture.size)
    else:
        assert picture.size == (512, 512)


def test_blur_leaves_no_halo(sample):
    """Just outside the hair the blurred background has the background's colour, not the hair's."""
    blurred = np.asarray(opened(next(iter(idphoto.cutout(sample, "blur").files.values()))).convert("RGB")).astype(int)
    original = np.asarray(Image.open(sample)).astype(int)
    # A strip of plain wall left of the hair, four to twelve pixels from it.
    strip = (slice(60, 100), slice(134, 146))
    assert np.abs(blurred[strip].mean(axis=(0, 1)) - original[strip].mean(axis=(0, 1))).max() < 12


def test_dpi_is_chosen_where_the_document_lets(sample):
    assert idphoto.make(sample, "schengen-visa", dpi=600).view.size == (827, 1063)
    # Germany wants 600 at least.
    assert idphoto.make(sample, "de-passport").view.dpi == 600
    with pytest.raises(NoEffect, match="600 dpi"):
        idphoto.make(sample, "de-passport", dpi=300)


def test_a_spec_of_ones_own(sample, tmp_path):
    path = tmp_path / "club.yaml"
    path.write_text(
        "country: ZZ\nname: Rowing club\ndocuments:\n  club-card:\n    title: Card\n    kind: id-card\n"
        "    extends: icao-9303\n    capture: applicant\n    submit: print\n    size: 30 x 30 mm\n"
        "    head_height: 15..18 mm\n    background: {colours: [light-blue]}\n"
        "    editing: {allows: background, basis: tolerated}\n    sources:\n"
        "      - {title: Club rules, url: null, read: 2026-11-22, confidence: official,\n"
        "         for: [capture, size, head_height, background, editing]}\n"
    )
    photo = idphoto.make(sample, str(path))
    assert photo.view.size == (354, 354)
    assert 15 <= photo.report.find_measure("head-height").value <= 18
    assert tuple(photo.picture[2, 2]) == (0xBF, 0xD7, 0xEA)


def test_saving_writes_all_files_or_none(studio, tmp_path):
    paths = idphoto.save(studio, tmp_path / "deep/out")
    assert {path.name for path in paths} == {
        "astronaut.cn-1inch.jpg",
        "astronaut.cn-1inch.sheet.pdf",
        "astronaut.cn-1inch.sheet.jpg",
        "astronaut.cn-1inch.json",
    }
    report = json.loads((tmp_path / "deep/out/astronaut.cn-1inch.json").read_text())
    assert report["files"][0]["name"] == "astronaut.cn-1inch.jpg"
    with pytest.raises(FileExists):
        idphoto.save(studio, tmp_path / "deep/out")
    (tmp_path / "half").mkdir()
    (tmp_path / "half/astronaut.cn-1inch.json").write_text("mine")
    with pytest.raises(FileExists):
        idphoto.save(studio, tmp_path / "half")
    assert [path.name for path in (tmp_path / "half").iterdir()] == ["astronaut.cn-1inch.json"]


def test_a_job_file_says_what_flags_say(sample, tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text("spec: cn-1inch\nbackground: blue\n")
    job = idphoto.Job.load(path)
    photo = idphoto.make(sample, job=job)
    assert str(photo.plan.background_fill) == "blue #628BCE"
    assert str(idphoto.make(sample, job=job, background="red").plan.background_fill) == "red #D74532"
    path.write_text("spce: cn-1inch\n")
    with pytest.raises(idphoto.InvalidJob) as caught:
        idphoto.Job.load(path)
    assert caught.value.code == "input.invalid-job"
    assert f"{path}:1:" in caught.value.message
    assert "did you mean spec?" in caught.value.message


def test_options_that_do_not_exist_are_refused(sample):
    with pytest.raises(InputError) as caught:
        idphoto.make(sample, "cn-1inch", backgruond="blue")
    assert "did you mean background?" in caught.value.message


def test_unknown_documents_suggest_known_ones(sample):
    with pytest.raises(UnknownSpec) as caught:
        idphoto.make(sample, "schengen")
    assert "schengen-visa" in caught.value.advice


def test_checking_makes_nothing_and_judges_the_file(studio):
    photo = idphoto.check(studio.files[".jpg"], "cn-1inch")
    assert photo.files == {".jpg": studio.files[".jpg"]}
    made, checked = studio.report.find_measure("head-height"), photo.report.find_measure("head-height")
    assert checked.value == pytest.approx(made.value, abs=0.2)
    # The file's own note tells that its background was painted.
    assert "background" in [operation.name for operation in photo.operations]
    other = idphoto.check(studio.files[".jpg"], "us-passport")
    assert other.report.status is idphoto.Status.FAIL


@pytest.fixture
def pair(sample):
    """Return a picture of two people, the larger on the left."""
    one = np.asarray(Image.open(sample))
    small = np.asarray(Image.open(sample).resize((410, 410)))
    pair = np.full((512, 1024, 3), 200, np.uint8)
    pair[:, :512], pair[102:, 540:950] = one, small
    return pair


def test_everybody_gets_a_photo_with_a_number(pair, sample, tmp_path):
    photos = list(idphoto.make_each(pair, ["cn-1inch", "cn-2inch"], face="all"))
    assert [(photo.person, photo.spec.id) for photo in photos] == [
        (1, "cn-1inch"),
        (1, "cn-2inch"),
        (2, "cn-1inch"),
        (2, "cn-2inch"),
    ]
    assert photos[0].face.eyes.x < 512 < photos[2].face.eyes.x
    names = {path.name for photo in photos for path in idphoto.save(photo, tmp_path, report=False)}
    assert names == {"array-1.cn-1inch.jpg", "array-1.cn-2inch.jpg", "array-2.cn-1inch.jpg", "array-2.cn-2inch.jpg"}
    (alone,) = idphoto.make_each(sample, "cn-1inch", face="all")
    assert alone.person == 0
    with pytest.raises(idphoto.InputError, match="make_each"):
        idphoto.make(pair, "cn-1inch", face="all")


def test_the_larger_of_two_people_can_be_chosen(pair):
    with pytest.raises(idphoto.InputError) as caught:
        idphoto.make(pair, "cn-1inch")
    assert caught.value.code == "input.several-faces"
    assert "1: " in caught.value.message and "2: " in caught.value.message
    left = idphoto.make(pair, "cn-1inch", face="largest")
    right = idphoto.make(pair, "cn-1inch", face="2")
    assert left.face.eyes.x < 512 < right.face.eyes.x
    with pytest.raises(idphoto.InputError):
        idphoto.make(pair, "cn-1inch", face="3")
