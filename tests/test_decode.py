"""Read files through `Source`: their header and their pixels."""

from __future__ import annotations

import copy
import io
import pickle
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from idphoto.colour import to_linear
from idphoto.decode import Source
from idphoto.errors import ImageTooLarge, MissingExtra, UnreadableImage
from idphoto.units import Size
from tests.pictures import draw_grainy, draw_smooth, encode, encode_png_chunk

LOSSY = {
    "jpeg": {"quality": 95, "subsampling": 0},
    "webp": {"quality": 95},
    "avif": {"quality": 95},
    "heic": {"quality": 95},
}
LOSSLESS = {"png": {}, "bmp": {}, "tiff": {"compression": "tiff_lzw"}, "webp": {"lossless": True}}


def exif(**values: object) -> bytes:
    block = Image.Exif()
    for name, value in values.items():
        block[getattr(Image.ExifTags.Base, name)] = value
    return block.tobytes()


# --- formats --------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "options"), LOSSLESS.items())
def test_lossless_formats_give_the_very_pixels(form, options):
    picture = draw_grainy(90, 70)
    source = Source.open(encode(picture, form, **options))
    rgb, scale = source.pixels()
    assert (source.format, source.size, source.mode, source.bits, scale) == (form, Size(90, 70), "rgb", 8, 1.0)
    np.testing.assert_array_equal(rgb, picture)


@pytest.mark.parametrize(("form", "options"), LOSSY.items())
def test_lossy_formats_come_close(form, options):
    picture = draw_smooth(160, 120)
    source = Source.open(encode(picture, form, **options))
    rgb, _ = source.pixels()
    assert (source.format, source.size) == (form, Size(160, 120))
    assert np.abs(rgb.astype(int) - picture).mean() < 2.5
    assert rgb.dtype == np.uint8
    assert not rgb.flags.writeable


def test_header_facts_of_a_jpeg():
    data = encode(
        draw_smooth(64, 48), "jpeg", progressive=True, subsampling=2, dpi=(300, 300),
        exif=exif(DateTime="2026:03:04 05:06:07"),
    )  # fmt: skip
    source = Source.open(data, "me.jpg")
    assert (source.progressive, source.subsampling, source.dpi, source.name) == (True, "4:2:0", 300.0, "me.jpg")
    assert source.taken == datetime(2026, 3, 4, 5, 6, 7)
    assert [len(table) for table in source.quantisation] == [64, 64]
    assert (source.profile, source.frames) == ("", 1)
    assert len(source.sha256) == 64


def test_original_date_comes_before_file_date():
    block = Image.Exif()
    block[Image.ExifTags.Base.DateTime] = "2026:03:04 05:06:07"
    block.get_ifd(Image.ExifTags.IFD.Exif)[Image.ExifTags.Base.DateTimeOriginal] = "2020:02:03 00:00:00"
    assert Source.open(encode(draw_smooth(64, 64), "jpeg", exif=block.tobytes())).taken == datetime(2020, 2, 3)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", ""])
def test_a_camera_without_a_clock(text):
    assert Source.open(encode(draw_smooth(64, 64), "jpeg", exif=exif(DateTime=text))).taken is None


@pytest.mark.parametrize(
    ("form", "options", "dpi"),
    [
        ("jpeg", {}, None),
        ("jpeg", {"exif": exif(XResolution=240.0, YResolution=240.0, ResolutionUnit=2)}, 240.0),
        ("jpeg", {"exif": exif(XResolution=100.0, YResolution=100.0, ResolutionUnit=3)}, 254.0),
        ("jpeg", {"dpi": (600, 600), "exif": exif(XResolution=72.0, YResolution=72.0, ResolutionUnit=2)}, 600.0),
        ("jpeg", {"dpi": (300, 150)}, None),
        ("png", {"dpi": (300, 300)}, 300.0),
        ("tiff", {"dpi": (300, 300)}, 300.0),
        ("tiff", {}, None),
        ("bmp", {"dpi": (300, 300)}, 300.0),
        ("webp", {"exif": exif(XResolution=240.0, YResolution=240.0, ResolutionUnit=2)}, 240.0),
    ],
)
def test_dpi(form, options, dpi):
    found = Source.open(encode(draw_smooth(64, 64), form, **options)).dpi
    assert found == (pytest.approx(dpi, abs=0.05) if dpi else None)


def test_frames_of_animations_and_pages():
    frames = [Image.fromarray(draw_grainy(64, 64, seed)) for seed in range(3)]
    for form in ("png", "webp", "tiff", "avif"):
        source = Source.open(encode(frames[0], form, save_all=True, append_images=frames[1:]))
        assert source.frames == 3, form
        assert np.abs(source.pixels()[0].astype(int) - np.asarray(frames[0])).mean() < 8, form


def test_a_second_picture_after_a_jpeg_is_left_alone():
    pair = [Image.fromarray(draw_smooth(64, 48)), Image.fromarray(draw_smooth(40, 40))]
    source = Source.open(encode(pair[0], "mpo", save_all=True, append_images=pair[1:]))
    assert (source.format, source.size, source.frames) == ("jpeg", Size(64, 48), 1)
    assert source.pixels()[0].shape == (48, 64, 3)


def test_a_film_after_a_jpeg_is_left_alone():
    source = Source.open(encode(draw_smooth(64, 48), "jpeg") + b"\0\0\0\x18ftypmp42" + bytes(5000))
    assert source.pixels()[0].shape == (48, 64, 3)


def test_heic_without_its_package_names_the_package(monkeypatch):
    data = encode(draw_smooth(64, 64), "heic")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingExtra, match=r'pip install "idphoto\[heic\]"'):
        Source.open(data)


# --- upright ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [*LOSSY, "png", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright_once(form, orientation):
    upright = draw_smooth(96, 64)
    # Turning by the orientation that undoes the one to be written gives what a camera stores.
    undo = {6: 8, 8: 6}.get(orientation, orientation)
    stored = Image.fromarray(upright)
    stored.getexif()[Image.ExifTags.Base.Orientation] = undo
    stored = ImageOps.exif_transpose(stored)
    options = dict(LOSSY.get(form, {}))
    options["exif"] = exif(Orientation=orientation)  # which pillow-heif writes as irot and imir
    source = Source.open(encode(stored, form, **options))
    assert source.size == Size(96, 64)
    rgb, _ = source.pixels()
    assert np.abs(rgb.astype(int) - upright).mean() < 3


def test_orientation_of_a_png_may_stand_behind_the_pixels():
    data = encode(draw_smooth(96, 64), "png")
    end = data.index(b"IEND") - 4
    data = data[:end] + encode_png_chunk(b"eXIf", exif(Orientation=6)[6:]) + data[end:]
    assert Source.open(data).size == Size(64, 96)


@pytest.mark.parametrize("value", [0, 9, 77, 60000])
def test_a_nonsense_orientation_means_none(value):
    assert Source.open(encode(draw_smooth(96, 64), "jpeg", exif=exif(Orientation=value))).size == Size(96, 64)


# --- scale --------------------------------------------------------------------------------------


@given(
    width=st.integers(64, 150),
    height=st.integers(64, 150),
    orientation=st.integers(1, 8),
    asked=st.floats(0.01, 1.5),
    form=st.sampled_from(["jpeg", "png", "webp"]),
)
@settings(max_examples=120)
def test_scaled_pixels_lie_where_the_scale_says(width, height, orientation, asked, form):
    """A ramp that is decoded at a reduced size equals the ramp at the places that the scale gives."""
    ramp = draw_smooth(width, height)
    stored = Image.fromarray(ramp)
    data = encode(stored, form, **(LOSSY.get(form, {})), exif=exif(Orientation=orientation))
    source = Source.open(data)
    full, _ = source.pixels(1.0)
    rgb, scale = source.pixels(asked)
    assert min(asked, 1.0) <= scale < max(2 * asked, 2 / min(source.size))
    assert rgb.shape[:2] == tuple(-(-side // round(1 / scale)) for side in reversed(source.size))
    factor = round(1 / scale)
    # Where whole boxes of source pixels exist, each reduced pixel is their mean.
    rows, columns = full.shape[0] // factor, full.shape[1] // factor
    boxes = full[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor, 3).mean(axis=(1, 3))
    off = rgb[:rows, :columns].astype(float) - boxes
    # Half a pixel of the reduced picture off its place would move the ramp by this much.
    step = 90 * factor / max(width, height)
    assert np.abs(off.mean(axis=(0, 1))).max() < max(0.35 * step, 1.0)


def test_the_same_decode_is_kept_and_history_does_not_matter():
    data = encode(draw_grainy(640, 480), "jpeg")
    first, second = Source.open(data), Source.open(data)
    small, scale = first.pixels(0.3)
    assert scale == 0.5
    assert first.pixels(0.4)[0] is small
    second.pixels(1.0)
    np.testing.assert_array_equal(second.pixels(0.3)[0], small)


def test_the_two_last_decodes_are_kept():
    source = Source.open(encode(draw_grainy(640, 480), "jpeg"))
    decodes = {scale: source.pixels(scale)[0] for scale in (1, 0.5, 0.25, 0.125)}
    assert source.pixels(0.25)[0] is decodes[0.25]
    assert source.pixels(0.125)[0] is decodes[0.125]
    assert source.pixels(0.5)[0] is not decodes[0.5]


def test_a_source_crosses_processes_as_its_bytes():
    source = Source.open(encode(draw_grainy(640, 480), "jpeg"), "a.jpg", pixel_cap=10**6)
    before = source.pixels()[0]
    packed = pickle.dumps(source)
    assert len(packed) < len(source.data) + 500
    again = pickle.loads(packed)
    assert (again.name, again.pixel_cap, again.sha256) == ("a.jpg", 10**6, source.sha256)
    np.testing.assert_array_equal(again.pixels()[0], before)
    assert copy.deepcopy(source).size == source.size


def test_threads_may_share_a_source():
    source = Source.open(encode(draw_grainy(640, 480), "jpeg"))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda index: source.pixels(1 / 2 ** (index % 4))[0].mean(), range(32)))
    assert len({round(value, 6) for value in found}) <= 4


def test_a_source_cannot_be_changed():
    source = Source.open(encode(draw_smooth(64, 64), "png"))
    with pytest.raises(AttributeError):
        source.size = Size(1, 1)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        source.pixels()[0][0, 0] = 0


# --- pixels of every kind ------------------------------------------------------------------------


def grey_ramp(kind: type, top: float) -> np.ndarray:
    return np.broadcast_to(np.linspace(0, top, 256), (40, 256)).astype(kind)


@pytest.mark.parametrize(
    ("image", "form", "mode", "bits"),
    [
        (Image.fromarray(grey_ramp(np.uint8, 255)), "png", "grey", 8),
        (Image.fromarray(grey_ramp(np.uint16, 65535)), "png", "grey", 16),
        (Image.fromarray(grey_ramp(np.uint16, 65535)), "tiff", "grey", 16),
        (Image.fromarray(grey_ramp(np.float32, 1.0)), "tiff", "grey", 32),
        (Image.fromarray(grey_ramp(np.float32, 65535)), "tiff", "grey", 32),
        (Image.fromarray(grey_ramp(np.int32, 65535)), "tiff", "grey", 32),
        (Image.fromarray(grey_ramp(np.uint8, 255)).convert("RGB").quantize(256), "png", "palette", 8),
        (Image.fromarray(grey_ramp(np.uint8, 255)).convert("LA"), "png", "grey-alpha", 8),
        (Image.fromarray(grey_ramp(np.uint8, 255)).convert("RGBA"), "png", "rgba", 8),
        (Image.fromarray(grey_ramp(np.uint8, 255)).convert("CMYK"), "tiff", "cmyk", 8),
        (Image.fromarray(grey_ramp(np.uint8, 255)).convert("CMYK"), "jpeg", "cmyk", 8),
        (Image.fromarray(grey_ramp(np.uint8, 255)).convert("YCbCr"), "tiff", "rgb", 8),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_greys_survive_every_encoding(image, form, mode, bits):
    source = Source.open(encode(image, form))
    assert (source.mode, source.bits) == (mode, bits)
    rgb, _ = source.pixels()
    assert np.abs(rgb[:, 4:-4].astype(int) - np.arange(4, 252)[None, :, None]).max() <= 6
    assert source.alpha() is None


def test_sixteen_bits_per_colour():
    # Pillow cannot write such a file, so this one is put together by hand.
    picture = draw_smooth(64, 48)
    deep = (picture.astype(">u2") * 257).reshape(48, -1)
    rows = b"".join(b"\0" + row.tobytes() for row in deep)

    data = b"\x89PNG\r\n\x1a\n" + encode_png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 16, 2, 0, 0, 0))
    source = Source.open(data + encode_png_chunk(b"IDAT", zlib.compress(rows)) + encode_png_chunk(b"IEND", b""))
    assert (source.mode, source.bits) == ("rgb", 16)
    np.testing.assert_array_equal(source.pixels()[0], picture)


def test_one_bit():
    checks = Image.fromarray(np.indices((64, 64)).sum(axis=0) % 2 == 0)
    for form in ("png", "tiff", "bmp"):
        rgb, _ = Source.open(encode(checks, form)).pixels()
        np.testing.assert_array_equal(rgb[..., 0], np.asarray(checks) * 255)


def test_transparency_lies_on_white_and_is_given():
    rgba = np.dstack([draw_grainy(64, 64), np.zeros((64, 64), np.uint8)])
    rgba[:, 32:, 3] = 255
    for form, options in (("png", {}), ("webp", {"lossless": True, "exact": True}), ("tiff", {})):
        source = Source.open(encode(rgba, form, **options))
        rgb, _ = source.pixels()
        alpha = source.alpha()
        assert alpha.dtype == np.float32
        assert (rgb[:, :32] == 255).all()
        np.testing.assert_array_equal(rgb[:, 32:], rgba[:, 32:, :3])
        np.testing.assert_array_equal(alpha, rgba[..., 3] / 255)
        assert source.alpha(0.5).shape == (32, 32)


def test_half_transparent_mixes_in_linear_light():
    grey = np.full((64, 64, 4), (0, 0, 0, 128), np.uint8)
    grey[0, 0, 3] = 0
    rgb, _ = Source.open(encode(grey, "png")).pixels()
    assert abs(int(rgb[5, 5, 0]) - 188) <= 1  # half the light of white is sRGB 188


def test_transparent_palette_colour():
    image = Image.fromarray(grey_ramp(np.uint8, 255)).convert("P")
    source = Source.open(encode(image, "png", transparency=0))
    assert source.mode == "palette"
    assert (source.pixels()[0][:, 0] == 255).all()
    assert (source.alpha()[:, 0] == 0).all()


@pytest.mark.parametrize("cover", [0, 255])
def test_a_uniform_alpha_channel_says_nothing(cover):
    rgba = np.dstack([draw_grainy(64, 64), np.full((64, 64), cover, np.uint8)])
    source = Source.open(encode(rgba, "png"))
    assert source.alpha() is None
    np.testing.assert_array_equal(source.pixels()[0], rgba[..., :3])


# --- files and state ---------------------------------------------------------------------------


def test_read_gives_the_name_of_the_file(tmp_path):
    path = tmp_path / "portrait.png"
    path.write_bytes(encode(draw_smooth(64, 64), "png"))
    assert Source.read(path).name == "portrait.png"


@pytest.mark.parametrize("path", ["nowhere.jpg", ".", "/dev/zero", "a\0b"])
def test_read_refuses_what_is_no_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableImage):
        Source.read(path)


def test_pillow_is_left_as_it_was():
    code = """if True:
        import numpy, pydantic, PIL.Image, PIL.ImageFile, PIL.PngImagePlugin, warnings
        def state():
            return (PIL.Image.MAX_IMAGE_PIXELS, PIL.ImageFile.LOAD_TRUNCATED_IMAGES, PIL.ImageFile.MAXBLOCK,
                    PIL.PngImagePlugin.MAX_TEXT_CHUNK, list(warnings.filters))
        opened = list(PIL.Image.OPEN)
        before = state()
        from idphoto.decode import Source
        assert list(PIL.Image.OPEN) == opened and state() == before
        import sys
        assert not any(name.startswith("pillow_heif") for name in sys.modules)
        Source.open(sys.stdin.buffer.read()).pixels()
        assert state() == before
    """  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], input=encode(draw_smooth(64, 64), "tiff"), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_real_portraits(portraits):
    for path in portraits:
        source = Source.read(path)
        with Image.open(path) as image:
            if source.profile in ("", "sRGB IEC61966-2.1"):
                np.testing.assert_array_equal(source.pixels()[0], np.asarray(image.convert("RGB")))
            assert source.size == image.size
        assert source.pixels(0.25)[0].shape[:2] == tuple(-(-side // 4) for side in reversed(source.size))


def test_pixels_do_not_depend_on_the_file_object(tmp_path):
    data = encode(draw_grainy(64, 64), "png")
    assert Source.open(bytearray(data)).data == Source.open(memoryview(data)).data == io.BytesIO(data).getvalue()


@pytest.mark.parametrize(
    "text",
    ["2131:05:06 07:08:09", "1970:01:01 00:00:07", "2000:01:01 03:12:00", "2001:01:01 00:00:00", "2015:01:01 00:20:00"],
)
def test_a_date_that_cannot_be_true_is_unknown(text):
    block = Image.Exif()
    block[Image.ExifTags.Base.DateTime] = "2024:03:04 05:06:07"
    block.get_ifd(Image.ExifTags.IFD.Exif)[Image.ExifTags.Base.DateTimeOriginal] = text
    assert Source.open(encode(draw_smooth(64, 64), "jpeg", exif=block.tobytes())).taken is None


def test_a_photo_of_today_and_one_from_beyond_the_date_line_are_dated():
    for moment in (datetime.now(), datetime.now() + timedelta(hours=12)):
        block = Image.Exif()
        block[Image.ExifTags.Base.DateTime] = moment.strftime("%Y:%m:%d %H:%M:%S")
        assert Source.open(encode(draw_smooth(64, 64), "jpeg", exif=block.tobytes())).taken is not None


def png_with(chunk: bytes, rgb) -> bytes:
    data = encode(rgb, "png")
    return data[:33] + chunk + data[33:]


@pytest.mark.parametrize(
    ("chunk", "light"),
    [
        (encode_png_chunk(b"gAMA", struct.pack(">I", 100_000)), to_linear),
        (encode_png_chunk(b"cICP", bytes([1, 8, 0, 1])), to_linear),
        (encode_png_chunk(b"gAMA", struct.pack(">I", 45_455)), None),
        (encode_png_chunk(b"cICP", bytes([1, 13, 0, 1])), None),
    ],
)
def test_png_colours_are_what_their_chunks_say(chunk, light):
    rgb = draw_smooth(64, 48)
    stored = rgb if light is None else np.rint(light(rgb) * 255).astype(np.uint8)
    found = Source.open(png_with(chunk, stored)).pixels()[0]
    # Eight bits of linear light are coarse in the shadows.
    assert np.abs(found.astype(int) - rgb)[rgb > 60].max() <= (0 if light is None else 4)


@pytest.mark.parametrize("transfer", [16, 18])
def test_png_of_high_dynamic_range_is_refused(transfer):
    with pytest.raises(UnreadableImage, match="high dynamic range"):
        Source.open(png_with(encode_png_chunk(b"cICP", bytes([9, transfer, 0, 1])), draw_smooth(64, 48)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(640, 480), (637, 475)])
def test_a_jpeg_of_too_many_pixels_is_decoded_at_half_of_its_size(size, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(draw_smooth(*size), "jpeg", quality=95, exif=exif, dpi=(300, 300))
    whole, source = Source.open(data), Source.open(data, pixel_cap=100_000)
    assert (whole.reduction, source.reduction, source.dpi) == (1, 2, 150)
    assert source.stored_size == whole.size == whole.stored_size
    assert source.size == (-(-whole.size.width // 2), -(-whole.size.height // 2))
    for scale in (1.0, 0.5, 0.1):
        halved, actual = source.pixels(scale)
        expected, _ = whole.pixels(actual / 2)
        assert halved.shape == expected.shape
        assert np.abs(halved.astype(int) - expected).mean() < 1.5
    assert pickle.loads(pickle.dumps(source)).size == source.size


def test_pictures_that_would_be_held_whole_in_memory_keep_the_cap():
    for data in (encode(draw_smooth(640, 480), "jpeg", progressive=True), encode(draw_smooth(640, 480), "png")):
        with pytest.raises(ImageTooLarge):
            Source.open(data, pixel_cap=100_000)
    with pytest.raises(ImageTooLarge):
        Source.open(encode(draw_smooth(640, 480), "jpeg"), pixel_cap=76_799)
