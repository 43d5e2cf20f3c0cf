"""What is asked for in the library is looked up, used or refused before a picture is opened."""

from __future__ import annotations

import pytest

import idphoto
from idphoto.errors import IdPhotoError, NoEffect
from idphoto.job import Job
from idphoto.spec import EditPermission, Submission, all_specs

ORIGINAL = next(spec.id for spec in all_specs() if spec.submit is Submission.ORIGINAL)
UPRIGHT_ONLY = [
    spec.id
    for spec in all_specs()
    if spec.submit not in (Submission.ORIGINAL, Submission.NOTHING)
    and not spec.editing.allows.permits(EditPermission.GEOMETRY)
]

IDLE = [
    ("us-visa-digital", {"dpi": 600}),
    ("cn-1inch", {"copies": 4}),
    ("cn-1inch", {"sheet": "4x6in", "sheet_dpi": 600}),
    ("cn-1inch", {"allow_editing": "for a club card"}),
    ("cn-1inch", {"form": "mask"}),
    (ORIGINAL, {"format": "jpeg"}),
    (ORIGINAL, {"sheet": "4x6in"}),
    *((name, {"straighten": True}) for name in UPRIGHT_ONLY),
]
UNUSABLE = [
    ({"sheet": "A99"}, "sheet", "spec.unknown"),
    ({"sheet": "20x20mm"}, "sheet", "input.does-not-fit"),
    ({"background": "bluish"}, "background", "input.invalid"),
    ({"matter": "magic"}, "matter", "backend.unknown"),
    ({"segmenter": "magic"}, "segmenter", "backend.unknown"),
    ({"detector": "magic"}, "detector", "backend.unknown"),
    ({"accept": {"nothing": "because"}}, "accept", "input.invalid"),
    ({"mask": "no-such.png"}, "mask", "input.unreadable"),
    ({"language": "xx"}, "language", "input.invalid"),
]


@pytest.mark.parametrize(("spec", "options"), IDLE, ids=str)
def test_an_option_without_effect_is_refused(spec, options):
    assert UPRIGHT_ONLY
    with pytest.raises(NoEffect) as caught:
        idphoto.make("missing.jpg", spec, **options)
    assert caught.value.option == list(options)[-1]
    with pytest.raises(NoEffect):
        idphoto.make("missing.jpg", spec, job=Job(**options))


@pytest.mark.parametrize(("options", "option", "code"), UNUSABLE, ids=str)
def test_what_is_named_is_looked_up(options, option, code):
    with pytest.raises(IdPhotoError) as caught:
        idphoto.make("missing.jpg", "cn-1inch", **options)
    assert (caught.value.option, caught.value.code) == (option, code)
    assert "yaml" not in str(caught.value)


def test_an_option_without_effect_on_some_documents_is_in_their_reports(sample):
    first, second = idphoto.make_each(sample, ["schengen-visa", "us-visa-digital"], dpi=400)
    assert (first.report.unused, list(second.report.unused)) == ({}, ["dpi"])
    assert "us-visa-digital" in second.report.unused["dpi"]


def test_check_and_cutout_refuse_what_they_do_not_use():
    with pytest.raises(NoEffect, match="no stage"):
        idphoto.check("missing.jpg", "cn-1inch", background="blue")
    with pytest.raises(NoEffect, match="form"):
        idphoto.cutout("missing.jpg", background="blue")
