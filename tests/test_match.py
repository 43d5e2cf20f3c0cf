"""Match a photo with documents without making them; the prediction is true when they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

import idphoto
from idphoto.match import Fit, match_documents
from idphoto.report import Status
from idphoto.spec import all_specs, load_spec
from tests.hard_cases import encode_jpeg, read_rgb
from training.eyes_and_glasses.face_warping import find_landmarks


def test_all_documents_that_take_a_photo_answer(sample: Path) -> None:
    found = {entry.spec: entry for entry in match_documents(sample)}
    assert set(found) == {spec.id for spec in all_specs() if spec.submit.value != "nothing"}
    assert all(entry.lacking for entry in found.values() if entry.fit is Fit.LACKS)
    assert not any(entry.lacking for entry in found.values() if entry.fit is not Fit.LACKS)


@pytest.mark.parametrize(
    "name", ["schengen-visa", "us-passport", "cn-1inch", "jp-resume", "uk-passport-print", "in-oci"]
)
def test_what_is_foretold_comes_true(portraits: list[Path], name: str) -> None:
    spec = load_spec(name)
    for path in portraits[::4]:
        (foretold,) = match_documents(path, [spec])
        made = idphoto.make(path, spec)
        fails = {finding.check for finding in made.report.findings if finding.status is Status.FAIL}
        if foretold.fit is Fit.AFTER_STEPS:
            assert not fails & {"room", "background", "pose", "pixels", "file"}, path.name
        else:
            assert {finding.check for finding in foretold.lacking} & fails, path.name


def test_a_finished_photo_fits_as_it_is(sample: Path) -> None:
    spec = load_spec("cn-1inch")
    data = idphoto.make(sample, spec).files[".jpg"]
    (found,) = match_documents(data, [spec])
    assert found.fit is Fit.AS_IT_IS


def test_messages_come_in_the_language_asked_for(sample: Path) -> None:
    spec = load_spec("schengen-visa")
    (german,) = match_documents(sample, [spec], language="de")
    (english,) = match_documents(sample, [spec])
    assert [finding.code for finding in german.lacking] == [finding.code for finding in english.lacking]
    assert german.lacking[0].message != english.lacking[0].message


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
        settled = {"room", "scale"}
        for finding in (*entry.lacking, *entry.doubts):
            assert finding in alone or finding.check in settled, (spec.id, finding.code)


def test_no_documents_no_answers(sample: Path) -> None:
    assert list(match_documents(sample, [])) == []
