"""Files made for a document keep the limits that its authority states in numbers: bytes, pixels and shades."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto.analysis import Analysis
from idphoto.api import analyse
from idphoto.colour import Colour
from idphoto.photo import Photo
from idphoto.spec import Spec, Submission, all_specs, load_spec
from tests.locations import SAMPLE

FRAMED = [spec for spec in all_specs() if spec.submit not in (Submission.NOTHING, Submission.ORIGINAL)]
BY_BYTES = [spec for spec in FRAMED if spec.bytes is not None]
BY_PIXELS = [spec for spec in FRAMED if spec.pixels is not None]
BY_SHADE = [spec for spec in FRAMED if spec.background.target is not None]


@cache
def find_person() -> Analysis:
    """Find the person in the sample, once."""
    return analyse(SAMPLE)


@cache
def make_file(name: str) -> bytes:
    """Make the photo of a document, once, and return its file; the authority's shade is painted if it gives one."""
    spec = load_spec(name)
    options = {} if spec.background.target is None else {"background": spec.paint}
    (photo,) = idphoto.make_each(SAMPLE, [name], analysis=find_person(), **options)
    assert isinstance(photo, Photo)
    (data,) = photo.files.values()
    return data


@pytest.mark.parametrize("spec", BY_BYTES, ids=lambda spec: spec.id)
def test_files_have_the_bytes_that_are_asked_for(spec: Spec) -> None:
    assert spec.bytes is not None
    assert spec.bytes.contains(len(make_file(spec.id)))


@pytest.mark.parametrize("spec", BY_PIXELS, ids=lambda spec: spec.id)
def test_files_have_the_pixels_that_are_asked_for(spec: Spec) -> None:
    assert spec.pixels is not None
    width, height = Image.open(BytesIO(make_file(spec.id))).size
    assert spec.pixels.width.low <= width <= spec.pixels.width.high
    assert spec.pixels.height.low <= height <= spec.pixels.height.high


@pytest.mark.parametrize("spec", BY_SHADE, ids=lambda spec: spec.id)
def test_files_have_the_shade_that_is_asked_for(spec: Spec) -> None:
    assert spec.background.target is not None
    picture = np.asarray(Image.open(BytesIO(make_file(spec.id))).convert("RGB"))
    corner = picture[: picture.shape[0] // 20, : picture.shape[1] // 10].reshape(-1, 3)
    assert spec.background.target.contains(Colour(*(int(level) for level in np.median(corner, axis=0))))
