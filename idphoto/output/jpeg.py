"""The JPEG writer: baseline, in sRGB, and as good as the limits on its length allow.

Metadata is what we know and no more: resolution twice (JFIF and Exif), the sRGB profile, and our
note on how the photo was made. Nothing of the source's metadata comes along.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from idphoto.errors import CannotFit
from idphoto.output.fit import choose
from idphoto.output.jpeg_writer import JpegWriter
from idphoto.output.result import Encoded, Limits
from idphoto.output.verify import verify_jpeg

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["encode_jpeg"]

# Where nothing asks for more: above 95, files grow and nobody sees a difference.
_DEFAULT = 95
# Down to the first, colour is kept at full resolution; below the second, a portrait looks poor.
_GOOD, _FAIR = 70, 60
_SHARE = 0.05  # of the file that metadata may take before its profile (500 bytes) is too dear
_POOR = 40  # below, blocks show on skin


class _Rung(NamedTuple):
    """One way to write the file, with the qualities to choose from."""

    subsampling: str
    profiled: bool
    qualities: range


def encode_jpeg(
    picture: NDArray[np.uint8], *, dpi: float | None = None, limits: Limits | None = None, xmp: bytes = b""
) -> Encoded:
    """Write a picture as a baseline JPEG within limits on its length.

    Under a ceiling the highest quality that fits is taken, first with colour at full resolution
    (4:4:4) down to quality 70, then at half resolution (4:2:0). A tiny file goes without the colour
    profile, of which only the Exif tag for sRGB remains. A floor is reached by quality up to 100,
    then by comment segments.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3) or (H, W)
        sRGB, or grey with the curve of sRGB.
    dpi : float, optional
        Pixels per inch.
    limits : Limits, optional
        What the document asks of the file.
    xmp : bytes
        A packet to embed, as `xmp_packet` writes it.

    Raises
    ------
    CannotFit
        If no file of this picture can keep the limits; the message says how close it comes.
    StageFailed
        If the file, opened again, is not what it should be.
    """
    limits = limits or Limits()
    image = Image.fromarray(picture)
    if limits.grey:
        image = image.convert("L")
    colour = image.mode == "RGB"
    floor, ceiling = limits.band(*image.size)
    writer = JpegWriter(image, dpi, xmp)
    rungs = _rungs(limits.quality, colour=colour, tight=writer.overhead > ceiling * _SHARE)
    for rung in rungs:
        length = partial(writer.length, rung.subsampling, rung.profiled)
        chosen = choose(length, rung.qualities, floor, ceiling, top=limits.quality or 100)
        if chosen is not None:
            break
    else:
        raise _cannot_fit(image, length(rung.qualities[0]), floor, ceiling, limits.quality)

    quality, padding = chosen
    data = writer.file(rung.subsampling, rung.profiled, quality, padding)
    verify_jpeg(data, image.size, dpi, writer.profile if rung.profiled else b"", xmp)
    return Encoded(
        data=data,
        format="jpeg",
        quality=quality,
        subsampling=rung.subsampling if colour else "",
        padding=padding,
        notes=tuple(_notes(quality, padding, rung, prescribed=limits.quality is not None)),
    )


def _rungs(prescribed: int | None, *, colour: bool, tight: bool) -> list[_Rung]:
    """Ways to write the file, from the best down.

    Where metadata takes a good part of the file (`tight`), its colour profile goes before quality
    does; elsewhere it goes last, for it would buy next to nothing.
    """
    if prescribed is None:
        good, fair, poor = range(_GOOD, _DEFAULT + 1), range(_FAIR, _DEFAULT + 1), range(1, _FAIR)
    else:
        good = fair = poor = range(prescribed, prescribed + 1)
    half = "4:2:0" if colour else "4:4:4"  # one channel has nothing to halve
    return [
        _Rung("4:4:4", True, good),
        _Rung(half, True, fair),
        _Rung(half, False, fair) if tight else _Rung(half, True, poor),
        _Rung(half, False, poor),
    ]


def _cannot_fit(image: Image.Image, smallest: int, floor: int, ceiling: float, prescribed: int | None) -> CannotFit:
    at = f"At {image.width} x {image.height} pixels" + (f" and quality {prescribed}" if prescribed else "")
    advice = "Ask for another size in pixels, or for a wider limit."
    if smallest > ceiling:
        return CannotFit(f"{at} the smallest JPEG has {smallest} bytes, over the {ceiling:.0f} allowed.", advice)
    return CannotFit(f"{at} no JPEG has between {floor} and {ceiling:.0f} bytes.", advice)


def _notes(quality: int, padding: int, rung: _Rung, *, prescribed: bool) -> Iterator[str]:
    if not rung.profiled:
        yield "The colour profile was left out to save space; Exif still says that the colours are sRGB."
    if quality < _POOR and not prescribed:
        yield f"The limit on the file's length left only JPEG quality {quality}; blocks may show."
    if padding:
        yield f"{padding} bytes of padding were added to reach the smallest length allowed."
