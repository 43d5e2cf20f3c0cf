"""Convert the colours of any profile or tag to sRGB."""

from __future__ import annotations

import io
import resource
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from idphoto import colour_profile
from idphoto.colour import compute_delta_e, rgb_to_lab
from idphoto.decode import Source
from tests.pictures import draw_smooth, encode

OURS = {
    "sRGB": colour_profile.srgb(),
    "Adobe RGB (1998)": colour_profile.adobe_rgb(),
    "Display P3": colour_profile.display_p3(),
    "sRGB grey": colour_profile.grey(),
}
# Colorants relative to D50, as the profiles of Adobe and Apple state them.
COLORANTS = {
    "Adobe RGB (1998)": [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]],
    "Display P3": [[0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407]],
}


def lcms_srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def into(rgb: np.ndarray, profile: bytes) -> Image.Image:
    """Convert an sRGB picture to the space of a profile, with LittleCMS and its own sRGB."""
    result = ImageCms.profileToProfile(
        Image.fromarray(rgb),
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        renderingIntent=1,
    )
    assert result is not None
    return result


@pytest.mark.parametrize("name", OURS)
def test_profiles_are_small_and_well_formed(name):
    profile = OURS[name]
    assert len(profile) < 500
    assert struct.unpack_from(">I", profile)[0] == len(profile)
    assert len(profile) % 4 == 0
    assert colour_profile.profile_name(profile) == name
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    assert opened.version == pytest.approx(4.3)
    assert opened.media_white_point[0] == pytest.approx((0.9642, 1.0, 0.8249), abs=1e-4)


@pytest.mark.parametrize("name", COLORANTS)
def test_colorants_are_those_that_the_makers_state(name):
    opened = ImageCms.ImageCmsProfile(io.BytesIO(OURS[name])).profile
    found = [opened.red_colorant[0], opened.green_colorant[0], opened.blue_colorant[0]]
    np.testing.assert_allclose(found, COLORANTS[name], atol=2e-4)


def test_our_srgb_is_the_srgb_of_littlecms():
    assert colour_profile._transform(lcms_srgb(), "RGB") is None
    assert colour_profile._transform(OURS["sRGB"], "RGB") is None
    assert colour_profile._transform(OURS["sRGB grey"], "L") is None


def test_a_profile_of_srgb_costs_no_conversion():
    image = Image.fromarray(draw_smooth(64, 64))
    assert colour_profile.convert_to_srgb(image, lcms_srgb()) is image
    assert colour_profile.convert_to_srgb(image, None) is image


@pytest.mark.parametrize("name", ["Adobe RGB (1998)", "Display P3"])
@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "tiff", "avif", "heic"])
def test_wide_spaces_come_back_to_srgb(name, form):
    picture = draw_smooth(160, 120)
    options = {"quality": 97} if form in ("jpeg", "webp", "avif", "heic") else {}
    source = Source.open(encode(into(picture, OURS[name]), form, icc_profile=OURS[name], **options))
    assert source.profile == name
    rgb, _ = source.pixels()
    # Untagged, the same numbers would be off by 5 and more.
    assert np.median(compute_delta_e(rgb_to_lab(rgb), rgb_to_lab(picture))) < (0.8 if options else 0.4)


@pytest.mark.parametrize("scale", [0.5, 0.25])
def test_reducing_first_gives_the_same_colours(scale):
    wide = into(draw_smooth(160, 120), OURS["Display P3"])
    small, _ = Source.open(encode(wide, "png", icc_profile=OURS["Display P3"])).pixels(scale)
    plain, _ = Source.open(encode(draw_smooth(160, 120), "png")).pixels(scale)
    assert np.abs(small.astype(int) - plain).max() <= 2


def test_a_grey_profile():
    gamma = OURS["sRGB grey"].replace(struct.pack(">i", round(2.4 * 65536)), struct.pack(">i", round(1.2 * 65536)))
    ramp = Image.fromarray(np.broadcast_to(np.arange(256, dtype=np.uint8), (64, 256)).copy())
    rgb, _ = Source.open(encode(ramp, "png", icc_profile=gamma)).pixels()
    assert (rgb[..., 0] == rgb[..., 1]).all()
    assert (rgb[..., 1] == rgb[..., 2]).all()
    assert rgb[0, 128, 0] > 160
    same, _ = Source.open(encode(ramp, "png", icc_profile=OURS["sRGB grey"])).pixels()
    np.testing.assert_array_equal(same[..., 0], np.asarray(ramp))


def test_a_profile_of_the_wrong_kind_is_ignored_or_means_the_grey_axis():
    picture = draw_smooth(64, 64)
    rgb, _ = Source.open(encode(picture, "png", icc_profile=OURS["sRGB grey"])).pixels()
    np.testing.assert_array_equal(rgb, picture)
    grey = Image.fromarray(picture).convert("L")
    rgb, _ = Source.open(encode(grey, "jpeg", quality=100, icc_profile=OURS["Adobe RGB (1998)"])).pixels()
    assert np.abs(rgb.astype(int) - np.asarray(grey)[..., None]).max() < 6  # both curves are near gamma 2.2


@pytest.mark.parametrize(("tag", "value"), [("ColorSpace", 2), ("Interop", "R03")])
def test_exif_may_say_adobe_rgb(tag, value):
    picture = draw_smooth(160, 120)
    block = Image.Exif()
    inner = block.get_ifd(Image.ExifTags.IFD.Exif)
    if tag == "ColorSpace":
        inner[Image.ExifTags.Base.ColorSpace] = value
    else:
        inner[Image.ExifTags.IFD.Interop.value] = {1: value}
    stored = into(picture, OURS["Adobe RGB (1998)"])
    source = Source.open(encode(stored, "jpeg", quality=97, subsampling=0, exif=block.tobytes()))
    assert source.profile == "Adobe RGB (1998) by Exif"
    assert np.median(compute_delta_e(rgb_to_lab(source.pixels()[0]), rgb_to_lab(picture))) < 0.8


def test_cmyk_with_and_without_a_profile():
    picture = draw_smooth(64, 64)
    inks = Image.fromarray(picture).convert("CMYK")
    for form, options in (("tiff", {}), ("jpeg", {"quality": 100})):
        source = Source.open(encode(inks, form, **options))
        assert source.mode == "cmyk"
        assert np.abs(source.pixels()[0].astype(int) - picture).mean() < 2
        # An RGB profile in a CMYK file means nothing.
        again = Source.open(encode(inks, form, icc_profile=OURS["Display P3"], **options))
        assert np.abs(again.pixels()[0].astype(int) - picture).mean() < 2


def press() -> bytes:
    """Make the profile of a printing press: sixteen corners of ink, with straight lines between them."""
    inks = {(0, 0, 0): (100, 0, 0), (1, 0, 0): (55, -37, -50), (0, 1, 0): (48, 74, -3), (0, 0, 1): (89, -5, 93)}
    corners = []
    for c, m, y, k in np.ndindex(2, 2, 2, 2):
        light, a, b = inks.get((c, m, y), (35, 0, 0))
        corners += [light, a, b] if not k else [16, 0, 0]  # the black of ink is far from black
    codes = np.array(corners).reshape(16, 3) * (2.55, 1, 1) + (0, 128, 128)
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 * value for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + 4 * ramp
    table += codes.round().astype(np.uint8).tobytes() + 3 * ramp
    tags = [(b"desc", colour_profile._text("Press")), (b"cprt", colour_profile._text("CC0"))]
    # The way back knows black ink only; LittleCMS finds the press's black by going there and back.
    grid = np.array([[0, 0, 0, 255]] * 4 + [[0, 0, 0, 0]] * 4, dtype=np.uint8).tobytes()
    back = b"mft1\0\0\0\0" + bytes([3, 4, 2, 0]) + identity + 3 * ramp + grid + 4 * ramp
    tags += [(b"wtpt", b"XYZ \0\0\0\0" + colour_profile._fixed(*colour_profile._D50))]
    tags += [(b"A2B0", table), (b"B2A0", back)]
    profile = bytearray(colour_profile._assemble(b"CMYK", tags))
    profile[12:16], profile[20:24] = b"prtr", b"Lab "
    return bytes(profile)


@pytest.mark.parametrize(("form", "options"), [("tiff", {}), ("jpeg", {"quality": 100})])
def test_inks_go_through_their_profile(form, options):
    stripes = np.zeros((64, 96, 4), np.uint8)
    stripes[:, 32:64, 0] = 255  # cyan
    stripes[:, 64:, 3] = 255  # black
    inks = Image.fromarray(stripes, "CMYK")
    source = Source.open(encode(inks, form, icc_profile=press(), **options))
    assert (source.mode, source.profile) == ("cmyk", "Press")
    white, cyan, black = source.pixels()[0][32, [16, 48, 80]].astype(int)
    assert white.min() >= 253
    assert black.max() <= 6  # by black-point compensation
    # CIELAB (55, -37, -50) is a blue, and not the pure cyan that ideal inks would give.
    assert cyan[0] < 60
    assert 100 < cyan[1] < 175
    assert cyan[2] > 190


def test_cielab():
    picture = draw_smooth(64, 64)
    stored = ImageCms.profileToProfile(
        Image.fromarray(picture), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    source = Source.open(encode(stored, "tiff"))
    assert source.mode == "lab"
    assert np.abs(source.pixels()[0].astype(int) - picture).mean() < 3  # eight bits are coarse steps in CIELAB


@pytest.mark.parametrize("profile", [b"", b"junk", bytes(200), OURS["sRGB"][:100], b"\0" * 10_000_000])
def test_broken_profiles_have_no_name(profile):
    assert colour_profile.profile_name(profile) == ""
    image = Image.fromarray(draw_smooth(40, 40))
    assert colour_profile.convert_to_srgb(image, profile) is image


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the kernel does not tell the memory of a process")
def test_profiles_of_strangers_are_not_kept() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    before = resident()
    for number in range(40):  # 40 profiles of 4 MB, which would be 160 MB
        profile = bytearray(OURS["Adobe RGB (1998)"] + number.to_bytes(4, "big") * 1_000_000)
        profile[:4] = len(profile).to_bytes(4, "big")
        assert colour_profile.profile_name(bytes(profile)) == "Adobe RGB (1998)"
        assert colour_profile.changes_pixels(bytes(profile), "RGB")
    assert resident() - before < 60e6
