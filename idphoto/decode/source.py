"""Hold a picture as given: its bytes, the facts of its header, and its pixels at any scale."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from idphoto.decode.container import translate_decoder_errors
from idphoto.decode.header import Header, read_header
from idphoto.decode.pixels import decode_pixels
from idphoto.errors import ImageTooLarge, UnreadableImage, printable

if TYPE_CHECKING:
    import os

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    Decoded = tuple[NDArray[np.uint8], NDArray[np.float32] | None]

__all__ = ["PIXEL_CAP", "Source"]

PIXEL_CAP = 150_000_000
"""Greatest number of pixels to decode. A JPEG of up to four times as many, such as the 200 million of some phones, is
decoded at half of its size."""

_MAX_FILE_BYTES = 512 * 2**20
_MAX_KEPT_BYTES = 200_000_000  # bytes of decoded pixels that one source keeps


class _Memo:
    """Cache of the last two decodes of one source: one for the analysis, one for rendering."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: dict[int, Decoded] = {}

    def keep(self, factor: int, decoded: Decoded) -> None:
        self.kept[factor] = decoded
        sizes = [sum(part.nbytes for part in parts if part is not None) for parts in self.kept.values()]
        while len(sizes) > 2 or sum(sizes) > _MAX_KEPT_BYTES:
            del self.kept[next(iter(self.kept))], sizes[0]


@dataclass(frozen=True, eq=False, kw_only=True)
class Source(Header):
    """An encoded picture with the properties of its `Header`, decoded when pixels are asked for.

    Make one with :meth:`open` or :meth:`read`. Only the encoded bytes are pickled, so that sending it
    to another process costs no more than the file. Threads may share it.

    Attributes
    ----------
    data : bytes
        The file.
    name : str
        Name of the file; messages show it as `shown_name`.
    pixel_cap : int
        Greatest number of pixels that was allowed.
    """

    data: bytes = field(repr=False)
    name: str
    pixel_cap: int
    _memo: _Memo = field(default_factory=_Memo, repr=False)

    @classmethod
    def open(cls, data: bytes, name: str = "photo", *, pixel_cap: int = PIXEL_CAP) -> Self:
        """Open an encoded picture: read its header, but decode no pixel yet.

        Parameters
        ----------
        data : bytes
            A JPEG, PNG, WebP, BMP, TIFF, HEIC or AVIF file.
        name : str
            Name for messages.
        pixel_cap : int
            Greatest number of pixels to decode. A JPEG that is not progressive may have up to four times as many; it is
            then decoded at half of its size, and `size` is that half.

        Raises
        ------
        UnreadableImage
            If it is not a picture of these formats, is damaged, or has not the shape of a portrait.
        ImageTooLarge, ImageTooSmall
            If it has more pixels than that, or a side of fewer than 32.
        MissingExtra
            If it is HEIC and pillow-heif is not installed.
        """
        data = bytes(data)
        if len(data) > _MAX_FILE_BYTES:
            raise ImageTooLarge(f"{printable(name)} has {len(data) / 2**20:.0f} MiB.", "Save it as a JPEG.")
        header = read_header(data, printable(name), pixel_cap)
        return cls(data=data, name=name, pixel_cap=pixel_cap, **vars(header))

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, pixel_cap: int = PIXEL_CAP) -> Self:
        """Read a file and open it; see :meth:`open` for further errors.

        Raises
        ------
        UnreadableImage
            If the file does not exist or may not be read, or is a folder or a device.
        """
        path = Path(path)
        try:
            if not path.is_file():
                problem = "is not a file" if path.exists() else "does not exist"
                raise UnreadableImage(f"{printable(str(path))} {problem}.", "Give the path of a picture.")
            if path.stat().st_size > _MAX_FILE_BYTES:
                raise ImageTooLarge(
                    f"{printable(path.name)} has {path.stat().st_size / 2**20:.0f} MiB.", "Save it as a JPEG."
                )
            data = path.read_bytes()
        except (OSError, ValueError) as cause:
            reason = getattr(cause, "strerror", None) or "not a path"
            raise UnreadableImage(
                f"{printable(str(path))} cannot be read: {reason}.", "Check its permissions."
            ) from cause
        return cls.open(data, path.name, pixel_cap=pixel_cap)

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.data, self.name, self.pixel_cap)

    @property
    def shown_name(self) -> str:
        """Name for messages and reports; what cannot be printed is written as an escape."""
        return printable(self.name)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    def pixels(self, scale: float = 1.0) -> tuple[NDArray[np.uint8], float]:
        """Decode the upright sRGB picture at the smallest scale that is at least `scale`.

        Scales are 1, 1/2, 1/4 and so on, so that the result does not depend on earlier calls.
        The last two results are kept.

        Parameters
        ----------
        scale : float
            Wanted pixels per source pixel; values above 1 count as 1.

        Returns
        -------
        rgb : ndarray of uint8, shape (H, W, 3)
            sRGB, read-only; transparent pixels are laid on white. H and W are the full size times
            the scale, rounded up.
        scale : float
            Actual pixels per source pixel, the same in both directions. The point (x, y) of the
            source lies exactly at ``((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5)``.

        Raises
        ------
        UnreadableImage
            If the file turns out to be damaged.
        """
        factor = self._factor(scale)
        return self._decoded(factor)[0], 1 / factor

    def alpha(self, scale: float = 1.0) -> NDArray[np.float32] | None:
        """Decode the alpha channel of the file, at the size that :meth:`pixels` returns.

        Returns
        -------
        ndarray of float32, shape (H, W), or None
            In [0, 1], read-only; None if the file has no alpha channel or all of it is opaque.
        """
        return None if self.format == "jpeg" else self._decoded(self._factor(scale))[1]

    def remember(self, rgb: NDArray[np.uint8], scale: float) -> None:
        """Keep pixels of a file without alpha that :meth:`pixels` returned earlier, so that nothing decodes them again.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (H, W, 3)
            As :meth:`pixels` returned it.
        scale : float
            The scale that it returned with it.
        """
        with self._memo.lock:
            self._memo.keep(self._factor(scale), (rgb, None))

    def _factor(self, scale: float) -> int:
        """Return the largest power of two that keeps at least the wanted scale, and at least one pixel."""
        factor = 1
        while 2 * factor * scale <= 1 and 2 * factor <= min(self.size):
            factor *= 2
        return factor

    def _decoded(self, factor: int) -> Decoded:
        with self._memo.lock:
            decoded = self._memo.kept.get(factor)
            if decoded is None:
                with translate_decoder_errors(self.shown_name):
                    decoded = decode_pixels(self.data, self, factor)
                self._memo.keep(factor, decoded)
            return decoded


def _again(cls: type[Source], data: bytes, name: str, pixel_cap: int) -> Source:
    return cls.open(data, name, pixel_cap=pixel_cap)
