"""Decode a picture to upright sRGB pixels, at full size or reduced by a power of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from idphoto import colour_profile
from idphoto.colour import composite
from idphoto.decode.container import open_image, silence_pillow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.decode.header import Header

__all__ = ["decode_pixels"]

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Orientations in which the right edge, or the bottom edge, of the stored picture becomes a left or top edge.
_RIGHT_FIRST = frozenset({2, 3, 7, 8})
_BOTTOM_FIRST = frozenset({3, 4, 6, 7})
_WHITE = np.full(3, 255, dtype=np.uint8)


def decode_pixels(data: bytes, header: Header, factor: int) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
    """Decode a picture, reduced by `factor`.

    Pixel i of the result covers exactly the source pixels from ``factor * i`` up to, but not
    including, ``factor * (i + 1)``. The last pixel may reach beyond the edge.

    Parameters
    ----------
    data : bytes
        The encoded picture.
    header : Header
        Its header.
    factor : int
        A power of two.

    Returns
    -------
    rgb : ndarray of uint8, shape (ceil(height / factor), ceil(width / factor), 3)
        Upright sRGB; transparent pixels are laid on white. Read-only.
    alpha : ndarray of float32, same height and width
        Alpha channel of the file in [0, 1], read-only; None if there is none or all of it is opaque.

    Raises
    ------
    Exception
        Any exception, if the file is broken: call this inside `container.translate_decoder_errors`.
    """
    image = open_image(data, header.format)
    done = _draft(image, header.orientation, factor) if header.format == "jpeg" else 1
    picture, cover = _load_upright(image, header)
    if cover is not None:
        alpha = np.asarray(cover, dtype=np.float32) / 255
        # Transparent and opaque pixels must not mix when they are averaged, so they are composited before.
        rgb = composite(np.asarray(colour_profile.convert_to_srgb(picture, header.icc)), alpha, _WHITE)
        result = _reduced(Image.fromarray(rgb), factor)
        shares = np.asarray(_reduced(cover, factor), dtype=np.float32) / 255
        shares.flags.writeable = False
    else:
        # Colour conversion takes longer than decoding, so it is done on the reduced picture.
        result = colour_profile.convert_to_srgb(_reduced(picture, factor // done), header.icc)
        shares = None
    pixels = np.asarray(result)
    width, height = header.size
    if pixels.shape != (-(-height // factor), -(-width // factor), 3):
        raise ValueError(f"decoded to {pixels.shape}, but the header says {header.size}")
    pixels.flags.writeable = False
    return pixels, shares


def _load_upright(image: Any, header: Header) -> tuple[Image.Image, Image.Image | None]:
    """Decode a picture and turn it upright; return it and its alpha channel, None if that is opaque."""
    if header.format == "tiff":
        with silence_pillow():  # while it loads a TIFF, Pillow warns again of its limit on pixels
            image.load()
    else:
        image.load()
    picture, cover = _split(image, header.bits)
    turn = _TURNS.get(header.orientation)
    if turn is None:
        return picture, cover
    return picture.transpose(turn), cover.transpose(turn) if cover is not None else None


def _draft(image: Any, orientation: int, factor: int) -> int:
    """Make libjpeg decode at a smaller scale, and return that scale's factor, a divisor of `factor`.

    libjpeg counts its blocks from the top left corner of the stored picture. If another corner is the
    top left one of the upright picture, and the size is no multiple of the factor, pixels would be
    shifted. Then a smaller factor is used here, and the rest of the reduction follows after turning.
    """
    width, height = image.size
    for scale in (8, 4, 2):
        shifts = (orientation in _RIGHT_FIRST and width % scale) or (orientation in _BOTTOM_FIRST and height % scale)
        if scale <= factor and not shifts:
            image.draft(None, (width // scale, height // scale))
            if image.size != (-(-width // scale), -(-height // scale)):
                raise ValueError(f"decoded at {image.size}, not at one {scale}th of {width} x {height}")
            return scale
    return 1


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Reduce a picture by averaging boxes of `factor` by `factor` pixels."""
    return image.reduce(factor) if factor > 1 else image


def _split(image: Image.Image, bits: int) -> tuple[Image.Image, Image.Image | None]:
    """Split a picture into 8-bit L, RGB, CMYK or LAB, and its alpha channel, None if that is opaque."""
    if image.mode in ("LA", "La"):
        image = image.convert("LA")
        picture, cover = image.getchannel("L"), image.getchannel("A")
    elif image.has_transparency_data and not image.mode.startswith("I"):
        image = image.convert("RGBA")
        picture, cover = image.convert("RGB"), image.getchannel("A")
    elif image.mode == "1":
        return image.convert("L"), None
    elif image.mode[0] in "IF":
        return Image.fromarray(_eight_bits(np.asarray(image), bits)), None
    elif image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image, None
    else:
        return image.convert("RGB"), None
    # Some Windows programs leave the fourth byte of a BMP at zero. Taken as alpha, it would hide everything.
    meaningless = cover.getextrema() in ((255, 255), (0, 0))
    return picture, None if meaningless else cover


def _eight_bits(values: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Convert grey values of more than 8 bits to uint8: integers by their depth, reals by their range."""
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
        brightest = float(values.max(initial=0.0))
        top = next((top for top in (1.0, 255.0, 65535.0) if brightest <= top), brightest)
    else:
        top = float(2 ** min(bits, 16) - 1)
        top = max(top, float(values.max(initial=0)) if bits > 16 else top)
    return np.rint(np.clip(values / top, 0.0, 1.0) * 255).astype(np.uint8)
