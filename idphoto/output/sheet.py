"""Make the files of a print sheet from photos and a paper: PDF, or pictures for a photo lab."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from idphoto import messages
from idphoto.decode import Source
from idphoto.errors import IdPhotoError, InputError, NoEffect, UnknownSpec
from idphoto.job import field_of
from idphoto.layout import Item, find_fuller_layout, impose
from idphoto.output.xmp import find_xmp, read_xmp
from idphoto.report import Note, PrintSheet
from idphoto.spec import load_papers, load_spec, spec_ids
from idphoto.units import Extent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.job import Job
    from idphoto.layout import Layout
    from idphoto.spec import Spec

__all__ = [
    "MadeSheets",
    "SheetOptions",
    "find_idle_sheet_options",
    "find_size_on_paper",
    "make_sheets",
    "paper_mm",
    "photo_mm",
    "read_sheet_item",
    "refuse_idle_sheet_options",
]

MIN_PRINTER_MARGIN_MM = 3.0
"""White border that most printers for home leave unless they print without borders; labs cut off up to 2 mm."""
MAX_COPIES_DIGITS = 9  # a longer number after a colon belongs to the name of the file


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """Options of a print sheet; lengths in mm, see :class:`idphoto.stages.sheet.Sheet`."""

    paper: str
    gap: float | None = None
    margin: float | None = None
    format: str = "pdf"
    dpi: int = 300
    enlargement: float = 0.0
    turn: bool = False
    language: str = messages.ENGLISH


class MadeSheets(NamedTuple):
    """The files of a print sheet by suffix, such as ``.sheet.pdf``, and a description of its layout."""

    files: dict[str, bytes]
    layout: PrintSheet


def find_idle_sheet_options(kind: str) -> dict[str, str]:
    """Return the options without effect on sheets of the format `kind`, each with the reason as a clause."""
    reason = "it is for sheets that are pictures, and this one is a PDF, which has the size of the paper"
    return dict.fromkeys(("dpi", "enlargement"), reason) if kind == "pdf" else {}


def refuse_idle_sheet_options(job: Job, kind: str) -> None:
    """Refuse fields of a job that have no effect on sheets of the format `kind`.

    Raises
    ------
    NoEffect
        If such a field is set.
    """
    for option, reason in find_idle_sheet_options(kind).items():
        field = field_of(f"sheet.{option}", job)
        if field:
            raise NoEffect(field, reason)


def paper_mm(name: str) -> tuple[float, float]:
    """Return the size of a paper in mm.

    Parameters
    ----------
    name : str
        A name or alias of ``specs/papers.yaml`` in any case, or a size such as ``120x180mm``.

    Raises
    ------
    UnknownSpec
        If it is neither.
    """
    wanted = name.strip().lower().replace(" ", "")
    papers = load_papers()
    for known, paper in papers.items():
        if wanted in {alias.lower() for alias in (known, *paper.aliases)}:
            return paper.mm
    with suppress(ValueError):
        extent = Extent.parse(name)
        if extent.exact and extent.unit != "px":
            return extent.mm
    raise UnknownSpec(
        f"There is no paper '{name}'.", f"Choose one of {', '.join(papers)}, or give a size such as 120x180mm."
    )


def photo_mm(size: str) -> tuple[float, float]:
    """Return the size of a photo in mm, such as ``35x45mm``; numbers without a unit are millimetres.

    Raises
    ------
    InputError
        If it is no size on paper.
    """
    with suppress(ValueError):
        extent = Extent.parse(size, "mm")
        if extent.exact and extent.unit != "px":
            return extent.mm
    raise InputError(f"'{size}' is not the size of a photo on paper.", "Write it like 35x45mm.")


def read_sheet_item(text: str, size: str | None = None, *, stream: bytes = b"") -> tuple[Item, bytes]:
    """Read a finished photo for a sheet.

    Parameters
    ----------
    text : str
        Path of a picture, and the number of copies after a colon: ``a.jpg:4``. Without a
        number, as many as fit.
    size : str, optional
        Size on paper, such as ``35x45mm``. Otherwise the document that the file was made for
        tells it, or the resolution that the file states.
    stream : bytes
        The file that the path ``-`` stands for.

    Returns
    -------
    Item
        Size and copies.
    bytes
        The file.

    Raises
    ------
    InputError
        If the file cannot be read, or nothing tells its size.
    """
    path, _, number = text.rpartition(":")
    copies: int | None = int(number) if path and number.isdigit() and len(number) <= MAX_COPIES_DIGITS else None
    path = path if copies is not None else text
    source = Source.open(stream, "stdin") if path == "-" else Source.read(path)
    if size is not None:
        width, height = photo_mm(size)
    else:
        known = find_size_on_paper(source)
        if known is None:
            raise InputError(
                f"{source.shown_name} does not say how large it is on paper.", "Give its size, such as --size 35x45mm."
            )
        width, height = known
    return Item(width, height, copies, source.shown_name), source.data


def find_size_on_paper(source: Source) -> tuple[float, float] | None:
    """Return width and height in mm, by the document that our own note names, else by the file's resolution.

    None if the file states neither.
    """
    spec = _document_of(source)
    if spec is not None and spec.size is not None:
        return spec.size.mm
    if source.dpi is None:
        return None
    # Whole pixels round the size; a tenth of a millimetre is finer than any knife.
    width, height = (round(side / source.dpi * 25.4, 1) for side in source.size)
    return width, height


def _document_of(source: Source) -> Spec | None:
    """The document that our own note in a file names."""
    try:
        name = read_xmp(find_xmp(source.data) or b"").spec
    except IdPhotoError:
        return None  # somebody else's note, or none
    # A file can name anything, also the path of a file: only documents of the package are loaded.
    return load_spec(name) if name in spec_ids() else None


def make_sheets(
    items: Sequence[Item],
    pictures: Sequence[bytes],
    options: SheetOptions,
    *,
    title: str = "ID photos",
    may_turn: bool = False,
) -> MadeSheets:
    """Lay photos out and write the files.

    Parameters
    ----------
    items : sequence of Item
        Sizes and copies.
    pictures : sequence of bytes
        One encoded picture per item; see :func:`~idphoto.output.pdf.write_pdf`.
    options : SheetOptions
        Paper, gaps and formats.
    title : str
        Of the PDF.
    may_turn : bool
        Whether the user could ask for turned photos, so that a note may advise it.

    Returns
    -------
    MadeSheets
        ``.sheet.pdf`` and/or ``.sheet.jpg``, ``.sheet-2.jpg`` and so on, a JPEG (or PNG) per page; and the layout, with
        a note if more photos would fit, or if the sheet must be printed without borders.

    Raises
    ------
    IdPhotoError
        If the paper is unknown or a photo does not fit it.
    """
    from idphoto.output.jpeg import encode_jpeg
    from idphoto.output.pdf import write_pdf
    from idphoto.output.png import encode_png
    from idphoto.output.sheet_image import render_sheet

    layout = impose(items, paper_mm(options.paper), gap_mm=options.gap, margin_mm=options.margin, turn=options.turn)
    files = {}
    if options.format in ("pdf", "both"):
        files[".sheet.pdf"] = write_pdf(layout, pictures, title=title)
    if options.format in ("jpeg", "both"):
        pages = render_sheet(layout, pictures, dpi=options.dpi, enlargement=options.enlargement)
        for number, page in enumerate(pages, 1):
            suffix = ".sheet.jpg" if number == 1 else f".sheet-{number}.jpg"
            files[suffix] = encode_jpeg(page, dpi=options.dpi).data
    if options.format == "png":
        pages = render_sheet(layout, pictures, dpi=options.dpi, enlargement=options.enlargement)
        for number, page in enumerate(pages, 1):
            files[".sheet.png" if number == 1 else f".sheet-{number}.png"] = encode_png(page, dpi=options.dpi).data
    return MadeSheets(files, _describe_layout(layout, options, may_turn=may_turn))


def _describe_layout(layout: Layout, options: SheetOptions, *, may_turn: bool) -> PrintSheet:
    """Return the numbers of a layout, and what the user should know about it."""
    notes = []
    edge = layout.edge_mm
    if edge < MIN_PRINTER_MARGIN_MM:
        notes.append(_write_note("print-sheet.borderless", {"edge": round(edge, 1)}, options.language))
    fuller = find_fuller_layout(layout, turn=options.turn or may_turn)
    if fuller is not None:
        turned = any(photo.turned for page in fuller.pages for photo in page.photos) and not options.turn
        fewer = len(fuller.pages) < len(layout.pages)
        values: dict[str, float | str | tuple[str, ...]] = {
            "count": len(layout.pages) if fewer else sum(layout.counts),
            "possible": len(fuller.pages) if fewer else sum(fuller.counts),
            "gap": fuller.gap_mm,
            "margin": fuller.margin_mm,
        }
        code = f"print-sheet.{'fewer' if fewer else 'fuller'}{'-turned' if turned else ''}"
        notes.append(_write_note(code, values, options.language))
    return PrintSheet(
        width_mm=round(layout.width_mm, 2),
        height_mm=round(layout.height_mm, 2),
        photos=sum(layout.counts),
        pages=len(layout.pages),
        gap_mm=layout.gap_mm,
        margin_mm=layout.margin_mm,
        edge_mm=round(edge, 2),
        notes=tuple(notes),
    )


def _write_note(code: str, values: dict[str, float | str | tuple[str, ...]], language: str) -> Note:
    message, fix = messages.say(code, values, language)
    return Note(code=code, message=message, fix=fix, values=values)
