"""Read the header of an encoded picture, without decoding a pixel."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from idphoto import colour_profile
from idphoto.decode import structure, tags
from idphoto.decode.container import detect_format, open_image, silence_pillow, translate_decoder_errors
from idphoto.decode.damage import find_damage
from idphoto.errors import ImageTooSmall, UnreadableImage
from idphoto.units import Size

if TYPE_CHECKING:
    from datetime import datetime

    from PIL import Image

__all__ = ["Header", "read_header"]

_MIN_SIDE_PX = 32  # shorter side; no face can be found in fewer pixels
_MAX_ASPECT_RATIO = 20  # longer side by shorter side; the longest panoramas have about 10

_MODES = {
    "1": "grey", "L": "grey", "I": "grey", "F": "grey", "LA": "grey-alpha", "La": "grey-alpha", "P": "palette",
    "PA": "palette", "CMYK": "cmyk", "LAB": "lab", "RGBA": "rgba", "RGBa": "rgba",
}  # fmt: skip

# Transfer functions of ITU-T H.273 that idphoto does not convert.
_TRANSFER_HDR = {16: "PQ", 18: "HLG"}
# Exponent of sRGB in the PNG chunk gAMA, and the difference from it that is rounding by the writer.
_SRGB_EXPONENT, _EXPONENT_TOLERANCE = 2.2, 0.12


@dataclass(frozen=True, eq=False, kw_only=True)
class Header:
    """Properties of an encoded picture.

    Attributes
    ----------
    format : str
        jpeg, png, webp, bmp, tiff, heic or avif.
    size : Size
        Size of the upright picture at full resolution; half of `stored_size` if the file has more pixels than are
        decoded.
    stored_size : Size
        Size of the upright picture in the file.
    mode : str
        Kind of pixels in the file: grey, grey-alpha, rgb, rgba, palette, cmyk or lab.
    bits : int
        Bits per channel.
    dpi : float, optional
        Pixels per inch, if the file states it and it is the same in both directions.
    taken : datetime, optional
        Time of capture in local time (Exif DateTimeOriginal, else DateTime).
    front_camera : bool
        True if Exif names the lens of a front camera.
    profile : str
        Name of the embedded colour profile, or of the colour space that the tags state instead;
        empty if there is neither, which means sRGB.
    frames : int
        Number of pictures in an animation or a TIFF file; the first is used.
    progressive : bool
        True for a progressive JPEG.
    subsampling : str
        Chroma subsampling of a colour JPEG, such as ``4:2:0``; otherwise empty.
    quantisation : tuple of tuple of int
        Quantisation tables of a JPEG, 64 numbers each, row by row.
    orientation : int
        Exif orientation, 1 to 8, that must still be applied to decoded pixels.
    icc : bytes
        Colour profile to convert from; empty if none is needed.
    reduction : int
        Pixels of the file to one pixel of `size`, in each direction: 1 or 2.
    """

    format: str
    size: Size
    stored_size: Size
    mode: str
    bits: int
    dpi: float | None = None
    taken: datetime | None = None
    front_camera: bool = False
    profile: str = ""
    frames: int = 1
    progressive: bool = False
    subsampling: str = ""
    quantisation: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    orientation: int = 1
    icc: bytes = field(default=b"", repr=False)
    reduction: int = 1


def read_header(data: bytes, name: str, pixel_cap: int) -> Header:
    """Read the header of an encoded picture, and refuse a picture that cannot be a portrait.

    Raises
    ------
    UnreadableImage
        If `data` is no picture of a known format, is damaged, or is far too long for its width.
    ImageTooLarge, ImageTooSmall
        If it has too many or too few pixels.
    MissingExtra
        If its format needs a package that is not installed.
    """
    form = detect_format(data, name)
    with translate_decoder_errors(name), silence_pillow():
        structure.check_structure(data, form, pixel_cap)
        image = open_image(data, form)
        exif = tags.read_exif(image, data)
        # Pillow applies the orientation of TIFF pictures itself, and libheif that of HEIC pictures.
        orientation = 1 if image.format in ("TIFF", "HEIF") else tags.read_orientation(exif)
        stored = Size(*image.size) if orientation < 5 else Size(*reversed(image.size))
        reduction = _choose_reduction(image, stored, form, pixel_cap)
        size = Size(-(-stored.width // reduction), -(-stored.height // reduction))
        if form == "tiff":
            _check_tiff(image, name)
        _check_size(stored, len(data), pixel_cap * reduction**2, name)
        dpi = tags.read_dpi(image, exif)
        profile, icc = _profile(image, exif, data, form, name)
        header = Header(
            format=form,
            size=size,
            stored_size=stored,
            mode="grey" if image.mode.startswith("I;16") else _MODES.get(image.mode, "rgb"),
            bits=_bits(image, data, form),
            dpi=None if dpi is None else dpi / reduction,
            taken=tags.read_capture_time(exif),
            front_camera=tags.is_front_camera(exif),
            profile=profile,
            frames=structure.count_tiff_pages(data) if form == "tiff" else getattr(image, "n_frames", 1),
            **(_jpeg(image) if form == "jpeg" else {}),
            orientation=orientation,
            icc=icc,
            reduction=reduction,
        )
    # The search decodes the picture, so it must not keep other threads waiting for Pillow's warnings to be silenced.
    with translate_decoder_errors(name):
        _check_damage(data, form, name)
    return header


def _choose_reduction(image: Any, size: Size, form: str, pixel_cap: int) -> int:
    """Return 2 if a picture has too many pixels, but its decoder can decode it at half of its size in less memory.

    That is so for JPEG; a progressive one is held in memory as a whole at any size.
    """
    halves = form == "jpeg" and not image.info.get("progressive")
    return 2 if halves and pixel_cap < size.width * size.height <= 4 * pixel_cap else 1


def _check_damage(data: bytes, form: str, name: str) -> None:
    """Refuse damaged files that a decoder would complete without an error."""
    if find_damage(data, form):
        raise UnreadableImage(
            f"{name} is damaged: a part of the picture is missing.",
            "Copy the original file from the camera or phone once more.",
        )


def _check_size(size: Size, length: int, pixel_cap: int, name: str) -> None:
    """Refuse pictures with too many or too few pixels, and pictures that are much too long for their width."""
    structure.check_size(*size, length, pixel_cap)
    if min(size) < _MIN_SIDE_PX:
        raise ImageTooSmall(f"{name} has only {size.width} x {size.height} pixels.", "Give the photo at full size.")
    if max(size) > _MAX_ASPECT_RATIO * min(size):
        raise UnreadableImage(f"{name} is a strip of {size.width} x {size.height} pixels.", "Give a portrait photo.")


def _check_tiff(image: Any, name: str) -> None:
    """Refuse previews of raw files, and tiles larger than the picture, which would waste memory."""
    directory = image.tag_v2
    if directory.get(254, 0) & 1 or 50706 in directory:  # NewSubfileType: a reduced version; DNGVersion
        raise UnreadableImage(f"{name} is a camera raw file.", "Develop it and save it as a JPEG.")
    room = sum(image.size) + 1024  # a tile has at least 16 pixels, and encoders round up
    if directory.get(322, 0) > room or directory.get(323, 0) > room:
        raise UnreadableImage(f"{name} has tiles larger than itself.", "Save it anew as a JPEG.")


def _profile(image: Any, exif: Image.Exif, data: bytes, form: str, name: str) -> tuple[str, bytes]:
    """Return name and bytes of the profile; a profile of this package if only tags name the colour space."""
    icc = image.info.get("icc_profile") or b""
    text = colour_profile.profile_name(icc) if icc else ""
    if text:
        return text, icc
    points = _code_points(data, form)
    if points is not None:
        made = colour_profile.from_code_points(*points)
        if made is None:
            kind = _TRANSFER_HDR.get(points[1], f"colour space {points[0]}/{points[1]} of H.273")
            raise UnreadableImage(
                f"{name} is a high dynamic range picture or has an unknown colour space ({kind}).",
                "Export it as an ordinary JPEG in sRGB.",
            )
        return ("Display P3 by nclx" if points[0] == 12 else colour_profile.profile_name(made) if made else ""), made
    if form == "png" and "srgb" not in image.info:
        made = _profile_by_gamma(image.info)
        if made:
            return colour_profile.profile_name(made), made
    if tags.is_adobe_rgb(exif):
        return "Adobe RGB (1998) by Exif", colour_profile.adobe_rgb()
    return "", b""


def _code_points(data: bytes, form: str) -> tuple[int, int] | None:
    """Return colour primaries and transfer characteristics (ITU-T H.273) of a file that states them, or None."""
    if form == "png":
        content = next((content for kind, content in structure.iterate_png_chunks(data) if kind == b"cICP"), b"")
        return (content[0], content[1]) if len(content) == 4 else None
    if form in ("heic", "avif"):
        place = data.find(b"colrnclx")  # a box of type colr whose kind is nclx (ISO/IEC 14496-12, 12.1.5)
        if 0 <= place <= len(data) - 12:
            primaries, transfer = struct.unpack_from(">HH", data, place + 8)
            return primaries, transfer
    return None


def _profile_by_gamma(info: dict[str, Any]) -> bytes:
    """Return the profile of a PNG with the chunk gAMA; nothing if the chunk is missing or means sRGB."""
    gamma = float(info.get("gamma") or 0.0)
    if not 0.2 <= gamma <= 2.5 or abs(1 / gamma - _SRGB_EXPONENT) <= _EXPONENT_TOLERANCE:
        return b""
    return colour_profile.from_gamma(round(1 / gamma, 3))


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
