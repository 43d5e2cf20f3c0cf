"""Lay the finished photo out on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.job import SheetFormat, job_option
from idphoto.layout import Item
from idphoto.output.sheet import SheetOptions, make_sheets
from idphoto.stages.base import Stage

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

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:  # noqa: ARG002 - every document has sheets
        """Return all options if there is no paper, and those of pictures if the sheet is a PDF."""
        if self.paper is None:
            options = ("copies", "gap", "margin", "format", "dpi", "enlargement")
            return dict.fromkeys(options, "no sheet is asked for; name a paper with --sheet")
        pictures = "it is for sheets that are pictures, and this one is a PDF; choose one with --sheet-format jpeg"
        return dict.fromkeys(("dpi", "enlargement"), pictures) if self.format == "pdf" else {}

    def __call__(self, photo: Photo) -> Photo:
        """Add ``.sheet.pdf`` or ``.sheet.jpg`` to `files`."""
        spec = photo.spec
        assert spec is not None
        if self.paper is None:
            return photo
        if spec.size is not None:
            width, height = spec.size.mm
        elif photo.view is not None:
            # A document without a size on paper is printed at the resolution that its file states.
            width, height = (side / FILE_DPI * 25.4 for side in photo.view.size)
        else:
            return photo
        sheets = make_sheets(
            [Item(width, height, self.copies, spec.id)],
            [photo.files[photo.photo_suffix]],
            SheetOptions(
                paper=self.paper,
                gap=self.gap,
                margin=self.margin,
                format=self.format,
                dpi=self.dpi,
                enlargement=self.enlargement,
            ),
            title=f"{spec.label} ({photo.photo_suffix.lstrip('.').upper()})",
        )
        return replace(photo, files={**photo.files, **sheets})
