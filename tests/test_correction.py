"""Corrections by hand: the same in library, command line and job file, and told in the report."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto.api import analyse
from idphoto.errors import IdPhotoError, InputError
from idphoto.geometry import correct_crown, correct_face, correct_view
from idphoto.job import Job
from idphoto.portrait import Point, View
from idphoto.report import Report
from idphoto.units import Size

SPEC = "schengen-visa"


def made(sample, **options):
    return idphoto.make(sample, SPEC, **options)


def test_zoom_and_tilt_leave_the_eyes_in_place_and_the_shift_moves_them():
    view = View(np.array([[0.5, 0.1, 3.0], [-0.1, 0.5, 9.0], [0, 0, 1.0]]), Size(400, 500))
    eyes = Point(210.0, 180.0)
    turned = correct_view(view, eyes, Size(900, 900), shift=(0.0, 0.0), zoom=1.25, tilt=4.0)
    assert turned.point(eyes) == pytest.approx(view.point(eyes))
    assert turned.scale == pytest.approx(1.25 * view.scale)
    assert turned.roll == pytest.approx(view.roll + 4)
    moved = correct_view(view, eyes, Size(900, 900), shift=(2.0, -1.0), zoom=1.0, tilt=0.0)
    assert np.subtract(moved.point(eyes), view.point(eyes)) == pytest.approx((10.0, -5.0))


def test_a_view_that_leaves_the_source_says_so():
    view = View(np.eye(3), Size(100, 100))
    moved = correct_view(view, Point(50, 50), Size(100, 100), shift=(10.0, 0.0), zoom=1.0, tilt=0.0)
    assert moved.missing == (10.0, 0.0, 0.0, 0.0)


def test_the_roll_follows_the_eyes_and_the_crown_is_the_one_that_counts(sample):
    photo = analyse(sample).photo
    face, head = photo.face, photo.head
    right = (face.eye_right.x, face.eye_right.y + face.eye_distance * math.tan(math.radians(5)))
    level = correct_face(face, {"left_eye": (face.eye_left.x, face.eye_right.y)})
    turned = correct_face(level, {"right_eye": (right[0], right[1])})
    span = math.degrees(math.atan2(right[1] - face.eye_right.y, right[0] - face.eye_left.x))
    assert turned.roll - level.roll == pytest.approx(span)
    up = (head.eyes.x + head.axis[0] * 500, head.eyes.y + head.axis[1] * 500)
    assert correct_crown(head, up, "skull").crown("skull") == pytest.approx(500)
    assert correct_crown(head, up, "skull").skull_sd == 0
    assert correct_crown(head, up, "hair").crown("skull") == head.skull
    assert correct_crown(head, up, "hairline").crown("hairline") == pytest.approx(500)


def test_what_a_person_corrected_stands_in_the_report(sample):
    plain = made(sample)
    photo = made(sample, shift=(1.5, -2), zoom=1.05, tilt=0.5)
    operation = next(operation for operation in photo.report.operations if operation.name == "adjust")
    assert (
        operation.detail
        == "by hand: moved by +1.5 % to the right and -2 % down, zoomed to 105 %, tilted by +0.5 degrees"
    )
    assert operation.edit == "geometry"
    assert photo.view.scale == pytest.approx(1.05 * plain.view.scale)
    heights = [each.report.find_measure("head-height").value for each in (plain, photo)]
    assert heights[1] / heights[0] == pytest.approx(1.05, abs=0.02)
    assert "adjust" in Report.model_validate_json(photo.report.model_dump_json()).model_dump_json()


def test_points_in_place_of_those_that_were_found_count_for_crop_and_verdict(sample):
    found = analyse(sample).photo
    head = found.head
    lower = tuple(np.subtract(head.eyes, np.multiply(head.axis, 1.2 * head.chin)))
    photo = made(sample, points={"chin": lower})
    plain = made(sample)
    assert photo.head.chin == pytest.approx(1.2 * head.chin)
    assert photo.view.scale < plain.view.scale
    expected = (photo.head.chin + photo.head.skull) * photo.view.scale / photo.view.dpi * 25.4
    assert photo.report.find_measure("head-height").value == pytest.approx(expected, rel=0.03)
    assert [operation.detail for operation in photo.report.operations if operation.name == "points"] == [
        "set by hand: chin"
    ]
    judged = idphoto.check(sample, SPEC, points={"chin": lower}).report.find_measure("head-height").value
    assert judged > 1.05 * idphoto.check(sample, SPEC).report.find_measure("head-height").value


def test_a_job_file_and_the_command_line_repeat_a_correction_to_the_byte(sample, tmp_path):
    photo = made(sample, shift=(1.5, -2), zoom=1.05, points={"crown": (270.0, 30.5)})
    mask = Image.fromarray(np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (64, 1)))
    mask.save(tmp_path / "own.png")
    job = Job(
        spec=[SPEC], shift="1.5,-2", zoom=1.05, points=["crown=270,30.5"], background="white", allow_editing="test"
    )
    masked = idphoto.make(sample, job=job, given_mask=tmp_path / "own.png")
    (tmp_path / "job.yaml").write_text(job.model_copy(update={"mask": "own.png"}).to_yaml())
    flags = ["--spec", SPEC, "--shift", "1.5,-2", "--zoom", "1.05", "--points", "crown=270,30.5"]
    for name, arguments, expected in (
        ("flags", flags, photo),
        ("job", ["--job", str(tmp_path / "job.yaml")], masked),
    ):
        command = [sys.executable, "-m", "idphoto", "make", str(sample), "--out", str(tmp_path / name), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        (file,) = (tmp_path / name).glob("*.jpg")
        assert file.read_bytes() == expected.files[".jpg"]
    assert Job.load(tmp_path / "job.yaml").mask == str(tmp_path / "own.png")


def test_a_turn_that_the_authority_forbids_needs_a_reason(sample):
    spec = next(
        spec for spec in idphoto.all_specs() if spec.editing.allows.value == "crop" and spec.submit.value != "nothing"
    )
    with pytest.raises(IdPhotoError, match="forbids that a photo is turned"):
        idphoto.make(sample, spec, tilt=2)
    photo = idphoto.make(sample, spec, tilt=2, allow_editing="the camera was tilted")
    codes = [finding.code for finding in photo.report.findings if finding.check == "editing"]
    assert "editing.ordered-turn" in codes


@pytest.mark.parametrize(
    "options",
    [{"shift": "1"}, {"shift": (60, 0)}, {"zoom": 3}, {"tilt": 45}, {"points": "nose=1,2"}, {"points": "chin=1"}],
)
def test_corrections_beyond_their_bounds_are_refused(sample, options):
    with pytest.raises(InputError):
        made(sample, **options)
