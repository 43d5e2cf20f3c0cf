"""Write print sheets as PDF files of exactly the size of the paper.

The coded pixels of a JPEG file go into it unchanged, so nothing is lost between the photo that was checked and
the one that is printed. Its metadata does not go into it: nobody expects the place of capture in a print sheet.

References
----------
.. [1] ISO 32000-1:2008, 7.4.8 (DCTDecode), 8.6.5.5 (ICCBased), 12.2 (viewer preferences).
"""

from __future__ import annotations

import hashlib
import zlib
from contextlib import suppress
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from idphoto import colour_profile
from idphoto.decode.jpeg_segments import strip_metadata
from idphoto.layout.sheet import TEXT_MM
from idphoto.output.jpeg import encode_jpeg
from idphoto.output.sheet_content import (
    LINE_MM,
    RULER_LINE_MM,
    choose_labels,
    decode_picture,
    open_pictures,
    set_names,
)
from idphoto.output.typefaces import UNITS_PER_EM
from idphoto.output.typesetting import write_line
from idphoto.units import MM_PER_INCH
from idphoto.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idphoto.decode import Source
    from idphoto.layout import Label, Layout, Line, Placed
    from idphoto.output import typesetting

__all__ = ["join_pdf", "open_canvas", "write_pdf"]

_PT = 72 / MM_PER_INCH  # points per mm
_FONT = "Helvetica"  # one of the 14 fonts that every PDF reader has


def write_pdf(layout: Layout, pictures: Sequence[bytes], *, title: str = "ID photos") -> bytes:
    """Write the sheets of a layout as a PDF file.

    Viewers are told to print at 100 % and on paper of this size. Equal input gives equal bytes.

    Parameters
    ----------
    layout : Layout
        From `idphoto.layout.impose`.
    pictures : sequence of bytes
        One encoded picture per item of the layout. An upright JPEG in sRGB or grey is embedded
        with its coded pixels unchanged. A JPEG that must be turned or converted to sRGB is
        encoded again; other formats are embedded without loss. No metadata is kept.
    title : str
        For the document's properties; any script.

    Returns
    -------
    bytes
        A PDF 1.7 file. The pictures are tagged as sRGB, or as grey with its curve.

    Raises
    ------
    InputError
        If the pictures do not suit the layout.
    """
    return join_pdf([(layout, pictures)], title=title)


def join_pdf(sheets: Iterable[tuple[Layout, Sequence[bytes]]], *, title: str = "ID photos") -> bytes:
    """Write the sheets of several layouts as one PDF file; each page has the size of its own paper.

    Parameters
    ----------
    sheets : iterable of (Layout, sequence of bytes)
        The arguments of :func:`write_pdf`, which tells the rest.
    title : str
        For the document's properties.
    """
    from reportlab.pdfbase.pdfmetrics import stringWidth

    file = BytesIO()
    canvas = open_canvas(file, title)
    embedded = _Embedded(canvas)
    for layout, pictures in sheets:
        opened = open_pictures(layout, pictures)
        # Each source is let go after it was embedded, with its decoded pixels.
        names = [embedded.name(data, opened.pop(0)) for data in pictures]
        size = (layout.width_mm * _PT, layout.height_mm * _PT)
        for number, page in enumerate(layout.pages):
            canvas.setPageSize(size)
            # From here on in mm, y down from the top-left corner, as the layout counts.
            canvas.transform(_PT, 0, 0, -_PT, 0, size[1])
            for photo in page.photos:
                _draw(canvas, names[photo.item], photo)
            _strokes(canvas, page.marks, LINE_MM)
            if page.ruler:
                _strokes(canvas, page.ruler.lines, RULER_LINE_MM)
            for label in choose_labels(layout, number, lambda text: stringWidth(text, _FONT, TEXT_MM)):
                _write(canvas, label)
            for label, line in set_names(layout, number):
                _write_name(canvas, label, line)
            canvas.showPage()
    canvas.save()
    return file.getvalue()


def open_canvas(file: IO[bytes], title: str) -> Any:
    """Begin a PDF file that tells viewers to print at 100 %, and in which nothing depends on the time."""
    from reportlab.pdfbase.pdfdoc import PDFName
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(file, pageCompression=1, invariant=1, pdfVersion=(1, 7))
    canvas.setTitle(title)
    canvas.setCreator(f"idphoto {__version__}")
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setCatalogEntry(
        "ViewerPreferences",
        {"PrintScaling": PDFName("None"), "PickTrayByPDFSize": "true", "DisplayDocTitle": "true"},
    )
    return canvas


class _Embedded:
    """The pictures of a PDF file, each stored once."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._spaces: dict[str, Any] = {}
        self._names: dict[bytes, str] = {}

    def name(self, data: bytes, source: Source) -> str:
        """Store a picture, unless an equal one is stored, and return the name under which it can be drawn."""
        from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream

        # ReportLab's own drawImage would wrap the JPEG in ASCII85 (a quarter longer, and only a
        # global switch prevents it) and cannot name a colour space.
        digest = hashlib.sha256(data).digest()
        if digest in self._names:
            return self._names[digest]
        coding, content, mode = _code(source)
        entries = {
            "Type": PDFName("XObject"),
            "Subtype": PDFName("Image"),
            "Width": source.stored_size.width,
            "Height": source.stored_size.height,
            "BitsPerComponent": 8,
            "ColorSpace": self._space(mode),
            "Interpolate": "false",
            "Filter": PDFName(coding),
        }
        name = f"photo{len(self._names) + 1}"
        self._names[digest] = name
        self._canvas._doc.addForm(name, PDFStream(PDFDictionary(entries), content))
        return name

    def _space(self, mode: str) -> Any:
        """Return the colour space of pictures of a mode; its profile is stored once."""
        from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream

        if mode not in self._spaces:
            channels, profile = (3, colour_profile.srgb()) if mode == "RGB" else (1, colour_profile.grey())
            stream = PDFStream(PDFDictionary({"N": channels}), profile)
            self._spaces[mode] = PDFArray([PDFName("ICCBased"), self._canvas._doc.Reference(stream)])
        return self._spaces[mode]


def _code(source: Source) -> tuple[str, bytes, str]:
    """Return the filter of the PDF, the coded pixels without metadata, and the mode of a picture."""
    upright = source.orientation == 1 and source.mode in ("grey", "rgb")
    if source.format == "jpeg" and upright and not _needs_conversion(source):
        with suppress(ValueError):  # libjpeg reads some files whose segments are out of order
            return "DCTDecode", strip_metadata(source.data), "L" if source.mode == "grey" else "RGB"
    picture = decode_picture(source)
    if source.format == "jpeg":
        return "DCTDecode", strip_metadata(encode_jpeg(np.asarray(picture)).data), picture.mode
    return "FlateDecode", zlib.compress(picture.tobytes(), 9), picture.mode


def _needs_conversion(source: Source) -> bool:
    """Return True if the colour profile of a file changes its pixels."""
    return colour_profile.changes_pixels(source.icc, "L" if source.mode == "grey" else "RGB")


def _draw(canvas: Any, name: str, photo: Placed) -> None:
    """Map the unit square of an image, whose y runs up, to the photo's place."""
    canvas.saveState()
    if photo.turned:
        # A quarter turn clockwise: what was the left edge lies on top.
        canvas.transform(0, photo.height, photo.width, 0, photo.x, photo.y)
    else:
        canvas.transform(photo.width, 0, 0, -photo.height, photo.x, photo.y + photo.height)
    canvas.doForm(name)
    canvas.restoreState()


def _strokes(canvas: Any, lines: Iterable[Line], width: float) -> None:
    canvas.setLineWidth(width)
    canvas.setStrokeGray(0)
    canvas.setLineCap(0)
    canvas.lines(lines)


def _write(canvas: Any, label: Label) -> None:
    canvas.saveState()
    canvas.translate(label.x, label.y)
    canvas.scale(1, -1)
    if label.upright:
        canvas.rotate(90)
    canvas.setFillGray(0)
    canvas.setFont(_FONT, TEXT_MM)
    # Capitals of Helvetica are 0.72 of its size high; half of that centres them.
    canvas.drawCentredString(0, -0.36 * TEXT_MM, label.text)
    canvas.restoreState()


def _write_name(canvas: Any, label: Label, line: typesetting.Line) -> None:
    """Write a name in the middle of its strip."""
    canvas.saveState()
    canvas.translate(label.x, label.y)
    canvas.scale(1, -1)
    if label.upright:
        canvas.rotate(90)
    canvas.setFillGray(0)
    # Half of the height of Noto's capitals centres them.
    write_line(canvas, (-line.width * TEXT_MM / UNITS_PER_EM / 2, -0.357 * TEXT_MM), line, TEXT_MM)
    canvas.restoreState()
