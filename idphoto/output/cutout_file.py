"""Write a cutout in the format that the name of its file says."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PIL import Image

from idphoto import colour_profile
from idphoto.errors import InputError

if TYPE_CHECKING:
    from idphoto.job import CutoutForm

__all__ = ["CUTOUT_FORMATS_OF_SUFFIXES", "convert_cutout", "find_cutout_format"]

CUTOUT_FORMATS_OF_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp"}
)
"""Suffix of a file to the format that is written."""

WITHOUT_TRANSPARENCY = frozenset({"jpeg", "bmp"})
MAX_WEBP_SIDE_PX = 16383


def find_cutout_format(path: Path, form: CutoutForm) -> str:
    """Return the format that the name of a file says.

    Raises
    ------
    InputError
        If cutouts are not written in that format, or the format cannot hold a cutout of that form.
    """
    kind = CUTOUT_FORMATS_OF_SUFFIXES.get(path.suffix.lower())
    if kind is None:
        said = f"files with the suffix '{path.suffix}'" if path.suffix else "files without a suffix"
        raise InputError(f"Cutouts are not written as {said}.", f"Name a {', '.join(CUTOUT_FORMATS_OF_SUFFIXES)} file.")
    if kind in WITHOUT_TRANSPARENCY and form in ("rgba", "crop"):
        raise InputError(
            f"{kind.upper()} cannot be transparent.", "Name a .png, .webp or .tif file, or use --form white."
        )
    return kind


def convert_cutout(png: bytes, kind: str) -> bytes:
    """Write a cutout that is a PNG as WebP, TIFF or BMP; none of its pixels changes.

    Parameters
    ----------
    png : bytes
        The cutout.
    kind : str
        ``webp``, ``tiff`` or ``bmp``.

    Raises
    ------
    InputError
        If it has more pixels than the format can hold.
    """
    image = Image.open(io.BytesIO(png))
    if kind == "webp" and max(image.size) > MAX_WEBP_SIDE_PX:
        raise InputError(
            f"WebP holds at most {MAX_WEBP_SIDE_PX} pixels a side, not {max(image.size)}.", "Name a .png file."
        )
    profile = colour_profile.grey() if image.mode == "L" else colour_profile.srgb()
    options: dict[str, Any] = {"icc_profile": profile}
    if kind == "webp":
        options |= {"lossless": True, "exact": True}
    elif kind == "tiff":
        options |= {"compression": "tiff_deflate"}
    else:
        options = {}
    density = {"dpi": image.info["dpi"]} if "dpi" in image.info and kind != "webp" else {}
    file = io.BytesIO()
    image.save(file, kind, **options, **density)
    return file.getvalue()
