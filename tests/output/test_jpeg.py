"""JPEG files: their contents, and the limits on their length."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from PIL.ExifTags import IFD, Base

from idphoto import colour_profile
from idphoto.decode import Source, jpeg_segments
from idphoto.errors import CannotFit, StageFailed
from idphoto.output import WRITERS, FileLimits
from idphoto.output.jpeg import encode_jpeg
from idphoto.output.jpeg_writer import JpegAssembler, build_padding
from idphoto.output.verify import verify_jpeg
from idphoto.output.xmp import Provenance, build_xmp
from idphoto.units import ByteBand, Ratio
from tests.pictures import draw_grainy, draw_smooth, encode

XMP = build_xmp(Provenance("0.1.0", "de-passport", ("decode", "crop", "encode")))


def between(floor: int, ceiling: int | None) -> FileLimits:
    return FileLimits(bytes=ByteBand(floor, ceiling, f"{floor}..{ceiling} B"))


def exif_of(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(
        next(p.payload(data) for p in jpeg_segments.iterate_segments(data) if p.payload(data).startswith(b"Exif\0\0"))
    )
    return exif


@lru_cache(maxsize=8)
def picture(kind: str) -> np.ndarray:
    if kind == "noise":
        return np.random.default_rng(0).integers(0, 256, (120, 90, 3), dtype=np.uint8)
    if kind == "flat":
        return np.full((120, 90, 3), 240, np.uint8)
    return {"gradient": draw_smooth, "photo": draw_grainy}[kind](90, 120)


def test_without_limits():
    source = draw_grainy(413, 531, sigma=2)
    done = encode_jpeg(source, dpi=300, xmp=XMP)
    assert (done.format, done.quality, done.subsampling, done.padding, done.notes) == ("jpeg", 95, "4:4:4", 0, ())
    again = Source.open(done.data)
    assert (again.format, again.size, again.dpi, again.mode) == ("jpeg", (413, 531), 300.0, "rgb")
    assert (again.profile, again.progressive, again.subsampling) == ("sRGB", False, "4:4:4")
    assert np.abs(again.pixels()[0].astype(int) - source).mean() < 2
    assert WRITERS["jpeg"] is encode_jpeg


def test_segments_stand_in_order_and_there_are_no_others():
    data = encode_jpeg(draw_grainy(90, 120), dpi=300, xmp=XMP).data
    parts = list(jpeg_segments.iterate_segments(data))
    names = [part.payload(data)[:4] for part in parts if part.marker >= 0xE0]
    assert names == [b"JFIF", b"Exif", b"http", b"ICC_"]
    assert {part.marker for part in parts} <= {0xE0, 0xE1, 0xE2, 0xDB, 0xC0, 0xC4, 0xDA}
    assert data.endswith(b"\xff\xd9")


@pytest.mark.parametrize("dpi", [300, 299.72, 600, 72.5, None])
def test_resolution_stands_in_both_places(dpi):
    data = encode_jpeg(draw_grainy(90, 120), dpi=dpi).data
    exif = exif_of(data)
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["jfif_density"] == ((round(dpi), round(dpi)) if dpi else (1, 1))
        assert image.info["jfif_unit"] == (1 if dpi else 0)
    assert exif.get(Base.XResolution) == exif.get(Base.YResolution) == dpi
    assert exif.get(Base.ResolutionUnit) == (2 if dpi else None)
    inner = exif.get_ifd(IFD.Exif)
    assert (inner[Base.ColorSpace], inner[Base.ExifImageWidth], inner[Base.ExifImageHeight]) == (1, 90, 120)


def test_the_same_picture_gives_the_same_file():
    assert encode_jpeg(draw_grainy(90, 120), dpi=300, xmp=XMP) == encode_jpeg(draw_grainy(90, 120), dpi=300, xmp=XMP)


def test_nothing_of_the_source_comes_along():
    exif = Image.Exif()
    exif[Base.Make] = "SecretCamera"
    exif.get_ifd(IFD.GPSInfo)[2] = (52.0, 31.0, 12.0)
    source = Source.open(encode(draw_grainy(90, 120), "jpeg", exif=exif.tobytes(), comment=b"SecretComment"))
    data = encode_jpeg(source.pixels()[0], dpi=300, xmp=XMP).data
    assert b"Secret" not in data
    assert IFD.GPSInfo not in exif_of(data)


def test_grey():
    done = encode_jpeg(draw_grainy(90, 120), dpi=300, limits=FileLimits(grey=True))
    source = Source.open(done.data)
    assert (source.mode, source.profile, done.subsampling) == ("grey", "sRGB grey", "")
    rgb = source.pixels()[0]
    assert (rgb[..., 0] == rgb[..., 2]).all()
    assert Source.open(encode_jpeg(rgb[..., 0].copy()).data).mode == "grey"


# --- limits -------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def lengths(kind: str, profiled: bool, subsampling: str) -> dict[int, int]:
    writer = JpegAssembler(Image.fromarray(picture(kind)), 300, XMP)
    return {quality: writer.length(subsampling, profiled, quality) for quality in range(1, 101)}


@given(
    kind=st.sampled_from(["noise", "flat", "gradient", "photo"]),
    low=st.integers(0, 60_000),
    width=st.integers(0, 60_000) | st.none() | st.integers(0, 8),
)
@settings(max_examples=250)
def test_a_file_is_within_its_limits_and_the_best_that_is(kind, low, width):
    high = None if width is None else low + width
    try:
        done = encode_jpeg(picture(kind), dpi=300, limits=between(low, high), xmp=XMP)
    except CannotFit:
        # Only if truly nothing fits: no quality leaves room for itself and the padding it needs.
        assert high is not None
        for subsampling in ("4:4:4", "4:2:0"):
            for length in lengths(kind, False, subsampling).values():
                assert length > high or low - 4 < length < low
        return
    assert low <= len(done.data) <= (high or len(done.data))
    quality = done.quality
    full = lengths(kind, True, "4:4:4")
    profiled = b"ICC_PROFILE" in done.data
    found = lengths(kind, profiled, done.subsampling)
    assert len(done.data) == found[quality] + done.padding
    if high is None or full[95] <= high:
        assert quality >= 95
    if quality >= 95:
        return
    # Nothing better fits, unless it misses the floor by less than a comment segment.
    top = 95 if quality >= 60 else 59
    assert all(found[q] > high or low - 4 < found[q] < low for q in range(quality + 1, top + 1))
    if done.subsampling == "4:2:0":
        assert all(full[q] > high or low - 4 < full[q] < low for q in range(70, 96))
        if quality < 60:
            half = lengths(kind, True, "4:2:0")
            assert all(half[q] > high or low - 4 < half[q] < low for q in range(60, 96))


@given(floor=st.integers(0, 400_000))
@settings(max_examples=60)
def test_a_floor_is_reached_by_quality_then_by_comments(floor):
    done = encode_jpeg(picture("photo"), dpi=300, limits=between(floor, None))
    assert len(done.data) >= floor
    if done.padding:
        assert done.quality == 100
        assert len(done.data) - floor < 4
        comments = [part for part in jpeg_segments.iterate_segments(done.data) if part.marker == jpeg_segments.COM]
        assert sum(part.end - part.start for part in comments) == done.padding
        assert "padding" in done.notes[0]
    np.testing.assert_array_equal(
        Source.open(done.data).pixels()[0],
        Source.open(encode_jpeg(picture("photo"), limits=FileLimits(quality=done.quality)).data).pixels()[0],
    )


@given(st.integers(4, 500_000))
def test_padding_has_the_length_asked_for(length):
    parts = list(build_padding(length))
    assert sum(map(len, parts)) == length
    assert all(4 <= len(part) <= 65537 for part in parts)


def test_a_tiny_ceiling_costs_the_profile_before_the_picture():
    source = draw_grainy(240, 320)
    least = JpegAssembler(Image.fromarray(source), 300, XMP).length("4:2:0", True, 60)
    assert encode_jpeg(source, dpi=300, limits=between(0, least), xmp=XMP).notes == ()
    lean = encode_jpeg(source, dpi=300, limits=between(0, least - 1), xmp=XMP)
    assert lean.quality >= 60
    assert b"ICC_PROFILE" not in lean.data
    assert exif_of(lean.data).get_ifd(IFD.Exif)[Base.ColorSpace] == 1
    assert "profile" in lean.notes[0]


def test_a_very_tiny_ceiling_is_met_with_a_warning():
    done = encode_jpeg(draw_grainy(480, 640), dpi=300, limits=between(0, 5_500), xmp=XMP)
    assert done.quality < 40
    assert "blocks" in done.notes[-1]


def test_a_large_picture_under_a_wide_ceiling_keeps_its_profile():
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    done = encode_jpeg(noise, dpi=300, limits=between(0, 40_000), xmp=XMP)
    assert done.quality < 60
    assert b"ICC_PROFILE" in done.data


def test_cannot_fit_says_how_close_it_comes():
    with pytest.raises(CannotFit, match=r"smallest JPEG has \d+ bytes, over the 1000 allowed"):
        encode_jpeg(draw_grainy(413, 531), limits=between(0, 1000))


def test_a_prescribed_quality_is_kept():
    for quality in (70, 85, 100):
        done = encode_jpeg(draw_grainy(90, 120), limits=FileLimits(quality=quality))
        assert done.quality == quality
    band = ByteBand(40_000, 50_000)
    done = encode_jpeg(draw_grainy(90, 120), limits=FileLimits(quality=70, bytes=band))
    assert done.quality == 70
    assert done.padding > 0
    with pytest.raises(CannotFit, match="quality 90"):
        encode_jpeg(draw_grainy(413, 531), limits=FileLimits(quality=90, bytes=ByteBand(0, 20_000)))


def test_compression_at_most_twenty_to_one():
    limits = FileLimits(bytes=ByteBand(0, 240_000), compression=Ratio.parse("20:1"))
    done = encode_jpeg(draw_smooth(600, 600), dpi=300, limits=limits)
    assert 600 * 600 * 3 / 20 <= len(done.data) <= 240_000
    with pytest.raises(CannotFit, match="20:1"):
        encode_jpeg(draw_smooth(1600, 1600), limits=limits)


def test_noise_does_not_overrun_the_buffer(capfd):
    noise = np.random.default_rng(0).integers(0, 2, (700, 500, 3), dtype=np.uint8) * 255
    block = ImageFile.MAXBLOCK
    assert encode_jpeg(noise, limits=between(2 * 10**6, None)).quality == 100
    assert block == ImageFile.MAXBLOCK
    assert capfd.readouterr() == ("", "")


def test_real_portraits_fit_the_usual_limits(portraits):
    for path in portraits:
        rgb, _ = Source.read(path).pixels()
        for text in ("<= 240 KB", "10..300 KB", "20..50 KB", "<= 20 KB", "100..200 KB"):
            band = ByteBand.parse(text)
            done = encode_jpeg(rgb, dpi=300, limits=FileLimits(bytes=band), xmp=XMP)
            assert band.contains(len(done.data))


# --- the check --------------------------------------------------------------------------------------


def verify(data: bytes, **changes: object) -> None:
    expected = {"size": (90, 120), "dpi": 300, "icc": colour_profile.srgb(), "xmp": XMP}
    verify_jpeg(data, **{**expected, **changes})


def test_a_file_that_is_not_as_it_should_be_is_never_given():
    data = encode_jpeg(draw_grainy(90, 120), dpi=300, xmp=XMP).data
    verify(data)
    wrong = [
        (data, {"size": (90, 121)}),
        (data, {"dpi": 299}),
        (data, {"icc": b""}),
        (data, {"xmp": b"other"}),
        (data + b"\0", {}),
        (jpeg_segments.insert_segments(data, [jpeg_segments.build_segment(jpeg_segments.APP1, b"Exif\0\0gps")]), {}),
        (encode(draw_grainy(90, 120), "jpeg", progressive=True, icc_profile=colour_profile.srgb(), dpi=(300, 300)), {}),
    ]
    for broken, changes in wrong:
        with pytest.raises(StageFailed, match="not as it should be"):
            verify(broken, **changes)
