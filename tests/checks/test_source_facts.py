"""Verdicts that rest on the source picture: its colours, its pixels, its date, and what was done to it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import cv2
import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto.decode import Source
from idphoto.quality.colour import measure_colour_variety
from idphoto.report import Status

DOCUMENT = "schengen-visa"


def read(path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def encode(rgb, form: str = "JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, form, **options)
    return buffer.getvalue()


def codes(made) -> dict[str, Status]:
    return {finding.code: finding.status for finding in made.report.findings}


TONES = {
    "grey": lambda grey: np.dstack([grey] * 3),
    "sepia": lambda grey: np.clip(np.dstack([1.07 * grey + 10, 0.95 * grey + 5, 0.75 * grey]), 0, 255),
    "blue": lambda grey: np.clip(np.dstack([0.7 * grey, 0.9 * grey + 8, 1.05 * grey + 20]), 0, 255),
}


@pytest.mark.parametrize("tone", TONES)
def test_toned_photos_are_told_from_photos_in_colour(portraits, tone):
    for path in portraits:
        rgb = read(path)
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
        toned = read(io.BytesIO(encode(TONES[tone](grey).astype(np.uint8), quality=85)))
        assert measure_colour_variety(toned) < 2.5 < 5 < measure_colour_variety(rgb), path.name


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("pipeline", [None, "check"])
def test_a_toned_photo_is_not_in_colour_and_its_skin_is_not_judged(sample, tone, pipeline):
    grey = cv2.cvtColor(read(sample), cv2.COLOR_RGB2GRAY).astype(np.float32)
    found = codes(idphoto.make(TONES[tone](grey).astype(np.uint8), spec=DOCUMENT, pipeline=pipeline))
    assert found["file.colour"] is Status.FAIL
    assert "skin.ok" not in found


def test_a_source_with_too_few_pixels_fails(portraits):
    """Shrunk so far, not one of them passes the check of sharpness; the rule says so in words that help."""
    for path in portraits[:6]:
        small = cv2.resize(read(path), None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
        found = codes(idphoto.make(small, spec=DOCUMENT))
        assert found["scale.too-few"] is Status.FAIL, path.name
        assert "sharpness.ok" not in found, path.name


def test_a_finished_file_keeps_the_date_of_capture(sample):
    taken = (datetime.now() - timedelta(days=30)).replace(microsecond=0)
    exif = Image.Exif()
    exif.get_ifd(Image.ExifTags.IFD.Exif)[Image.ExifTags.Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
    data = encode(read(sample), exif=exif.tobytes())
    for form, suffix in (("jpeg", ".jpg"), ("png", ".png")):
        made = idphoto.make(data, spec=DOCUMENT, format=form)
        assert Source.open(made.files[suffix]).taken == taken
        assert codes(idphoto.check(made.files[suffix], DOCUMENT))["recency.ok"] is Status.PASS


def test_a_photo_of_the_front_camera_is_asked_about(sample):
    exif = Image.Exif()
    exif.get_ifd(Image.ExifTags.IFD.Exif)[Image.ExifTags.Base.LensModel] = "iPhone 15 front camera 2.69mm f/1.9"
    assert codes(idphoto.check(encode(read(sample), exif=exif.tobytes()), DOCUMENT))["capture.selfie"] is Status.ASK
    assert "capture.selfie" not in codes(idphoto.check(encode(read(sample)), DOCUMENT))


def test_a_crop_is_an_edit_where_the_rule_says_so(sample):
    found = codes(idphoto.make(sample, spec="uk-passport-print"))
    assert found["editing.cropped"] is Status.WARN
    assert "editing.ok" not in found
    assert "editing.cropped" not in codes(idphoto.make(sample, spec=DOCUMENT))


def test_straightening_by_more_than_a_few_degrees_is_said(portraits):
    rgb, said = read(portraits[0]), set()
    for degrees in (-12, -4, 0, 4, 12):
        turn = cv2.getRotationMatrix2D((rgb.shape[1] / 2, rgb.shape[0] / 2), -degrees, 1.0)
        turned = cv2.warpAffine(rgb, turn, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        report = idphoto.make(turned, spec=DOCUMENT).report
        amounts = [abs(operation.amount) for operation in report.operations if operation.name == "straighten"]
        warned = bool([finding for finding in report.findings if finding.code == "editing.straightened"])
        assert warned == any(amount > 5 for amount in amounts), degrees
        said.add(warned)
    assert said == {True, False}


def test_a_photo_that_nobody_checked_does_not_pass(sample):
    report = idphoto.cutout(sample).report
    assert not report.checked
    assert report.status is Status.SKIP
    assert report.model_dump(mode="json")["status"] == "skip"
    assert idphoto.make(sample, spec=DOCUMENT).report.checked


def test_an_original_in_a_format_that_is_not_accepted_is_converted_once(sample):
    data = encode(read(sample), "WEBP", lossless=True)
    made = idphoto.make(data, spec=ORIGINAL)
    file = Source.open(made.files[".jpg"])
    assert file.format == "jpeg"
    assert file.size == Source.open(data).size
    found = codes(made)
    assert found["file.converted"] is Status.WARN
    assert "file.format" not in found


ORIGINAL = next(spec.id for spec in idphoto.all_specs(variants=False) if spec.submit.value == "original")


def test_no_advice_tells_to_let_idphoto_write_what_it_has_just_written(sample):
    made = idphoto.make(sample, spec=DOCUMENT, format="png")
    assert codes(made)["file.format-chosen"] is Status.FAIL
    assert "file.format" not in codes(made)
    # Following the advice makes this finding go away.
    assert "file.format-ok" in codes(idphoto.make(sample, spec=DOCUMENT))
