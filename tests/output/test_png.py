"""PNG files: exact pixels, resolution, note, and limits on their length."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from idphoto.decode import Source
from idphoto.errors import CannotFit, StageFailed
from idphoto.output import WRITERS, FileLimits
from idphoto.output.png import encode_png
from idphoto.output.verify import verify_png
from idphoto.output.xmp import Provenance, build_xmp, find_xmp, read_xmp
from idphoto.units import ByteBand
from tests.pictures import draw_grainy, draw_smooth

NOTE = Provenance("0.1.0", "us-visa", ("crop",), (("background", "he said so"),))


@pytest.mark.parametrize("channels", [0, 3, 4])
def test_pixels_come_back_exactly(channels):
    rgba = np.dstack([draw_grainy(60, 80), draw_grainy(60, 80)[..., 0]])
    picture = rgba[..., 0].copy() if channels == 0 else rgba[..., :channels].copy()
    done = encode_png(picture, dpi=300, xmp=build_xmp(NOTE))
    with Image.open(io.BytesIO(done.data)) as image:
        np.testing.assert_array_equal(np.asarray(image), picture)
        assert image.info["srgb"] == 1
        assert read_xmp(image.info["xmp"]) == NOTE
    assert read_xmp(find_xmp(done.data)) == NOTE
    assert Source.open(done.data).dpi == pytest.approx(300, abs=0.001)
    assert (done.format, done.quality, done.subsampling, done.padding) == ("png", None, "", 0)
    assert WRITERS["png"] is encode_png


def test_transparent_pixels_keep_their_colour():
    rgba = np.dstack([draw_grainy(60, 80), np.zeros((80, 60), np.uint8)])
    with Image.open(io.BytesIO(encode_png(rgba).data)) as image:
        np.testing.assert_array_equal(np.asarray(image), rgba)


def test_without_a_resolution_none_is_written():
    assert b"pHYs" not in encode_png(draw_smooth(60, 80)).data


def test_grey():
    source = Source.open(encode_png(draw_grainy(60, 80), limits=FileLimits(grey=True)).data)
    assert source.mode == "grey"


@given(low=st.integers(0, 60_000), width=st.integers(0, 60_000) | st.none() | st.integers(0, 30))
@settings(max_examples=60)
def test_a_file_is_within_its_limits(low, width):
    high = None if width is None else low + width
    limits = FileLimits(bytes=ByteBand(low, high, "x"))
    least = len(encode_png(draw_grainy(60, 80)).data)
    try:
        done = encode_png(draw_grainy(60, 80), limits=limits)
    except CannotFit as error:
        assert least > high or low - 20 < least < low
        assert "JPEG" in error.advice
    else:
        assert low <= len(done.data) <= (high or len(done.data))
        assert len(done.data) == least + done.padding
        np.testing.assert_array_equal(Source.open(done.data).pixels()[0], draw_grainy(60, 80))


def test_a_file_that_is_not_as_it_should_be_is_never_given():
    data = encode_png(draw_smooth(60, 80), dpi=300).data
    verify_png(data, Image.fromarray(draw_smooth(60, 80)), 300, b"")
    for image, dpi in ((Image.fromarray(draw_grainy(60, 80)), 300), (Image.fromarray(draw_smooth(60, 80)), 299)):
        with pytest.raises(StageFailed):
            verify_png(data, image, dpi, b"")
