"""Decode a picture to upright sRGB pixels, at full size or reduced by a power of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from idphoto import colour_profile
from idphoto.colour import composite
from idphoto.decode.container import open_image, silence_pillow

if TYPE_CHECKING:
    from collections.abc import Iterator

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
STRIP_PIXELS = 500_000
"""Pixels that are converted at a time."""

_WHITE = np.full(3, 255, dtype=np.uint8)


def decode_pixels(data: bytes, header: Header, factor: int) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
    """Decode a picture, reduced by `factor`.

    Pixel i of the result covers exactly the pixels of the header's `size` from ``factor * i`` up to, but not
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
    factor *= header.reduction
    done = _draft(image, header.orientation, factor, header.reduction) if header.format == "jpeg" else 1
    if header.format == "tiff":
        with silence_pillow():  # while it loads a TIFF, Pillow warns again of its limit on pixels
            image.load()
    else:
        image.load()
    turn = _TURNS.get(header.orientation)
    if turn is not None:
        image = image.transpose(turn)
    pixels, shares = _convert_in_strips(image, header, factor // done)
    width, height = header.stored_size
    if pixels.shape != (-(-height // factor), -(-width // factor), 3):
        raise ValueError(f"decoded to {pixels.shape}, but the header says {header.stored_size}")
    pixels.flags.writeable = False
    if shares is not None:
        shares.flags.writeable = False
    return pixels, shares


def _convert_in_strips(
    image: Image.Image, header: Header, factor: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
    """Convert a decoded, upright picture to sRGB, lay transparent pixels on white, and reduce it by `factor`.

    What is needed in between, up to 40 bytes per pixel, is in memory for one strip of rows at a time.
    """
    width, height = image.size
    rows = max(1, STRIP_PIXELS // (width * factor)) * factor

    def cut_strips() -> Iterator[Image.Image]:
        for top in range(0, height, rows):
            yield image.crop((0, top, width, min(top + rows, height)))

    white = _find_white(cut_strips(), header.bits) if image.mode[0] in "IF" else 255.0
    has_cover = _has_cover(image) and _cover_says_something(cut_strips())
    size = (-(-height // factor), -(-width // factor))
    pixels = np.empty((*size, 3), dtype=np.uint8)
    shares = np.empty(size, dtype=np.float32) if has_cover else None
    top = 0
    for strip in cut_strips():
        place = slice(top, top - (-strip.height // factor))
        top = place.stop
        picture, cover = _split(strip, white)
        if shares is None or cover is None:
            # Colour conversion takes longer than decoding, so it is done on the reduced picture.
            pixels[place] = np.asarray(colour_profile.convert_to_srgb(_reduced(picture, factor), header.icc))
            continue
        # Transparent and opaque pixels must not mix when they are averaged, so they are composited before.
        alpha = np.asarray(cover, dtype=np.float32) / 255
        rgb = composite(np.asarray(colour_profile.convert_to_srgb(picture, header.icc)), alpha, _WHITE)
        pixels[place] = np.asarray(_reduced(Image.fromarray(rgb), factor))
        shares[place] = np.asarray(_reduced(cover, factor), dtype=np.float32) / 255
    return pixels, shares


def _draft(image: Any, orientation: int, factor: int, least: int) -> int:
    """Make libjpeg decode at a smaller scale, and return that scale's factor, a divisor of `factor`.

    libjpeg counts its blocks from the top left corner of the stored picture. If another corner is the
    top left one of the upright picture, and the size is no multiple of the factor, pixels would be
    shifted. Then a smaller factor is used here, and the rest of the reduction follows after turning. It is not smaller
    than `least`: of pictures that are too large for memory, the pixels are shifted by at most one stored pixel.
    """
    width, height = image.size
    for scale in (8, 4, 2):
        shifts = (orientation in _RIGHT_FIRST and width % scale) or (orientation in _BOTTOM_FIRST and height % scale)
        if scale <= factor and (scale == least or not shifts):
            image.draft(None, (width // scale, height // scale))
            if image.size != (-(-width // scale), -(-height // scale)):
                raise ValueError(f"decoded at {image.size}, not at one {scale}th of {width} x {height}")
            return scale
    return 1


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Reduce a picture by averaging boxes of `factor` by `factor` pixels."""
    return image.reduce(factor) if factor > 1 else image


def _has_cover(image: Image.Image) -> bool:
    """Return True if a decoded picture has an alpha channel, or colours that are transparent."""
    return image.mode in ("LA", "La") or bool(image.has_transparency_data and not image.mode.startswith("I"))


def _cover_says_something(strips: Iterator[Image.Image]) -> bool:
    """Return True unless the whole alpha channel is opaque, or all of it is zero.

    Some Windows programs leave the fourth byte of a BMP at zero. Taken as alpha, it would hide everything.
    """
    darkest, brightest = 255, 0
    for strip in strips:
        cover = _split(strip, 255.0)[1]
        assert cover is not None
        levels = np.asarray(cover)
        darkest, brightest = min(darkest, int(levels.min())), max(brightest, int(levels.max()))
        if darkest < 255 and brightest > 0:
            return True
    return False


def _split(image: Image.Image, white: float) -> tuple[Image.Image, Image.Image | None]:
    """Split a picture into 8-bit L, RGB, CMYK or LAB, and its alpha channel, None if it has none.

    `white` is the level of white in a grey picture of more than 8 bits.
    """
    if _has_cover(image):
        image = image.convert("LA" if image.mode in ("LA", "La") else "RGBA")
        return image.convert("RGB" if image.mode == "RGBA" else "L"), image.getchannel("A")
    if image.mode == "1":
        return image.convert("L"), None
    if image.mode[0] in "IF":
        return Image.fromarray(_eight_bits(_finite(image), white)), None
    return image if image.mode in ("L", "RGB", "CMYK", "LAB") else image.convert("RGB"), None


def _finite(image: Image.Image) -> NDArray[Any]:
    """Return grey values of more than 8 bits; what is no number or infinite is black."""
    values = np.asarray(image)
    return np.nan_to_num(values, posinf=0.0, neginf=0.0) if values.dtype.kind == "f" else values


def _find_white(strips: Iterator[Image.Image], bits: int) -> float:
    """Return the level of white in a grey picture of more than 8 bits: by the depth, or by the range of reals."""
    brightest, is_real = 0.0, False
    for strip in strips:
        brightest, is_real = max(brightest, float(_finite(strip).max())), strip.mode == "F"
    if is_real:
        return next((top for top in (1.0, 255.0, 65535.0) if brightest <= top), brightest)
    depth = float(2 ** min(bits, 16) - 1)
    return max(depth, brightest) if bits > 16 else depth


def _eight_bits(values: NDArray[Any], white: float) -> NDArray[np.uint8]:
    return np.rint(np.clip(values / white, 0.0, 1.0) * 255).astype(np.uint8)
