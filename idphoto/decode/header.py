"""What the header of an encoded picture says, read without decoding a pixel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from idphoto import colour_profile
from idphoto.decode import structure, tags
from idphoto.decode.container import foreign, open_image, quiet, sniff
from idphoto.errors import ImageTooSmall, UnreadableImage
from idphoto.units import Size

if TYPE_CHECKING:
    from datetime import datetime

    from PIL import Image

__all__ = ["Header", "read_header"]

_SMALLEST = 32  # pixels of the shorter side; no face can be found on less
_LONGEST = 20  # longer side by shorter side; panoramas end at about 10

_MODES = {
    "1": "grey", "L": "grey", "I": "grey", "F": "grey", "LA": "grey-alpha", "La": "grey-alpha", "P": "palette",
    "PA": "palette", "CMYK": "cmyk", "LAB": "lab", "RGBA": "rgba", "RGBa": "rgba",
}  # fmt: skip

# ITU-T H.273: code points of colour primaries and of transfer functions.
_PRIMARIES_P3 = 12
_TRANSFER_HDR = {16: "PQ", 18: "HLG"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Header:
    """Facts about an encoded picture.

    Attributes
    ----------
    format : str
        jpeg, png, webp, bmp, tiff, heic or avif.
    size : Size
        Of the upright picture at full resolution.
    mode : str
        What a pixel is in the file: grey, grey-alpha, rgb, rgba, palette, cmyk or lab.
    bits : int
        Per channel.
    dpi : float, optional
        Pixels per inch, where the file says so and means it in both directions.
    taken : datetime, optional
        When the shutter opened, in local time (Exif DateTimeOriginal, else DateTime).
    profile : str
        What the embedded colour profile calls itself, or what the file's tags say in its place;
        empty if there is neither, which means sRGB.
    frames : int
        How many pictures an animation or a TIFF file holds; the first is used.
    progressive : bool
        Whether a JPEG is progressive.
    subsampling : str
        Of a colour JPEG, such as ``4:2:0``; otherwise empty.
    quantisation : tuple of tuple of int
        The tables of a JPEG, 64 numbers each, row by row.
    orientation : int
        Exif orientation that decoded pixels still need, 1 to 8.
    icc : bytes
        The colour profile by which to convert, or nothing.
    """

    format: str
    size: Size
    mode: str
    bits: int
    dpi: float | None = None
    taken: datetime | None = None
    profile: str = ""
    frames: int = 1
    progressive: bool = False
    subsampling: str = ""
    quantisation: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    orientation: int = 1
    icc: bytes = field(default=b"", repr=False)


def read_header(data: bytes, name: str, pixel_cap: int) -> Header:
    """Read the header of an encoded picture and refuse what cannot become a portrait.

    Raises
    ------
    UnreadableImage
        If `data` is no picture of a known format, is damaged or far too long for its width.
    ImageTooLarge, ImageTooSmall
        If it has too many pixels, or too few.
    MissingExtra
        If its format needs a package that is not installed.
    """
    form = sniff(data, name)
    with foreign(name), quiet():
        structure.check(data, form, pixel_cap)
        image = open_image(data, form)
        exif = tags.read(image, data)
        # Pillow turns TIFF pictures and libheif turns HEIC pictures by themselves.
        orientation = 1 if image.format in ("TIFF", "HEIF") else tags.orientation(exif)
        size = Size(*image.size) if orientation < 5 else Size(*reversed(image.size))
        if form == "tiff":
            _check_tiff(image, name)
        _check(size, len(data), pixel_cap, name)
        profile, icc = _profile(image, exif, name)
        return Header(
            format=form,
            size=size,
            mode="grey" if image.mode.startswith("I;16") else _MODES.get(image.mode, "rgb"),
            bits=_bits(image, data, form),
            dpi=tags.dpi(image, exif),
            taken=tags.taken(exif),
            profile=profile,
            frames=structure.pages(data) if form == "tiff" else getattr(image, "n_frames", 1),
            **(_jpeg(image) if form == "jpeg" else {}),
            orientation=orientation,
            icc=icc,
        )


def _check(size: Size, length: int, pixel_cap: int, name: str) -> None:
    structure.check_size(*size, length, pixel_cap)
    if min(size) < _SMALLEST:
        raise ImageTooSmall(f"{name} has only {size.width} x {size.height} pixels.", "Give the photo at full size.")
    if max(size) > _LONGEST * min(size):
        raise UnreadableImage(f"{name} is a strip of {size.width} x {size.height} pixels.", "Give a portrait photo.")


def _check_tiff(image: Any, name: str) -> None:
    """Refuse previews of raw files, and tiles larger than the picture (memory for nothing)."""
    directory = image.tag_v2
    if directory.get(254, 0) & 1 or 50706 in directory:  # NewSubfileType: a reduced version; DNGVersion
        raise UnreadableImage(f"{name} is a camera raw file.", "Develop it and save it as a JPEG.")
    room = sum(image.size) + 1024  # the least tile is 16 pixels, and encoders like round numbers
    if directory.get(322, 0) > room or directory.get(323, 0) > room:
        raise UnreadableImage(f"{name} has tiles larger than itself.", "Save it anew as a JPEG.")


def _profile(image: Any, exif: Image.Exif, name: str) -> tuple[str, bytes]:
    """Name and bytes of the profile; of one of ours where tags stand in for it."""
    icc = image.info.get("icc_profile") or b""
    text = colour_profile.profile_name(icc) if icc else ""
    if text:
        return text, icc
    nclx = image.info.get("nclx_profile") or {}
    if nclx.get("transfer_characteristics") in _TRANSFER_HDR:
        raise UnreadableImage(
            f"{name} is a high dynamic range picture ({_TRANSFER_HDR[nclx['transfer_characteristics']]}).",
            "Export it as an ordinary JPEG.",
        )
    if nclx.get("color_primaries") == _PRIMARIES_P3:
        return "Display P3 by nclx", colour_profile.display_p3()
    if tags.is_adobe_rgb(exif):
        return "Adobe RGB (1998) by Exif", colour_profile.adobe_rgb()
    return "", b""


def _bits(image: Any, data: bytes, form: str) -> int:
    if form == "png":
        return data[24]  # IHDR: after width and height
    if form == "tiff":
        bits = image.tag_v2.get(258, 1)
        return max(bits) if isinstance(bits, tuple) else int(bits)
    return int(image.info.get("bit_depth", 8))


def _jpeg(image: Any) -> dict[str, Any]:
    across, down = ([component[which] for component in image.layer] for which in (1, 2))
    names = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}
    factors = (across[0] // max(across[-1], 1), down[0] // max(down[-1], 1))
    return {
        "progressive": bool(image.info.get("progressive")),
        "subsampling": names.get(factors, "other") if len(across) == 3 else "",
        "quantisation": tuple(tuple(table) for _, table in sorted(image.quantization.items())),
    }
