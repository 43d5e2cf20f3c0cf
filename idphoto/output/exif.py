"""Write the Exif block of finished files: resolution, size, colour space, the time of capture, and nothing else."""

from __future__ import annotations

from datetime import datetime

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational

__all__ = ["build_exif"]

_INCH = 2
_SRGB = 1
_VERSION = b"0232"


def build_exif(width: int, height: int, dpi: float | None, taken: datetime | None = None) -> bytes:
    """Return the Exif block as in an APP1 segment, for an sRGB picture of this size.

    Parameters
    ----------
    width, height : int
        In pixels.
    dpi : float, optional
        Pixels per inch; kept to a thousandth.
    taken : datetime, optional
        When the photo was taken, in the camera's local time.
    """
    exif = Image.Exif()
    if dpi is not None:
        exif[Base.XResolution] = exif[Base.YResolution] = IFDRational(round(dpi * 1000), 1000)
        exif[Base.ResolutionUnit] = _INCH
    exif.get_ifd(IFD.Exif).update(
        {
            Base.ExifVersion: _VERSION,
            Base.ColorSpace: _SRGB,
            Base.ExifImageWidth: width,
            Base.ExifImageHeight: height,
        }
    )
    if taken is not None:
        exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
    return exif.tobytes()
