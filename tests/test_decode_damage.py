"""Refuse files that a decoder would complete silently, in every format that can lose a part."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from idphoto.decode import Source
from idphoto.errors import UnreadableImage

FORMS = {
    "jpeg": ("jpeg", {"quality": 90}),
    "optimised jpeg": ("jpeg", {"quality": 90, "optimize": True}),
    "progressive jpeg": ("jpeg", {"quality": 90, "progressive": True}),
    "jpeg with restarts": ("jpeg", {"quality": 90, "restart_marker_rows": 1}),
    "grey jpeg": ("jpeg", {"quality": 90}),
    "cmyk jpeg": ("jpeg", {"quality": 90}),
    "png": ("png", {}),
    "webp": ("webp", {}),
    "lossless webp": ("webp", {"lossless": True}),
    "lzw tiff": ("tiff", {"compression": "tiff_lzw"}),
    "deflate tiff": ("tiff", {"compression": "tiff_adobe_deflate"}),
    "jpeg tiff": ("tiff", {"compression": "jpeg"}),
    "avif": ("avif", {}),
    "heic": ("heif", {}),
}
MODES = {"grey jpeg": "L", "cmyk jpeg": "CMYK"}


@pytest.fixture(scope="module")
def files(sample) -> dict[str, bytes]:
    import pillow_heif

    pillow_heif.register_heif_opener()
    picture = Image.open(sample).convert("RGB")
    made = {}
    for name, (form, options) in FORMS.items():
        buffer = io.BytesIO()
        picture.convert(MODES.get(name, "RGB")).save(buffer, form, **options)
        made[name] = buffer.getvalue()
    return made


def accepted(data: bytes) -> bool:
    try:
        Source.open(data, "photo").pixels()
    except UnreadableImage as error:
        assert error.code == "input.unreadable"
        return False
    return True


@pytest.mark.parametrize("name", FORMS)
def test_whole_files_are_accepted(files, name):
    assert accepted(files[name])


@pytest.mark.parametrize("share", [0.3, 0.62, 0.9])
@pytest.mark.parametrize("name", FORMS)
def test_files_that_end_early_are_refused(files, name, share):
    assert not accepted(files[name][: int(share * len(files[name]))])


@pytest.mark.parametrize("share", [0.2, 0.45, 0.62, 0.8, 0.97])
@pytest.mark.parametrize("name", [name for name in FORMS if "jpeg" in name and "tiff" not in name])
def test_jpegs_that_are_ended_properly_but_early_are_refused(files, name, share):
    assert not accepted(files[name][: int(share * len(files[name]))] + b"\xff\xd9")


@pytest.mark.parametrize(("first", "last"), [(0.3, 0.4), (0.62, 0.8), (0.5, 0.95)])
@pytest.mark.parametrize("name", FORMS)
def test_files_with_zeros_in_place_of_a_part_are_refused(files, name, first, last):
    data = bytearray(files[name])
    start, end = (int(share * len(data)) for share in (first, last))
    data[start:end] = bytes(end - start)
    assert not accepted(bytes(data))


@pytest.mark.parametrize("name", ["jpeg", "progressive jpeg", "jpeg with restarts"])
def test_jpegs_that_lack_a_part_in_the_middle_are_refused(files, name):
    data = files[name]
    assert not accepted(data[: len(data) // 2] + data[len(data) // 2 + 1000 :])


def test_blank_pictures_are_no_damage():
    """A flat picture compresses to bytes that repeat; with optimised tables they may well be zero."""
    for level in (0, 128, 255):
        for form, options in FORMS.values():
            if form in ("jpeg", "webp", "png", "tiff"):
                buffer = io.BytesIO()
                Image.fromarray(np.full((600, 480, 3), level, dtype=np.uint8)).save(buffer, form, **options)
                assert accepted(buffer.getvalue()), (form, options, level)


def test_bytes_after_the_picture_are_no_damage(files):
    """Phones append films and second pictures; some cameras pad the end of a scan."""
    data = files["jpeg"]
    assert accepted(data + bytes(100_000))
    assert accepted(data[:-2] + bytes(100) + data[-2:])


def test_reported_cases_are_refused(shared):
    for name in ("S001208_62eoi.jpg", "S001208_zeromid.jpg"):
        with pytest.raises(UnreadableImage):
            Source.read(shared / "cases" / name)


def test_no_real_portrait_counts_as_damaged(portraits):
    for path in portraits:
        assert accepted(path.read_bytes()), path.name
