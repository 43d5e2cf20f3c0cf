"""Match a photo with documents without making them; the prediction is true when they are made."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import idphoto
from idphoto import messages
from idphoto.cli import main
from idphoto.decode import Source
from idphoto.errors import NoEffect, NoPhotoTaken
from idphoto.match import Fit, match_documents
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.report import Status
from idphoto.spec import EditPermission, Spec, Submission, all_specs, load_spec, require_photo
from idphoto.stages.permit import Permit
from tests.hard_cases import encode_jpeg, read_rgb
from training.eyes_and_glasses.face_warping import find_landmarks


def test_all_documents_that_take_a_photo_answer(sample: Path) -> None:
    found = {entry.spec: entry for entry in match_documents(sample)}
    assert set(found) == {spec.id for spec in all_specs() if spec.submit.value != "nothing"}
    assert all(entry.lacking for entry in found.values() if entry.fit is Fit.LACKS)
    assert not any(entry.lacking for entry in found.values() if entry.fit is not Fit.LACKS)


AGREE = (
    "schengen-visa", "us-passport", "cn-1inch", "jp-resume", "uk-passport-print", "in-oci", "at-passport", "in-evisa",
    "ca-passport", "hk-passport", "uk-passport-digital", "generic-seafarer",
)  # fmt: skip


def test_what_is_foretold_comes_true(portraits: list[Path]) -> None:
    """The long trial over all documents is benchmarks/agreement.py."""
    specs = [load_spec(name) for name in AGREE]
    for path in portraits[::12]:
        for foretold, made in zip(match_documents(path, specs), idphoto.make_each(path, specs), strict=True):
            assert isinstance(made, Photo)
            place = f"{path.name} {foretold.spec}"
            fails = {finding.check for finding in made.report.findings if finding.status is Status.FAIL}
            if foretold.fit is Fit.LACKS:
                assert {finding.check for finding in foretold.lacking} & fails, place
                continue
            assert not fails & {"room", "background", "pose", "pixels", "file"}, place
            painted = any(operation.name == "background" for operation in made.operations)
            assert painted == ("background" in foretold.steps), place


# --- what is not stated is not permission

UNSTATED = [spec for spec in all_specs(variants=False) if spec.editing.allows is EditPermission.UNSTATED]


def paint_wall(path: Path, fill: str) -> bytes:
    """Return a portrait with a painted wall, as a photographer would have it."""
    return idphoto.cutout(path, "white", background=fill).files[".png"]


@pytest.mark.parametrize("spec", UNSTATED[::10], ids=lambda spec: spec.id)
def test_a_background_that_is_right_is_kept_where_nothing_is_stated(portraits: list[Path], spec: Spec) -> None:
    good = paint_wall(portraits[0], spec.paint)
    made = idphoto.make(good, spec)
    painted = any(operation.name == "background" for operation in made.operations)
    room = {finding.code for finding in made.report.findings_of("room")}
    if painted:
        assert room & {"room.painted", "room.missing"}  # the wall had to go on beyond the source
    else:
        assert not [finding for finding in made.report.findings if finding.code == "editing.unstated"]
        assert made.report.findings_of("background")[0].status is Status.PASS


@pytest.mark.parametrize("spec", UNSTATED[::20], ids=lambda spec: spec.id)
def test_a_background_that_is_wrong_is_replaced_with_a_warning(portraits: list[Path], spec: Spec) -> None:
    made = idphoto.make(paint_wall(portraits[0], "vertical(#101010, #F0F020)"), spec)
    assert "editing.unstated" in {finding.code for finding in made.report.findings}
    assert any(operation.name == "background" for operation in made.operations)


def test_nothing_is_edited_by_default_where_it_is_forbidden(portraits: list[Path]) -> None:
    analysed = Pipeline.load("default").analyse(Photo(Source.read(portraits[0])))
    for spec in all_specs():
        plan = Permit()(replace(analysed, spec=spec)).plan
        assert plan is not None
        assert plan.background_fill is None or spec.editing.allows.permits(EditPermission.BACKGROUND), spec.id
        assert not plan.straighten or spec.editing.allows.permits(EditPermission.GEOMETRY), spec.id


# --- what cannot be handed in says so first


def test_a_photo_that_cannot_be_handed_in_says_so(sample: Path) -> None:
    noted = [spec for spec in all_specs() if spec.notice is not None]
    taken = [spec for spec in noted if spec.submit is not Submission.NOTHING]
    for spec, found in zip(taken, match_documents(sample, taken, language="de"), strict=True):
        assert spec.notice is not None
        assert found.notice == " ".join(messages.say(spec.notice, {}, "de"))
        assert found.fit in (Fit.WITH_DOUBTS, Fit.LACKS)
    for spec in noted:
        if spec.submit is Submission.NOTHING:
            with pytest.raises(NoPhotoTaken):
                require_photo(spec)


def test_the_report_and_the_command_line_begin_with_it(
    sample: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["idphoto", "check", str(sample), "--spec", "de-passport"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out.startswith("note Germany: Passport and identity card  This authority accepts only")
    assert idphoto.check(sample, "de-passport").report.notice.startswith("This authority accepts only")
    assert idphoto.check(sample, "us-passport").report.notice == ""


def test_what_is_never_printed_has_no_sheet(sample: Path) -> None:
    spec = load_spec("us-dv-lottery")
    assert not spec.is_printed
    with pytest.raises(NoEffect, match="never printed"):
        idphoto.make(sample, spec, sheet="10x15cm")
    first, second = idphoto.make_each(sample, [spec, "us-passport"], sheet="10x15cm")
    assert isinstance(first, Photo)
    assert isinstance(second, Photo)
    assert (list(first.files), sorted(second.files)) == ([".jpg"], [".jpg", ".sheet.pdf"])
    assert "never printed" in first.report.unused["sheet"]


def test_a_finished_photo_fits_as_it_is(sample: Path) -> None:
    spec = load_spec("cn-1inch")
    data = idphoto.make(sample, spec).files[".jpg"]
    (found,) = match_documents(data, [spec])
    assert found.fit in (Fit.AS_IT_IS, Fit.WITH_DOUBTS)
    assert found.steps == ()


def test_messages_come_in_the_language_asked_for(sample: Path) -> None:
    spec = load_spec("schengen-visa")
    (german,) = match_documents(sample, [spec], language="de")
    (english,) = match_documents(sample, [spec])
    assert [finding.code for finding in german.lacking] == [finding.code for finding in english.lacking]
    assert [finding.code for finding in german.doubts] == [finding.code for finding in english.doubts]
    assert german.doubts[0].message != english.doubts[0].message


def with_hat(path: Path) -> bytes:
    """Draw a dark bar over the forehead of a portrait, as a hat would cover it."""
    rgb = read_rgb(str(path)).copy()
    mesh = find_landmarks(rgb)[:468, :2]
    brows = int(mesh[[105, 334], 1].min())
    rgb[max(0, int(mesh[10, 1]) - 40) : brows, :] = (40, 30, 60)
    return encode_jpeg(rgb)


def test_the_source_of_a_finding_is_the_document_s_own(sample: Path) -> None:
    names = ("us-passport", "fr-passport", "cn-1inch", "ae-visa", "in-passport", "jp-passport")
    specs = [load_spec(name) for name in names]
    found = list(match_documents(with_hat(sample), specs))
    sources = {}
    for spec, entry in zip(specs, found, strict=True):
        asked = [finding for finding in entry.doubts if finding.code == "forehead.covered"]
        assert len(asked) == 1, spec.id
        source = spec.source_of("head_covering")
        assert asked[0].source == ("" if source is None else source.url or source.title), spec.id
        sources[spec.id] = asked[0].source
    assert len(set(sources.values())) > 1


def test_every_finding_of_a_match_is_that_of_a_check_for_that_document_alone(sample: Path) -> None:
    specs = [load_spec(name) for name in ("us-passport", "fr-passport", "cn-1inch", "in-passport")]
    for spec, entry in zip(specs, match_documents(with_hat(sample), specs), strict=True):
        alone = idphoto.check(with_hat(sample), spec).report.findings
        settled = {"room", "scale", "background", "editing"}
        for finding in (*entry.lacking, *entry.doubts):
            assert finding in alone or finding.check in settled, (spec.id, finding.code)


def test_no_documents_no_answers(sample: Path) -> None:
    assert list(match_documents(sample, [])) == []
