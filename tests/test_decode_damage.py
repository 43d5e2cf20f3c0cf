"""Refuse files that a decoder would complete silently, in every format that can lose a part."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from idphoto.decode import Source
from idphoto.errors import UnreadableImage
from tests.locations import PORTRAITS

FORMS = {
    "jpeg": ("jpeg", {"quality": 90}),
    "optimised jpeg": ("jpeg", {"quality": 90, "optimize": True}),
    "progressive jpeg": ("jpeg", {"quality": 90, "progressive": True}),
    "jpeg with restarts": ("jpeg", {"quality": 90, "restart_marker_rows": 1}),
    "jpeg with many restarts": ("jpeg", {"quality": 90, "restart_marker_blocks": 4}),
    "progressive jpeg with restarts": ("jpeg", {"quality": 90, "restart_marker_rows": 1, "progressive": True}),
    "strong jpeg": ("jpeg", {"quality": 40, "optimize": True}),
    "grey jpeg": ("jpeg", {"quality": 90}),
    "cmyk jpeg": ("jpeg", {"quality": 90}),
    "png": ("png", {}),
    "webp": ("webp", {}),
    "lossless webp": ("webp", {"lossless": True}),
    "lzw tiff": ("tiff", {"compression": "tiff_lzw"}),
    "deflate tiff": ("tiff", {"compression": "tiff_adobe_deflate"}),
    "jpeg tiff": ("tiff", {"compression": "jpeg"}),
    "packed tiff": ("tiff", {"compression": "packbits"}),
    "plain tiff": ("tiff", {}),
    "bmp": ("bmp", {}),
    "avif": ("avif", {}),
    "heic": ("heif", {}),
}
MODES = {"grey jpeg": "L", "cmyk jpeg": "CMYK"}


PEOPLE = ("B000490", "A000377")  # one of each half of the portraits
STEPS = [step / 16 for step in range(2, 16)]


def encode(picture: Image.Image, name: str) -> bytes:
    form, options = FORMS[name]
    buffer = io.BytesIO()
    picture.convert(MODES.get(name, "RGB")).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def files() -> dict[str, list[bytes]]:
    """Return, for each form, the files of two people without a profile, so that all but the header is picture."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    pictures = []
    for person in PEOPLE:
        picture = Image.open(PORTRAITS / f"{person}.jpg").convert("RGB")
        picture.thumbnail((400, 500))
        picture.info.clear()
        pictures.append(picture)
    return {name: [encode(picture, name) for picture in pictures] for name in FORMS}


def accepted(data: bytes) -> bool:
    try:
        Source.open(data, "photo").pixels()
    except UnreadableImage as error:
        assert error.code == "input.unreadable"
        return False
    return True


@pytest.mark.parametrize("name", FORMS)
def test_whole_files_are_accepted(files, name):
    assert all(accepted(data) for data in files[name])


@pytest.mark.parametrize("name", FORMS)
def test_files_that_end_early_are_refused_wherever_they_end(files, name):
    for data in files[name]:
        assert not [step for step in STEPS if accepted(data[: int(step * len(data))])]


@pytest.mark.parametrize("name", [name for name in FORMS if "jpeg" in name and "tiff" not in name])
def test_jpegs_that_are_ended_properly_but_early_are_refused(files, name):
    for data in files[name]:
        assert not [step for step in STEPS if accepted(data[: int(step * len(data))] + b"\xff\xd9")]


@pytest.mark.parametrize("share", [0.06, 0.2, 1.0])
@pytest.mark.parametrize("fill", [0, 255])
@pytest.mark.parametrize("name", FORMS)
def test_files_with_one_byte_in_place_of_a_part_are_refused(files, name, fill, share):
    """Memory cards and interrupted copies leave zeros, or ones, up to some place or to the end of the file."""
    for data in files[name]:
        length = int(share * len(data))
        passed = []
        for step in STEPS[:-1]:
            start = int(step * len(data))
            end = min(start + length, len(data))
            if accepted(data[:start] + bytes([fill]) * (end - start) + data[end:]):
                passed.append(step)
        assert not passed


@pytest.mark.parametrize("name", ["png", "deflate tiff", "jpeg"])
def test_files_with_a_checksum_or_without_restarts_are_refused_with_any_bytes_in_place_of_a_part(files, name):
    other = np.random.default_rng(0).bytes(1000)
    for data in files[name]:
        for step in STEPS[:-1]:
            start = int(step * len(data))
            assert not accepted(data[:start] + other + data[start + len(other) :]), step


@pytest.mark.parametrize("name", ["jpeg", "strong jpeg", "jpeg with restarts"])
def test_jpegs_that_lack_a_part_in_the_middle_are_refused(files, name):
    for data in files[name]:
        assert not [
            at for at in STEPS[:-1] if accepted(data[: int(at * len(data))] + data[int(at * len(data)) + 1000 :])
        ]


@pytest.mark.parametrize("name", ["bmp", "plain tiff"])
def test_bars_and_borders_are_no_damage(files, name):
    """A bar of one colour, the border of a scan, a turned picture, and a round one on black."""
    picture = Image.open(io.BytesIO(files[name][0])).convert("RGB")
    width, height = picture.size
    noisy = Image.open(io.BytesIO(encode(lay(picture, (0, 0, width, height // 2), 0), "strong jpeg")))
    round_mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(round_mask).ellipse((5, 5, width - 5, width - 5), fill=255)
    for level in (0, 255):
        ground = Image.new("RGB", picture.size, (level,) * 3)
        for changed in (
            lay(picture, (0, 0, width, height // 2), level),
            lay(picture, (0, height // 3, width, height), level),
            lay(picture, (width // 2, 0, width, height), level),
            picture.rotate(7, fillcolor=(level,) * 3),
            picture.rotate(-1, fillcolor=(level,) * 3),
            Image.composite(picture, ground, round_mask),
            ground,
            noisy,
        ):
            assert accepted(encode(changed, name))


def lay(picture: Image.Image, box: tuple[int, int, int, int], level: int) -> Image.Image:
    """Return a copy with a bar of one level."""
    copy = picture.copy()
    copy.paste((level,) * 3, box)
    return copy


def test_blank_pictures_are_no_damage():
    """A flat picture compresses to bytes that repeat; with optimised tables they may well be zero."""
    for level in (0, 128, 255):
        flat = Image.fromarray(np.full((600, 480, 3), level, dtype=np.uint8))
        assert not [name for name in FORMS if not accepted(encode(flat, name))], level


def test_bytes_after_the_picture_are_no_damage(files):
    """Phones append films and second pictures; some cameras pad the end of a scan."""
    data = files["jpeg"][0]
    assert accepted(data + bytes(100_000))
    assert accepted(data[:-2] + bytes(100) + data[-2:])


def test_reported_cases_are_refused(shared):
    for name in ("S001208_62eoi.jpg", "S001208_zeromid.jpg"):
        with pytest.raises(UnreadableImage):
            Source.read(shared / "cases" / name)


def test_no_real_portrait_counts_as_damaged(portraits):
    for path in portraits:
        assert accepted(path.read_bytes()), path.name
