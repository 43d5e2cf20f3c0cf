"""Write baseline JPEG files in sRGB, with the best quality that the limits on the length allow.

The metadata are the resolution (in JFIF and in Exif), the sRGB profile, and an XMP note on how the photo was made.
No metadata of the source are kept.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from idphoto.errors import CannotFit
from idphoto.output.encoded_file import EncodedFile, FileLimits
from idphoto.output.jpeg_quality import choose_quality
from idphoto.output.jpeg_writer import JpegAssembler
from idphoto.output.verify import verify_jpeg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["encode_jpeg"]

# Quality without a floor on the length: above 95, files grow without a visible difference.
_DEFAULT_QUALITY = 95
# Down to the first, colour is kept at full resolution; below the second, a portrait looks poor.
_GOOD_QUALITY, _FAIR_QUALITY = 70, 60
_MAX_METADATA_SHARE = 0.05  # of the file; beyond it the colour profile (500 bytes) is left out first
_MIN_CLEAN_QUALITY = 40  # below it, blocks are visible on skin


class _Rung(NamedTuple):
    """A way to write the file, with the qualities to choose from."""

    subsampling: str
    profiled: bool
    qualities: range


def encode_jpeg(
    picture: NDArray[np.uint8],
    *,
    dpi: float | None = None,
    limits: FileLimits | None = None,
    xmp: bytes = b"",
    taken: datetime | None = None,
) -> EncodedFile:
    """Write a picture as a baseline JPEG within limits on its length.

    If there is a ceiling, the highest quality that fits is used: first with colour at full resolution (4:4:4) down to
    quality 70, then at half resolution (4:2:0). In a very small file the colour profile is left out, and only the Exif
    tag says sRGB. If there is a floor, the quality is raised up to 100; then comment segments are added.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3) or (H, W)
        sRGB, or grey with the curve of sRGB.
    dpi : float, optional
        Pixels per inch.
    limits : FileLimits, optional
        What the document asks of the file.
    xmp : bytes
        A packet to embed, as `build_xmp` writes it.
    taken : datetime, optional
        When the photo was taken, for Exif.

    Raises
    ------
    CannotFit
        If no file of this picture can keep the limits; the message says how close it comes.
    StageFailed
        If the file, opened again, is not what it should be.
    """
    limits = limits or FileLimits()
    image = Image.fromarray(picture)
    if limits.grey:
        image = image.convert("L")
    colour = image.mode == "RGB"
    floor, ceiling = limits.band(*image.size)
    writer = JpegAssembler(image, dpi, xmp, taken)
    rungs = _rungs(limits.quality, colour=colour, tight=writer.overhead > ceiling * _MAX_METADATA_SHARE)
    for rung in rungs:
        length = partial(writer.length, rung.subsampling, rung.profiled)
        chosen = choose_quality(length, rung.qualities, floor, ceiling, top=limits.quality or 100)
        if chosen is not None:
            break
    else:
        raise _cannot_fit(image, length(rung.qualities[0]), floor, ceiling, limits.quality)

    quality, padding = chosen
    data = writer.file(rung.subsampling, rung.profiled, quality, padding)
    verify_jpeg(data, image.size, dpi, writer.profile if rung.profiled else b"", xmp)
    return EncodedFile(
        data=data,
        format="jpeg",
        quality=quality,
        subsampling=rung.subsampling if colour else "",
        padding=padding,
        notes=tuple(_notes(quality, padding, rung, prescribed=limits.quality is not None)),
    )


def _rungs(prescribed: int | None, *, colour: bool, tight: bool) -> list[_Rung]:
    """Return the ways to write the file, the best first.

    If the metadata take a large part of the file (`tight`), the colour profile is given up before the quality.
    Otherwise it is given up last, since that saves very little.
    """
    if prescribed is None:
        good, fair, poor = (
            range(_GOOD_QUALITY, _DEFAULT_QUALITY + 1),
            range(_FAIR_QUALITY, _DEFAULT_QUALITY + 1),
            range(1, _FAIR_QUALITY),
        )
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
    if quality < _MIN_CLEAN_QUALITY and not prescribed:
        yield f"The limit on the file's length left only JPEG quality {quality}; blocks may show."
    if padding:
        yield f"{padding} bytes of padding were added to reach the smallest length allowed."
