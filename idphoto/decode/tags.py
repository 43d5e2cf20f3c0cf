"""Exif tags of a picture, read so that no broken tag spoils the picture.

Tag numbers and meanings are those of CIPA DC-008 (Exif 3.0) and CIPA DC-009 (DCF 2.0).
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from idphoto.decode.structure import png_chunks

__all__ = ["dpi", "is_adobe_rgb", "orientation", "read", "taken"]

_LONGEST = 1_000_000  # bytes; the Exif segment of a JPEG has 64 KB at most
_INTEROP_INDEX = 1


def read(image: Any, data: bytes) -> Image.Exif:
    """Exif tags of an opened picture; none if they are broken."""
    try:
        if image.format == "TIFF":
            return image.getexif()
        # Pillow's own getexif would decode a whole PNG in search of tags behind the pixels.
        raw = image.info.get("exif") or b""
        if not raw and image.format == "PNG":
            raw = next((content for kind, content in png_chunks(data) if kind == b"eXIf"), b"")
        exif = Image.Exif()
        if len(raw) <= _LONGEST:
            exif.load(raw)
            exif.get(Base.Orientation)  # tags are parsed on first use, which may fail
    except Exception:
        exif = Image.Exif()
    return exif


def _inner(exif: Image.Exif, directory: IFD) -> dict[int, Any]:
    try:
        return exif.get_ifd(directory)
    except Exception:  # a broken inner directory leaves the outer one
        return {}


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def orientation(exif: Image.Exif) -> int:
    """Exif orientation, 1 to 8; 1 where it is missing or nonsense."""
    value = _number(exif.get(Base.Orientation))
    return int(value) if value in range(1, 9) else 1


def taken(exif: Image.Exif) -> datetime | None:
    """When the shutter opened, else when the file was written, in the camera's local time."""
    for text in (_inner(exif, IFD.Exif).get(Base.DateTimeOriginal), exif.get(Base.DateTime)):
        try:
            return datetime.strptime(str(text).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")
        except ValueError:  # cameras without a clock write zeros or spaces
            continue
    return None


def dpi(image: Any, exif: Image.Exif) -> float | None:
    """Pixels per inch by the container, or by Exif where the container has none."""
    pair = image.info.get("dpi")
    if image.format == "JPEG" and image.info.get("jfif_unit") not in (1, 2):
        pair = None  # what Pillow gives then is from Exif, or its own guess of 72
    if pair is None and image.format != "TIFF":
        per_inch = {2: 1.0, 3: 2.54}.get(exif.get(Base.ResolutionUnit, 2), math.nan)
        pair = [_number(exif.get(tag)) * per_inch for tag in (Base.XResolution, Base.YResolution)]
    across, down = (_number(value) for value in pair or (None, None))
    plausible = 1 < across < 100_000 and abs(down / across - 1) < 0.01
    return round(across, 3) if plausible else None


def is_adobe_rgb(exif: Image.Exif) -> bool:
    """Whether the tags mean Adobe RGB: DCF's optional colour space R03, or the unofficial ColorSpace 2."""
    index = str(_inner(exif, IFD.Interop).get(_INTEROP_INDEX, "")).strip("\0 ")
    return index == "R03" or _inner(exif, IFD.Exif).get(Base.ColorSpace) == 2
