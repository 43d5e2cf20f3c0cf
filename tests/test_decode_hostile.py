"""No broken or hostile file causes a traceback, a hang or the use of much memory."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from idphoto.decode import Source, jpeg_segments
from idphoto.errors import ImageTooLarge, ImageTooSmall, InputError, UnreadableImage
from tests.pictures import draw_grainy, draw_smooth, encode, encode_png_chunk

PNG = b"\x89PNG\r\n\x1a\n"
FILES = {
    "baseline": encode(draw_grainy(160, 120), "jpeg", quality=80),
    "progressive": encode(draw_grainy(160, 120), "jpeg", quality=80, progressive=True),
    "cmyk": encode(Image.fromarray(draw_grainy(160, 120)).convert("CMYK"), "jpeg"),
    "png": encode(draw_grainy(80, 60), "png"),
    "palette": encode(Image.fromarray(draw_grainy(80, 60)).quantize(16), "png"),
    "lossy webp": encode(draw_grainy(160, 120), "webp"),
    "lossless webp": encode(draw_grainy(80, 60), "webp", lossless=True),
    "animated webp": encode(
        Image.fromarray(draw_grainy(64, 64)),
        "webp",
        save_all=True,
        append_images=[Image.fromarray(draw_smooth(64, 64))],
    ),
    "bmp": encode(draw_grainy(80, 60), "bmp"),
    "tiff": encode(draw_grainy(80, 60), "tiff"),
    "lzw tiff": encode(draw_grainy(80, 60), "tiff", compression="tiff_lzw"),
    "jpeg tiff": encode(draw_grainy(80, 60), "tiff", compression="jpeg"),
    "avif": encode(draw_grainy(160, 120), "avif"),
    "heic": encode(draw_grainy(160, 120), "heic", quality=50),
}


def read_all(data: bytes, scale: float = 1.0) -> bool:
    """Return True if the file is accepted. Any error but our own fails the test, and so does a second of work."""
    begin = time.thread_time()
    try:
        source = Source.open(data, "bad")
        source.pixels(scale)
        source.alpha(scale)
        return True
    except InputError as error:
        assert error.message.endswith(".")
        assert error.advice.endswith(".")
        return False
    finally:
        assert time.thread_time() - begin < 1.0


# --- broken files ------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1 / 8])
@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_refused(name, scale, capfd):
    data = FILES[name]
    assert read_all(data, scale)
    cuts = {*range(0, len(data), max(len(data) // 150, 1)), *range(max(len(data) - 40, 0), len(data))}
    accepted = [len(data) - cut for cut in sorted(cuts) if read_all(data[:cut], scale)]
    assert accepted == []
    if name != "jpeg tiff":  # libtiff hands on what libjpeg says
        assert capfd.readouterr() == ("", "")


@given(name=st.sampled_from(sorted(FILES)), place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40))
@settings(max_examples=400)
def test_a_file_with_junk_in_it_is_read_or_refused(name, place, junk):
    data = bytearray(FILES[name])
    at = int(place * (len(data) - 1))
    data[at : at + len(junk)] = junk
    read_all(bytes(data))


@given(name=st.sampled_from(sorted(FILES)), first=st.floats(0, 1), second=st.floats(0, 1))
@settings(max_examples=150)
def test_a_file_with_a_hole_is_read_or_refused(name, first, second):
    data = FILES[name]
    low, high = sorted((int(first * len(data)), int(second * len(data))))
    read_all(data[:low] + data[high:])
    read_all(data[:low] + bytes(high - low) + data[high:])


@given(st.binary(max_size=300))
@example(b"")
@settings(max_examples=150)
def test_noise_is_refused(data):
    assert not read_all(data)
    for magic in (b"\xff\xd8\xff\xe0", PNG, b"RIFF\0\0\0\0WEBPVP8 ", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x18ftypheic"):
        assert not read_all(magic + data)


def test_a_download_that_ended_in_zeros_is_refused():
    data = FILES["baseline"]
    assert not read_all(data[: len(data) // 2] + bytes(len(data) // 2), 1 / 8)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"hello, world", "not a picture"),
        (encode(draw_smooth(64, 64), "gif"), "GIF"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'\xef\xbb\xbf\n<?xml version="1.0"?><svg/>', "SVG"),
        (encode(draw_smooth(64, 64), "ico"), "not a picture"),
        (encode(draw_smooth(64, 64), "jpeg2000"), "JPEG 2000"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64), "video"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(64), "raw"),
        (b"\xff\xd8 no more", "not a picture"),
    ],
)
def test_what_is_not_read_is_named(data, word):
    with pytest.raises(UnreadableImage, match=word) as caught:
        Source.open(data, "x")
    assert "Give a JPEG, PNG" in caught.value.advice


# --- shapes ---------------------------------------------------------------------------------------


def test_too_small():
    with pytest.raises(ImageTooSmall):
        Source.open(encode(draw_smooth(100, 31), "png"))
    assert Source.open(encode(draw_smooth(32, 32), "png")).size == (32, 32)


def test_too_long():
    with pytest.raises(UnreadableImage, match="strip"):
        Source.open(encode(draw_smooth(1000, 40), "png"))


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "bmp", "tiff", "avif", "heic"])
def test_the_pixel_cap_acts_on_the_header(form, monkeypatch):
    monkeypatch.setattr("idphoto.decode.source.decode_pixels", lambda *_: pytest.fail("decoded"))
    # A JPEG of up to four times the cap is decoded at half of its size.
    with pytest.raises(ImageTooLarge, match="megapixels"):
        Source.open(encode(draw_smooth(120, 100), form), pixel_cap=2_999 if form == "jpeg" else 11_999)
    Source.open(encode(draw_smooth(120, 100), form), pixel_cap=12_000)


def announced(width: int, height: int, form: str) -> bytes:
    """Make a small file whose header announces a large picture."""
    if form == "png":
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return (
            PNG
            + encode_png_chunk(b"IHDR", head)
            + encode_png_chunk(b"IDAT", zlib.compress(bytes(9)))
            + encode_png_chunk(b"IEND", b"")
        )
    data = bytearray(FILES[{"jpeg": "baseline", "webp": "animated webp"}.get(form, form)])
    if form == "jpeg":
        frame = next(part for part in jpeg_segments.iterate_segments(bytes(data)) if part.marker == jpeg_segments.SOF0)
        struct.pack_into(">HH", data, frame.start + 5, height, width)
    elif form == "bmp":
        struct.pack_into("<ii", data, 18, width, height)
    elif form == "webp":
        data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif form == "tiff":
        (place,) = struct.unpack_from("<I", data, 4)
        for at in range(place + 2, place + 2 + 12 * struct.unpack_from("<H", data, place)[0], 12):
            tag = struct.unpack_from("<H", data, at)[0]
            if tag in (256, 257):
                struct.pack_into("<HIHH", data, at + 2, 3, 1, (width, height)[tag - 256], 0)
    return bytes(data)


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "bmp", "tiff"])
@pytest.mark.parametrize("size", [(65000, 65000), (12000, 12000), (0, 0), (0, 100)])
def test_headers_that_lie_cost_neither_time_nor_memory(form, size):
    if form == "webp" and 0 in size:
        size = (1, 1)  # WebP stores the size less one
    data = announced(*size, form)
    tracemalloc.start()
    try:
        assert not read_all(data)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


# --- bombs ----------------------------------------------------------------------------------------


def png_with(*chunks: bytes, size: int = 64) -> bytes:
    data = encode(draw_smooth(size, size), "png")
    return data[:33] + b"".join(chunks) + data[33:]


def test_a_flat_png_of_a_hundred_megapixels():
    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(bytes(12001)) for _ in range(12000)) + rows.flush()
    head = struct.pack(">IIBBBBB", 12000, 12000, 8, 0, 0, 0, 0)
    assert not read_all(
        PNG + encode_png_chunk(b"IHDR", head) + encode_png_chunk(b"IDAT", body) + encode_png_chunk(b"IEND", b"")
    )


def test_more_pixels_than_announced_are_not_unpacked():
    data = encode(draw_smooth(64, 64), "png")
    start = data.index(b"IDAT") - 4
    body = zlib.compress(bytes(200_000_000), 9)
    read_all(data[:start] + encode_png_chunk(b"IDAT", body) + encode_png_chunk(b"IEND", b""))


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_text_that_unpacks_to_gigabytes(kind):
    packed = zlib.compress(bytes(100_000_000), 9)
    head = {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"k\0\0"}[kind]
    tracemalloc.start()
    try:
        read_all(png_with(encode_png_chunk(kind, head + packed)))
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_a_million_empty_chunks():
    assert not read_all(png_with(encode_png_chunk(b"teSt", b"") * 1_000_000))


def test_a_million_empty_segments():
    data = FILES["baseline"]
    assert not read_all(data[:2] + jpeg_segments.build_segment(jpeg_segments.COM, b"") * 1_000_000 + data[2:])


def test_junk_between_segments():
    data = FILES["baseline"]
    place = next(jpeg_segments.iterate_segments(data)).end
    for junk, accepted in ((bytes(100), True), (b"\xff" * 100, True), (bytes(30_000_000), False)):
        assert read_all(data[:place] + junk + data[place:]) == accepted
    assert not read_all(data[:place] + b"\xff" * 30_000_000 + data[place:])
    assert not read_all(data[:place] + b"\xff\0" * 3_000_000 + data[place:])


def test_a_progressive_jpeg_with_endless_scans():
    data = encode(draw_smooth(64, 64), "jpeg", progressive=True)
    start = data.rindex(b"\xff\xda")
    assert not read_all(data[:start] + data[start:-2] * 1000 + b"\xff\xd9")


def test_the_scans_of_a_large_jpeg_are_fewer():
    data = encode(np.zeros((6000, 6000, 3), np.uint8), "jpeg", progressive=True)
    start = data.rindex(b"\xff\xda")
    data = data[:start] + data[start:-2] * 14 + b"\xff\xd9"
    begin = time.thread_time()
    with pytest.raises(UnreadableImage):
        Source.open(data)
    assert time.thread_time() - begin < 0.5


def test_a_tiff_with_endless_tags():
    tags = b"".join(struct.pack("<HHII", 60000, 1, 4, 0) for _ in range(60000))
    assert not read_all(b"II*\0" + struct.pack("<IH", 8, 60000) + tags + bytes(4))
    big = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 2**62)
    assert not read_all(big + bytes(1000))


def test_a_tiff_whose_pages_go_in_a_circle():
    data = bytearray(FILES["tiff"])
    (place,) = struct.unpack_from("<I", data, 4)
    (tags,) = struct.unpack_from("<H", data, place)
    struct.pack_into("<I", data, place + 2 + 12 * tags, place)
    assert Source.open(bytes(data)).frames == 1


def test_a_tiff_preview_of_a_raw_file_is_refused():
    data = encode(draw_smooth(160, 120), "tiff", tiffinfo={254: 1})
    with pytest.raises(UnreadableImage, match="raw"):
        Source.open(data)


def test_a_tiff_with_huge_tiles():
    values = {256: 100, 257: 100, 258: 8, 259: 5, 262: 1, 277: 1, 322: 60000, 323: 60000, 324: 8, 325: 100}
    tags = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    assert not read_all(b"II*\0" + struct.pack("<I", 108) + bytes(100) + struct.pack("<H", 10) + tags + bytes(4))
    with pytest.raises(UnreadableImage, match="tiles"):
        Source.open(b"II*\0" + struct.pack("<I", 108) + bytes(100) + struct.pack("<H", 10) + tags + bytes(4))


def test_bytes_before_the_picture_make_it_another_file():
    assert not read_all(b"GIF89a" + FILES["png"])
    assert not read_all(b" " + FILES["png"])
    assert not read_all(b"%PDF-1.7\n" + FILES["baseline"])


def test_broken_metadata_does_not_cost_the_picture():
    for block in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"\xff" * 200, b"Exif\0\0"):
        assert read_all(encode(draw_smooth(64, 64), "jpeg", exif=block))
    for profile in (b"junk", b"\0" * 200, b"\xff" * 70000):
        source = Source.open(encode(draw_smooth(64, 64), "jpeg", icc_profile=profile))
        assert source.profile == ""
        assert source.pixels()[0].shape == (64, 64, 3)


def test_an_index_of_second_pictures_may_be_broken():
    data = FILES["baseline"]
    assert read_all(
        jpeg_segments.insert_segments(
            data, [jpeg_segments.build_segment(jpeg_segments.APP2, b"MPF\0II*\0" + b"\xff" * 50)]
        )
    )


def test_pillow_s_own_limit_does_not_leak_a_warning():
    image = Image.new("L", (9600, 9400))  # above the 89 megapixels at which Pillow warns
    noise = np.random.default_rng(0).integers(0, 255, (400, 9600), dtype=np.uint8)
    image.paste(Image.fromarray(noise), (0, 0))
    for form in ("tiff", "jpeg"):
        buffer = io.BytesIO()
        image.save(buffer, form)
        assert Source.open(buffer.getvalue()).pixels(1 / 16)[0].shape == (588, 600, 3)


# --- tags ----------------------------------------------------------------------------------------


def overlapping_tags(length: int, tags: int = 900, big_endian: bool = False) -> bytes:
    """Exif tags of which each has all of the block as its value."""
    order = ">" if big_endian else "<"
    body = struct.pack(f"{order}2sHIH", b"MM" if big_endian else b"II", 42, 8, tags)
    start = 10 + 12 * tags + 4
    for number in range(tags):
        body += struct.pack(f"{order}HHII", 40000 + number, 7, length - start, start)
    return (body + bytes(4)).ljust(length, b"x")


def with_tags(form: str, tags: bytes) -> bytes:
    """Return a small picture with a block of Exif tags, put in by hand, since no encoder would take it."""
    if form == "tiff":
        return FILES["tiff"][:4] + tags[4:]
    if form == "jpeg":
        parts = [tags[at : at + 65000] for at in range(0, len(tags), 65000)]
        segments = [jpeg_segments.build_segment(jpeg_segments.APP1, b"Exif\0\0" + part) for part in parts]
        return jpeg_segments.insert_segments(FILES["baseline"], segments)
    if form == "png":
        place = 8 + 25  # after IHDR
        return FILES["png"][:place] + encode_png_chunk(b"eXIf", tags) + FILES["png"][place:]
    # The other decoders take any bytes, so a block of the same length is replaced.
    return encode(draw_grainy(160, 120), form, exif=b"Exif\0\0" + b"II*\0" + bytes(len(tags) - 4)).replace(
        b"II*\0" + bytes(len(tags) - 4), tags
    )


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "tiff", "avif", "heic"])
def test_tags_that_lie_over_one_another_are_refused_before_a_decoder_reads_them(form, big_endian):
    data = with_tags(form, overlapping_tags(400_000, big_endian=big_endian))
    tracemalloc.start()
    assert not read_all(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data)


def test_sub_directories_of_tags_are_bounded_too():
    inner = overlapping_tags(60_000)
    block = struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 34665, 4, 1, 26, 0)
    shifted = bytearray(inner[8:])
    for at in range(2, 2 + 12 * 900, 12):
        struct.pack_into("<I", shifted, at + 8, struct.unpack_from("<I", shifted, at + 8)[0] + 18)
    assert not read_all(with_tags("jpeg", block + bytes(shifted)))


def test_broken_tags_do_not_refuse_a_photo():
    tags = bytearray(overlapping_tags(2000, tags=3))
    struct.pack_into("<I", tags, 14, 2**31)  # a value that is longer than the file
    assert read_all(with_tags("jpeg", bytes(tags)))
