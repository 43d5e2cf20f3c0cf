"""Lay the finished photo out on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.errors import about_option
from idphoto.job import SheetFormat, job_option
from idphoto.layout import Item, impose
from idphoto.output.sheet import SheetOptions, find_idle_sheet_options, make_sheets, paper_mm
from idphoto.stages.base import Stage
from idphoto.units import px_to_mm

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Sheet"]

FILE_DPI = 300.0
"""Pixels per inch that the file of a document without a size on paper states."""


class Sheet(Stage):
    """Make a true-size print sheet of the photo. Without a paper, do nothing."""

    stage: Literal["sheet"] = "sheet"
    paper: str | None = job_option("sheet")
    copies: int | None = job_option("copies")
    gap: float | None = job_option("gap")
    margin: float | None = job_option("margin")
    format: SheetFormat = job_option("sheet_format")
    dpi: int = job_option("sheet_dpi")
    enlargement: float = job_option("enlargement")
    language: str = job_option("language")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files"})
    gives: ClassVar[frozenset[str]] = frozenset({"files", "sheet"})

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:
        """Return all options if there is no sheet, and those of pictures if the sheet is a PDF."""
        options = ("copies", "gap", "margin", "format", "dpi", "enlargement")
        if self.paper is None:
            return dict.fromkeys(options, "no sheet is asked for; name its paper")
        if spec is not None and not spec.is_printed:
            reason = f"the photo for {spec.id} is handed in as a file and never printed"
            return dict.fromkeys(("paper", *options), reason)
        return find_idle_sheet_options(self.format)

    def check_options(self, spec: Spec | None) -> None:
        """Refuse an unknown paper, and one on which not even one photo fits."""
        if self.paper is None:
            return
        with about_option("paper"):
            paper = paper_mm(self.paper)
            size = None if spec is None else _find_smallest_size(spec)
            if size is not None:
                impose([Item(*size, 1)], paper, gap_mm=self.gap, margin_mm=self.margin)

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:
        """Return the suffixes of the first sheets."""
        if self.paper is None or (spec is not None and not spec.is_printed):
            return ()
        pictures = (".sheet.jpg",) if self.format in ("jpeg", "both") else ()
        return (*((".sheet.pdf",) if self.format in ("pdf", "both") else ()), *pictures)

    def __call__(self, photo: Photo) -> Photo:
        """Add ``.sheet.pdf`` or ``.sheet.jpg`` to `files`, and set `sheet`."""
        spec = photo.spec
        assert spec is not None
        if self.paper is None or not spec.is_printed:
            return photo
        if spec.size is not None:
            width, height = spec.size.mm
        elif photo.view is not None:
            # A document without a size on paper is printed at the resolution that its file states.
            width, height = (px_to_mm(side, FILE_DPI) for side in photo.view.size)
        else:
            return photo
        made = make_sheets(
            [Item(width, height, self.copies, spec.id)],
            [photo.files[photo.photo_suffix]],
            SheetOptions(
                paper=self.paper,
                gap=self.gap,
                margin=self.margin,
                format=self.format,
                dpi=self.dpi,
                enlargement=self.enlargement,
                language=self.language,
            ),
            title=f"{spec.label} ({photo.photo_suffix.lstrip('.').upper()})",
        )
        return replace(photo, files={**photo.files, **made.files}, sheet=made.layout)


def _find_smallest_size(spec: Spec) -> tuple[float, float] | None:
    """Return the smallest width and height in mm that a photo of the document can have on a sheet; None if unknown."""
    if spec.size is not None:
        return spec.size.mm
    sides = (spec.pixels.width.low, spec.pixels.height.low) if spec.pixels is not None else (0.0, 0.0)
    return (px_to_mm(sides[0], FILE_DPI), px_to_mm(sides[1], FILE_DPI)) if min(sides) > 0 else None
