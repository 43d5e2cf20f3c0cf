"""Portraits changed in known ways: the right finding appears, and its measure is the change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import idphoto
from idphoto.quality.aligned import align_face
from idphoto.quality.exposure import measure_cheek_luminance
from idphoto.report import Finding, Status
from tests import busy_scenes
from tests.hard_cases import add_side_light, blur, encode_jpeg, place_side_by_side, read_rgb, rotate, tint
from tests.locations import PORTRAITS
from training.eyes_and_glasses.face_warping import close_eyes, find_landmarks, open_mouth, turn_head

PEOPLE = ("A000377", "B000490", "C001127", "S001150")
"""Studio portraits: fair and dark skin, glasses, long hair; faces to the front but for one."""


@pytest.fixture(scope="module", params=PEOPLE)
def person(request: pytest.FixtureRequest) -> np.ndarray:
    return read_rgb(str(PORTRAITS / f"{request.param}.jpg"))


def findings(rgb: np.ndarray, check: str, quality: int = 95) -> list[Finding]:
    report = idphoto.check(encode_jpeg(rgb, quality), "schengen-visa").report
    return [finding for finding in report.findings if finding.check == check]


def only(rgb: np.ndarray, check: str, quality: int = 95) -> Finding:
    (finding,) = findings(rgb, check, quality)
    return finding


def angle(rgb: np.ndarray, name: str) -> float:
    return idphoto.check(encode_jpeg(rgb), "schengen-visa").report.find_measure(name).value


def test_as_taken_nothing_of_the_picture_is_wrong(person: np.ndarray) -> None:
    for check in ("faces", "eyes", "light", "exposure", "contrast", "skin", "sharpness", "compression"):
        assert only(person, check).status is Status.PASS, check


@pytest.mark.parametrize("degrees", [-12, -5, 5, 12])
def test_roll_is_the_angle_that_the_picture_was_tilted_by(person: np.ndarray, degrees: float) -> None:
    before, after = angle(person, "roll"), angle(rotate(person, degrees), "roll")
    assert after - before == pytest.approx(degrees, abs=1.0)


def test_a_tilted_head_is_named(person: np.ndarray) -> None:
    codes = {finding.code for finding in findings(rotate(person, 14), "pose")}
    assert "pose.roll" in codes


def test_a_face_turned_away_is_named() -> None:
    rgb = read_rgb(str(PORTRAITS / "A000377.jpg"))
    found = findings(turn_head(rgb, find_landmarks(rgb), 25), "pose")
    assert "pose.yaw" in {finding.code for finding in found}


def test_closed_eyes_are_named(person: np.ndarray) -> None:
    found = only(close_eyes(person, find_landmarks(person)), "eyes")
    assert found.code in ("eyes.closed", "eyes.hidden")
    assert found.status is Status.WARN


def test_an_open_mouth_is_named(person: np.ndarray) -> None:
    assert only(open_mouth(person, find_landmarks(person)), "mouth").code == "mouth.open"


@pytest.mark.parametrize("ratio", [1.5, 2.5, 4.0])
def test_side_light_is_told_within_five_per_cent(person: np.ndarray, ratio: float) -> None:
    def left_over_right(rgb: np.ndarray) -> float:
        left, right = measure_cheek_luminance(align_face(rgb, find_landmarks(rgb).astype(np.float32)))
        return left / right

    assert left_over_right(add_side_light(person, ratio)) / left_over_right(person) == pytest.approx(ratio, rel=0.05)


def test_strong_side_light_is_named(person: np.ndarray) -> None:
    assert only(add_side_light(person, 4.0), "light").code == "light.uneven"


def test_blur_is_named(person: np.ndarray) -> None:
    assert only(blur(person, 2.0), "sharpness").code == "sharpness.blurred"


def test_strong_compression_is_named(person: np.ndarray) -> None:
    assert only(person, "compression", quality=30).code == "compression.strong"


@pytest.mark.parametrize("gains", [(0.5, 0.8, 1.6), (0.6, 1.5, 0.6)])
def test_coloured_light_is_named(person: np.ndarray, gains: tuple[float, float, float]) -> None:
    assert only(tint(person, gains), "skin").code == "skin.unnatural"


def test_two_people_are_a_finding_and_no_error(person: np.ndarray) -> None:
    codes = {finding.code for finding in findings(place_side_by_side(person, person[:, ::-1]), "faces")}
    assert "faces.several" in codes


def test_burnt_out_and_drowned_faces_are_named(person: np.ndarray) -> None:
    mesh = find_landmarks(person)[:468, :2]
    left, top = mesh.min(axis=0).astype(int)
    right, bottom = mesh.max(axis=0).astype(int)
    burnt = person.copy()
    part = burnt[(top + bottom) // 2 : bottom, left : (left + right) // 2]
    part[:] = np.clip(part.astype(int) + 130, 0, 255)
    assert only(burnt, "exposure").code == "exposure.over"
    dark = (person.astype(float) * 0.06).astype(np.uint8)
    assert {finding.code for finding in findings(dark, "exposure")} & {"exposure.under", "exposure.not-assessed"}


def test_something_over_the_forehead_is_asked_about_and_never_refused(person: np.ndarray) -> None:
    mesh = find_landmarks(person)[:468, :2]
    brows = int(mesh[[105, 334], 1].min())
    hat = person.copy()
    hat[max(0, int(mesh[10, 1]) - 40) : brows, :] = (40, 30, 60)
    found = findings(hat, "forehead")
    assert [finding.code for finding in found] == ["forehead.covered"]
    assert found[0].status is Status.ASK


@pytest.mark.parametrize("name", busy_scenes.PEOPLE)
def test_a_busy_background_is_named(name: str) -> None:
    rgb, _ = busy_scenes.make_scene(name)
    assert "background.busy" in {finding.code for finding in findings(rgb, "background")}


def test_accepting_keeps_the_reason_and_spares_failures() -> None:
    data = encode_jpeg(blur(read_rgb(str(PORTRAITS / "A000377.jpg")), 2.0))
    report = idphoto.check(
        data, "schengen-visa", accept={"sharpness": "the only photo there is", "head-height": "please"}
    ).report
    sharpness = next(finding for finding in report.findings if finding.check == "sharpness")
    assert (sharpness.status, sharpness.accepted) == (Status.PASS, "the only photo there is")
    assert next(finding for finding in report.findings if finding.check == "head-height").status is Status.FAIL


def test_only_checks_that_there_are_can_be_accepted(sample: Path) -> None:
    with pytest.raises(idphoto.InputError) as caught:
        idphoto.check(sample, "schengen-visa", accept={"beauty": "yes"})
    assert caught.value.code == "input.invalid"
