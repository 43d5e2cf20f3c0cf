"""Which documents a photo fits: foretold without making them, and true when they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

import idphoto
from idphoto.match import Fit, match
from idphoto.report import Status
from idphoto.spec import all_specs, load_spec


def test_all_documents_that_take_a_photo_answer(sample: Path) -> None:
    found = {entry.spec: entry for entry in match(sample)}
    assert set(found) == {spec.id for spec in all_specs() if spec.submit.value != "nothing"}
    assert all(entry.lacking for entry in found.values() if entry.fit is Fit.LACKS)
    assert not any(entry.lacking for entry in found.values() if entry.fit is not Fit.LACKS)


@pytest.mark.parametrize(
    "name", ["schengen-visa", "us-passport", "cn-1inch", "jp-resume", "uk-passport-print", "in-oci"]
)
def test_what_is_foretold_comes_true(portraits: list[Path], name: str) -> None:
    spec = load_spec(name)
    for path in portraits[::4]:
        (foretold,) = match(path, [spec])
        made = idphoto.make(path, spec)
        fails = {finding.check for finding in made.report.findings if finding.status is Status.FAIL}
        if foretold.fit is Fit.AFTER_STEPS:
            assert not fails & {"room", "background", "pose", "pixels", "file"}, path.name
        else:
            assert {finding.check for finding in foretold.lacking} & fails, path.name


def test_a_finished_photo_fits_as_it_is(sample: Path) -> None:
    spec = load_spec("cn-1inch")
    data = idphoto.make(sample, spec).files[".jpg"]
    (found,) = match(data, [spec])
    assert found.fit is Fit.AS_IT_IS


def test_messages_come_in_the_language_asked_for(sample: Path) -> None:
    spec = load_spec("schengen-visa")
    (german,) = match(sample, [spec], language="de")
    (english,) = match(sample, [spec])
    assert [finding.code for finding in german.lacking] == [finding.code for finding in english.lacking]
    assert german.lacking[0].message != english.lacking[0].message


def test_no_documents_no_answers(sample: Path) -> None:
    assert list(match(sample, [])) == []
