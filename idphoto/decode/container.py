"""Detect the format of a file and open it with the decoder for that format.

The first bytes decide which decoder is used; no other one is tried.
"""

from __future__ import annotations

import importlib
import io
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image, features

from idphoto.errors import IdPhotoError, ImageTooLarge, MissingExtra, UnreadableImage

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["detect_format", "open_image", "silence_pillow", "translate_decoder_errors"]

_ADVICE = "Give a JPEG, PNG, WebP, HEIC, AVIF, TIFF or BMP picture."

# First bytes of the formats that are read and, marked with "!", of others that an error message can name.
_FIRST_BYTES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"BM", "bmp"),
    (b"II*\0\x10\0\0\0CR", "!camera raw file"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"GIF8", "!GIF"),
    (b"%PDF", "!PDF"),
    (b"%!PS", "!PostScript file"),
    (b"8BPS", "!Photoshop file"),
    (b"PK\x03\x04", "!ZIP archive"),
    (b"\xff\x0a", "!JPEG XL"),
    (b"\0\0\0\x0cJXL ", "!JPEG XL"),
    (b"\0\0\0\x0cjP  ", "!JPEG 2000"),
    (b"\xff\x4f\xff\x51", "!JPEG 2000"),
    (b"FUJIFILM", "!camera raw file"),
    (b"IIRO", "!camera raw file"),
    (b"IIU\0", "!camera raw file"),
)

# Brands of ISO base media files (ISO/IEC 23008-12, AV1 Image File Format).
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF = frozenset({b"mif1", b"msf1"})

_PLUGINS = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "heic": ("pillow_heif", "HeifImageFile"),
}

_warnings_lock = threading.RLock()


@contextmanager
def silence_pillow() -> Iterator[None]:
    """Suppress Pillow's warnings: their causes are either harmless or checked by this package.

    The filters of `warnings` are global, so that only one thread at a time may change them.
    """
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def translate_decoder_errors(name: str) -> Iterator[None]:
    """Turn everything that a decoder raises on the file `name` into an error of this package.

    Raises
    ------
    ImageTooLarge
        If there is not enough memory.
    UnreadableImage
        If the decoder raises anything else.
    """
    try:
        yield
    except IdPhotoError:
        raise
    except (MemoryError, Image.DecompressionBombError) as cause:
        raise ImageTooLarge(f"{name} takes more memory than there is.", "Give a smaller version of it.") from cause
    except Exception as cause:  # decoders raise nearly any exception on unexpected bytes
        raise UnreadableImage(
            f"{name} is damaged or incomplete.", "Send the original file once more, or save it anew as a JPEG."
        ) from cause


def detect_format(data: bytes, name: str) -> str:
    """Return the format of a file by its first bytes: jpeg, png, webp, bmp, tiff, heic or avif.

    Raises
    ------
    UnreadableImage
        If it is none of these.
    """
    if not data:
        raise UnreadableImage(f"{name} is empty.", _ADVICE)
    found = next((label for magic, label in _FIRST_BYTES if data.startswith(magic)), "")
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found = "!text file, such as SVG or HTML"
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "webp"
    elif data[4:8] == b"ftyp":
        length = int.from_bytes(data[:4], "big")
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, min(length, 256), 4))}
        found = "avif" if brands & _AVIF else "heic" if brands & (_HEIC | _HEIF) else "!video"
    if not found:
        raise UnreadableImage(f"{name} is not a picture.", _ADVICE)
    if found.startswith("!"):
        raise UnreadableImage(f"{name} is a {found[1:]}, which is not read here.", _ADVICE)
    return found


def open_image(data: bytes, form: str) -> Any:
    """Open a file with the decoder for its format; only the header is read.

    Parameters
    ----------
    data : bytes
        The whole file.
    form : str
        Result of `detect_format`; the file must have passed `structure.check_structure`.

    Returns
    -------
    PIL.ImageFile.ImageFile
        The picture, not yet decoded.

    Raises
    ------
    MissingExtra
        If the format needs a package that is not installed.
    Exception
        Any exception, if the file is broken: call this inside `translate_decoder_errors`.
    """
    module, plugin = _PLUGINS[form]
    if form == "avif" and not features.check("avif"):
        module, plugin = _PLUGINS["heic"]
    try:
        decoder = getattr(importlib.import_module(module), plugin)
    except ImportError as cause:
        raise MissingExtra(
            f"Reading {form.upper()} pictures needs the package pillow-heif.", 'Install it: pip install "idphoto[heic]"'
        ) from cause
    # Image.open would try other formats, and would warn or refuse by a limit that is global to the process.
    # Therefore the class of the format is called directly.
    with silence_pillow():
        return decoder(io.BytesIO(data))
