"""Build small ICC profiles, and convert pictures with an embedded profile to sRGB.

LittleCMS does the conversion. The profiles are built here, because LittleCMS writes the time of day into
its own profiles, and idphoto must write the same bytes each time.

References
----------
.. [1] ICC.1:2010 (profile version 4.3), clauses 7 to 10.
.. [2] IEC 61966-2-1:1999 (sRGB); Adobe RGB (1998) Color Image Encoding, version 2005-05;
   SMPTE EG 432-1:2010 (P3 primaries), as Apple's Display P3 uses them with the sRGB curve.
.. [4] ITU-T H.273 (2021), tables 2 and 3: code points of colour primaries and transfer characteristics.
.. [3] Lam, Metamerism and Colour Constancy, Bradford 1985; the matrix as printed in [1]_, annex E.
"""

from __future__ import annotations

import hashlib
import io
import struct
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "adobe_rgb",
    "changes_pixels",
    "convert_to_srgb",
    "display_p3",
    "from_code_points",
    "from_gamma",
    "grey",
    "profile_name",
    "srgb",
]

_D50 = (0.9642, 1.0, 0.8249)  # XYZ of the white of the profile connection space [1]_
_D65 = (0.3127, 0.3290)  # chromaticity of the white of all three RGB spaces [2]_
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])  # [3]_

# Parametric curves as ICC numbers them: a power, and a power with a straight foot. [1]_, 10.18
_SRGB_CURVE = (3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
_ADOBE_CURVE = (0, (2 + 51 / 256,))

# Longer embedded profiles are ignored; the largest printing profiles have 2 to 3 MB.
_MAX_PROFILE_BYTES = 8_000_000
MAX_KEPT_BYTES, MIN_KEPT_BYTES = 16_000_000, 500_000
"""Bytes of profiles whose transforms are kept, and how many each counts at least. A transform that mixes channels has a
table of up to 600 KB."""

# A profile that changes no channel by more than this counts as sRGB, in 8-bit levels.
_SRGB_TOLERANCE = 1


def _fixed(*values: float) -> bytes:
    """Encode numbers as signed 16.16 fixed point, big-endian."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _text(text: str) -> bytes:
    """Encode a multi-localised text with one English record."""
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", 2 * len(text), 28) + text.encode("utf-16-be")


def _assemble(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    """Join header, tag table and tags; tags with equal content share one copy."""
    place = 128 + 4 + 12 * len(tags)
    table, body, seen = b"", b"", dict[bytes, tuple[int, int]]()
    for name, content in tags:
        if content not in seen:
            seen[content] = (place + len(body), len(content))
            body += content + b"\0" * (-len(content) % 4)
        table += struct.pack(">4sII", name, *seen[content])
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI",
        *(place + len(body), b"\0\0\0\0", 0x04300000, b"mntr", space, b"XYZ "),
        *(2026, 1, 1, 0, 0, 0),
        *(b"acsp", b"\0\0\0\0", 0, b"\0\0\0\0", b"\0\0\0\0", 0, 0),
    )
    return (header + _fixed(*_D50)).ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _build(
    name: str, curve: tuple[int, tuple[float, ...]], primaries: tuple[tuple[float, float], ...] | None = None
) -> bytes:
    """Build a version 4 display profile of an RGB space with a D65 white, or of a grey space."""
    kind, numbers = curve
    shape = struct.pack(">4sIHH", b"para", 0, kind, 0) + _fixed(*numbers)
    tags = [
        (b"desc", _text(name)),
        (b"cprt", _text("CC0")),
        (b"wtpt", b"XYZ \0\0\0\0" + _fixed(*_D50)),
    ]
    if primaries is None:
        return _assemble(b"GRAY", [*tags, (b"kTRC", shape)])
    xyz = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in (*primaries, _D65)]).T
    scales = np.linalg.solve(xyz[:, :3], xyz[:, 3])
    cones = (_BRADFORD @ np.array(_D50)) / (_BRADFORD @ xyz[:, 3])
    adapt = np.linalg.solve(_BRADFORD, cones[:, None] * _BRADFORD)
    colorants = adapt @ (xyz[:, :3] * scales)
    tags.append((b"chad", b"sf32\0\0\0\0" + _fixed(*adapt.ravel())))
    tags += [
        (b"%cXYZ" % letter, b"XYZ \0\0\0\0" + _fixed(*column))
        for letter, column in zip(b"rgb", colorants.T, strict=True)
    ]
    return _assemble(b"RGB ", [*tags, *((b"%cTRC" % letter, shape) for letter in b"rgb")])


@lru_cache(maxsize=1)
def srgb() -> bytes:
    """Return a profile of sRGB: under 500 bytes, and always the same bytes."""
    return _build("sRGB", _SRGB_CURVE, ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)))


@lru_cache(maxsize=1)
def grey() -> bytes:
    """Return a profile of grey pictures with the curve of sRGB."""
    return _build("sRGB grey", _SRGB_CURVE)


@lru_cache(maxsize=1)
def adobe_rgb() -> bytes:
    """Return a profile of Adobe RGB (1998)."""
    return _build("Adobe RGB (1998)", _ADOBE_CURVE, ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)))


@lru_cache(maxsize=1)
def display_p3() -> bytes:
    """Return a profile of Apple's Display P3."""
    return _build("Display P3", _SRGB_CURVE, ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)))


_SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_BT709_CURVE = (3, (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081))
_CODED_PRIMARIES = {
    1: _SRGB_PRIMARIES,
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # P3 with D65
}
_CODED_CURVES = {
    1: _BT709_CURVE, 6: _BT709_CURVE, 14: _BT709_CURVE, 15: _BT709_CURVE, 4: (0, (2.2,)), 5: (0, (2.8,)),
    8: (0, (1.0,)), 13: _SRGB_CURVE,
}  # fmt: skip


@lru_cache(maxsize=64)
def from_code_points(primaries: int, transfer: int) -> bytes | None:
    """Return a profile for the code points of ITU-T H.273, as PNG (cICP), HEIF and AVIF (nclx) state them [4]_.

    Returns
    -------
    bytes or None
        Empty for sRGB itself, also as BT.709 video states it; None if the code points cannot be converted, as those
        of high dynamic range.
    """
    if primaries in (1, 2) and transfer in (1, 2, 6, 13):
        return b""
    if primaries == 12 and transfer in (2, 13):
        return display_p3()
    if primaries not in _CODED_PRIMARIES or transfer not in _CODED_CURVES:
        return None
    return _build(f"H.273 {primaries}/{transfer}", _CODED_CURVES[transfer], _CODED_PRIMARIES[primaries])


@lru_cache(maxsize=64)
def from_gamma(exponent: float, primaries: tuple[tuple[float, float], ...] = _SRGB_PRIMARIES) -> bytes:
    """Return a profile with a power curve, as the PNG chunks gAMA and cHRM describe it.

    Parameters
    ----------
    exponent : float
        Of the curve from stored values to light; 1 for linear light.
    primaries : tuple
        Chromaticities x and y of red, green and blue.
    """
    return _build(f"gamma {exponent:.3g}", (0, (exponent,)), primaries)


def profile_name(profile: bytes) -> str:
    """Return the name in a profile, at most 80 characters; empty only if the profile cannot be read."""
    if len(profile) > _MAX_PROFILE_BYTES:
        return ""
    try:
        text = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except Exception:  # a broken profile is ignored: the picture can still be used
        return ""
    return "".join(character for character in text if character.isprintable()).strip()[:80] or "unnamed"


def convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a picture into sRGB.

    The intent is relative colorimetric. It keeps each colour that sRGB can show, and skin is such a
    colour; the perceptual intent may change them. Black-point compensation maps the ink black of a CMYK
    profile to black, as photo editors do. Between two displays it changes nothing.

    Parameters
    ----------
    image : PIL.Image.Image
        Of mode L, RGB, CMYK or LAB.
    profile : bytes, optional
        The embedded ICC profile. It is ignored if it is broken, or made for another colour model than
        the picture has. Without a profile, the picture is treated as sRGB (CMYK: as ideal inks).

    Returns
    -------
    PIL.Image.Image
        Of mode RGB; `image` itself if it is RGB and needs no conversion.
    """
    if image.mode == "LAB":
        profile = b""  # CIELAB needs no profile: its numbers are defined
    elif not profile or len(profile) > _MAX_PROFILE_BYTES:
        return image if image.mode == "RGB" else image.convert("RGB")
    transform = _transform(profile, image.mode)
    if transform is None and image.mode == "L":
        # Greyscale files with an RGB profile are common. The profile then describes the grey axis.
        image = image.convert("RGB")
        transform = _transform(profile, "RGB")
    if transform is None:
        return image if image.mode == "RGB" else image.convert("RGB")
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None
    return converted


def changes_pixels(profile: bytes, mode: str) -> bool:
    """Return True if the conversion of a picture of mode L or RGB from this profile to sRGB changes its pixels."""
    if not profile or len(profile) > _MAX_PROFILE_BYTES:
        return False
    transform = _transform(profile, mode)
    if transform is None and mode == "L":
        transform = _transform(profile, "RGB")
    return transform is not None


class _Kept:
    """Results by the hash of a profile, as many as were made from `MAX_KEPT_BYTES` of profiles.

    A cache that is keyed by the profile itself would keep the profiles of strangers, up to 8 MB each.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: OrderedDict[tuple[bytes, str], tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def get(self, profile: bytes, mode: str, make: Callable[[bytes, str], Any]) -> Any:
        """Return the result of ``make(profile, mode)``, from an earlier call if it is still kept."""
        key = (hashlib.sha256(profile).digest(), mode)
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key][0]
        result = make(profile, mode)
        cost = len(profile) + MIN_KEPT_BYTES
        with self._lock:
            if key not in self._results:
                self._results[key] = (result, cost)
                self._bytes += cost
            while self._bytes > MAX_KEPT_BYTES:
                self._bytes -= self._results.popitem(last=False)[1][1]
        return result


_kept = _Kept()


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform from a profile (empty: from CIELAB) to sRGB; None if none is possible or needed."""
    transform: ImageCms.ImageCmsTransform | None = _kept.get(profile, mode, _build_transform)
    return transform


def _build_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile) if profile else ImageCms.createProfile("LAB"))
        transform = ImageCms.buildTransform(
            opened,
            ImageCms.ImageCmsProfile(io.BytesIO(srgb())),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return None if _changes_nothing(transform, mode) else transform
    except Exception:  # as in profile_name(): a broken profile is ignored
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Return True if a transform keeps a grid of colours, or all greys, as they are."""
    if mode == "RGB":
        axis = np.linspace(0, 255, 17).round().astype(np.uint8)
        probe = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(17, -1, 3)
    elif mode == "L":
        probe = np.arange(256, dtype=np.uint8)[None]
    else:
        return False
    before = Image.fromarray(probe)
    after = ImageCms.applyTransform(before, transform)
    assert after is not None
    moved = np.asarray(after, dtype=np.int16) - np.asarray(before.convert("RGB"), dtype=np.int16)
    return bool(np.abs(moved).max() <= _SRGB_TOLERANCE)
