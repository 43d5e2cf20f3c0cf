"""Build the Exif block of a finished photo: resolution, size and colour space, nothing else."""

from __future__ import annotations

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational

__all__ = ["build_exif"]

_INCH = 2
_SRGB = 1
_VERSION = b"0232"


def build_exif(width: int, height: int, dpi: float | None) -> bytes:
    """Return the Exif block for the APP1 segment of an sRGB picture.

    Parameters
    ----------
    width, height : int
        In pixels.
    dpi : float, optional
        Pixels per inch; kept to a thousandth.
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
    return exif.tobytes()
