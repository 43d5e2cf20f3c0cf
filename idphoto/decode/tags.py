"""Read the Exif tags of a picture; broken tags are ignored.

Tag numbers and meanings are those of CIPA DC-008 (Exif 3.0) and CIPA DC-009 (DCF 2.0).
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from idphoto.decode.structure import EXIF_NAME, MAX_EXIF_BYTES, check_tags, iterate_png_chunks

__all__ = ["is_adobe_rgb", "is_front_camera", "read_capture_time", "read_dpi", "read_exif", "read_orientation"]

_INTEROP_INDEX = 1
_FIRST_CAPTURE = datetime(2001, 1, 2)
"""Clocks that were never set show 1970, 1980, 1990 or 2000; passport photos by digital cameras came later."""
_ZONE_TOLERANCE = timedelta(days=1)
_RESET_HOURS = 6


def read_exif(image: Any, data: bytes) -> Image.Exif:
    """Read the Exif tags of an opened picture; empty if they are broken."""
    try:
        if image.format == "TIFF":
            return image.getexif()
        # Pillow's getexif would decode a whole PNG to find tags behind the pixels.
        raw = image.info.get("exif") or b""
        if not raw and image.format == "PNG":
            raw = next((content for kind, content in iterate_png_chunks(data) if kind == b"eXIf"), b"")
        exif = Image.Exif()
        if 0 < len(raw) <= MAX_EXIF_BYTES:
            check_tags(raw.removeprefix(EXIF_NAME))
            exif.load(raw)
            exif.get(Base.Orientation)  # tags are parsed on first use, which may fail
    except Exception:
        exif = Image.Exif()
    return exif


def _inner(exif: Image.Exif, directory: IFD) -> dict[int, Any]:
    try:
        return exif.get_ifd(directory)
    except Exception:  # the outer directory may still be readable
        return {}


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def read_orientation(exif: Image.Exif) -> int:
    """Return the Exif orientation, 1 to 8; 1 if it is missing or invalid."""
    value = _number(exif.get(Base.Orientation))
    return int(value) if value in range(1, 9) else 1


def read_capture_time(exif: Image.Exif) -> datetime | None:
    """Return the time of capture, else that of writing the file, in the camera's local time.

    None if the file states neither, or states a time that cannot be true: in the future, before the first digital
    portraits, or the first hours of a clock that was never set.
    """
    for text in (_inner(exif, IFD.Exif).get(Base.DateTimeOriginal), exif.get(Base.DateTime)):
        try:
            taken = datetime.strptime(str(text).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")
        except ValueError:  # cameras without a clock write zeros or spaces
            continue
        return taken if _is_plausible(taken) else None
    return None


def _is_plausible(taken: datetime) -> bool:
    now = datetime.now()
    if not _FIRST_CAPTURE <= taken <= now + _ZONE_TOLERANCE:
        return False
    # A camera whose battery was empty starts at midnight of the first of January of some year, and runs on from
    # there. In the present year, and the one before, people do take photos on that day.
    reset = (taken.month, taken.day) == (1, 1) and taken.hour < _RESET_HOURS
    return not (reset and taken.year < now.year - 1)


def read_dpi(image: Any, exif: Image.Exif) -> float | None:
    """Return the pixels per inch that the container states, else those of Exif, else None."""
    pair = image.info.get("dpi")
    if image.format == "JPEG" and image.info.get("jfif_unit") not in (1, 2):
        pair = None  # then Pillow's value comes from Exif, or is its default of 72
    if pair is None and image.format != "TIFF":
        per_inch = {2: 1.0, 3: 2.54}.get(exif.get(Base.ResolutionUnit, 2), math.nan)
        pair = [_number(exif.get(tag)) * per_inch for tag in (Base.XResolution, Base.YResolution)]
    across, down = (_number(value) for value in pair or (None, None))
    plausible = 1 < across < 100_000 and abs(down / across - 1) < 0.01
    return round(across, 3) if plausible else None


def is_front_camera(exif: Image.Exif) -> bool:
    """Return True if Exif names the lens of a front camera, as phones do ("iPhone 15 front camera 2.69mm f/1.9")."""
    return "front" in str(_inner(exif, IFD.Exif).get(Base.LensModel, "")).lower()


def is_adobe_rgb(exif: Image.Exif) -> bool:
    """Return True if the tags mean Adobe RGB: DCF's optional colour space R03, or the unofficial ColorSpace 2."""
    index = str(_inner(exif, IFD.Interop).get(_INTEROP_INDEX, "")).strip("\0 ")
    return index == "R03" or _inner(exif, IFD.Exif).get(Base.ColorSpace) == 2
