"""Sheets open pictures as `make` does, and keep no metadata of them."""

from __future__ import annotations

import io

import numpy as np
import pypdf
import pytest
from PIL import Image
from pypdf.generic import StreamObject

from idphoto import colour_profile
from idphoto.decode import Source
from idphoto.decode.jpeg_segments import strip_metadata
from idphoto.layout import Item, impose
from idphoto.output.pdf import write_pdf
from idphoto.output.sheet_image import render_sheet
from tests.locations import SHARED
from tests.pictures import draw_smooth, encode

GPS = 0x8825
SECRETS = (b"Exif", b"GPS", b"http://ns.adobe.com", b"Photoshop", b"SECRET", b"ICC_PROFILE")


def encode_with_metadata(form: str = "JPEG", orientation: int = 1, **options: object) -> bytes:
    """Encode a picture with Exif, a place of capture, a comment and XMP; JPEG files also with bytes after their end."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "SECRET description"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 8.0, 12.0), 3: "E", 4: (11.0, 34.0, 0.0)})
    width, height = (350, 450) if orientation < 5 else (450, 350)
    more = {"quality": 92, "comment": b"SECRET comment", "xmp": b"<x>SECRET</x>"} if form == "JPEG" else {}
    data = encode(Image.fromarray(draw_smooth(width, height)), form, exif=exif.tobytes(), **more, **options)
    return data + b"SECRET trailer" if form == "JPEG" else data


def embedded(pdf: bytes) -> StreamObject:
    """Return the one picture of a PDF."""
    resources = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]
    (image,) = [reference.get_object() for reference in resources["/XObject"].values()]
    return image


def decode_embedded(image: StreamObject) -> np.ndarray:
    """Return the pixels of a picture of a PDF, in RGB."""
    if image["/Filter"] == "/DCTDecode":
        return np.asarray(Image.open(io.BytesIO(image._data)).convert("RGB"))
    pixels = np.frombuffer(image.get_data(), np.uint8).reshape(int(image["/Height"]), int(image["/Width"]), -1)
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))


KINDS = {
    "jpeg": {},
    "progressive": {"progressive": True},
    "p3": {"icc_profile": colour_profile.display_p3()},
    "srgb": {"icc_profile": colour_profile.srgb()},
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_shows_what_the_decoder_shows_and_keeps_no_metadata(kind, orientation):
    data = encode_with_metadata(orientation=orientation, **KINDS[kind])
    expected, _ = Source.open(data).pixels()
    layout = impose([Item(35, 45, 1)], (100, 150), gap_mm=2, margin_mm=3)
    pdf = write_pdf(layout, [data])
    image = embedded(pdf)
    assert not any(secret in pdf or secret in image._data for secret in SECRETS)
    assert np.abs(decode_embedded(image).astype(int) - expected).mean() < 1
    (sheet,) = render_sheet(layout, [data], dpi=254)
    (place,) = layout.pages[0].photos
    x, y = round(place.x * 10), round(place.y * 10)
    assert np.abs(sheet[y : y + 450, x : x + 350].astype(int) - expected).mean() < 1


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "BMP"])
def test_formats_other_than_jpeg_lose_nothing_but_their_metadata(form):
    options = {"BMP": {}, "WEBP": {"exif": encode_exif(), "lossless": True}}.get(form, {"exif": encode_exif()})
    data = encode(Image.fromarray(draw_smooth(350, 450)), form, **options)
    pdf = write_pdf(impose([Item(35, 45)], (100, 150)), [data])
    assert np.array_equal(decode_embedded(embedded(pdf)), draw_smooth(350, 450))
    assert not any(secret in pdf for secret in SECRETS)


def encode_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    return exif.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_stripping_changes_no_pixel(mode, progressive):
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    picture = Image.fromarray(draw_smooth(123, 77)).convert(mode)
    data = encode(picture, "JPEG", progressive=progressive, exif=exif.tobytes(), comment=b"SECRET", dpi=(300, 300))
    bare = strip_metadata(data + b"\xff\xd8SECRET")
    assert b"SECRET" not in bare
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(bare))
    assert after.info["dpi"] == (300, 300)
    assert np.array_equal(np.asarray(before), np.asarray(after))
    for end in (2, 20, len(bare) - 1):
        with pytest.raises(ValueError):
            strip_metadata(bare[:end])


@pytest.mark.parametrize("name", ["sq_o6.jpg", "fin_p3.jpg"])
def test_cases_of_sideways_and_dull_prints(name):
    path = SHARED / "cases" / name
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    source = Source.read(path)
    width, height = source.size
    layout = impose([Item(35, 35 * height / width, 1)], (100, 150))
    image = embedded(write_pdf(layout, [source.data]))
    assert np.abs(decode_embedded(image).astype(int) - source.pixels()[0]).mean() < 1.5
    assert not any(secret in image._data for secret in SECRETS)
