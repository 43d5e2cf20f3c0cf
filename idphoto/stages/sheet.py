"""Lay the finished photo out on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from idphoto.layout import Item
from idphoto.output.sheet import SheetOptions, make_sheets
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Sheet"]


class Sheet(Stage):
    """Make a true-size print sheet of the photo; does nothing until a paper is named."""

    stage: Literal["sheet"] = "sheet"
    paper: str | None = Field(default=None, description="Name of a paper, or WxHmm.")
    copies: int | None = Field(default=None, ge=1, description="How many photos; as many as fit if not given.")
    gap: float = Field(default=2.0, ge=0, description="Between photos, in mm; 0 makes neighbours share a cut.")
    margin: float = Field(default=3.0, ge=0, description="Kept free along the edges of the paper, in mm.")
    format: Literal["pdf", "jpeg", "both"] = Field(default="pdf", description="jpeg is for photo labs.")
    dpi: int = Field(default=300, ge=72, le=1200, description="Pixels per inch of the JPEG.")
    enlargement: float = Field(
        default=0.0, ge=0, le=0.2, description="Share by which the lab prints too large, taken back beforehand."
    )

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def __call__(self, photo: Photo) -> Photo:
        """Add ``.sheet.pdf`` or ``.sheet.jpg`` to `files`."""
        spec = photo.spec
        assert spec is not None
        if self.paper is None:
            return photo
        name, data = next((name, data) for name, data in photo.files.items() if name.count(".") == 1)
        if spec.size is not None:
            width, height = spec.size.mm
        elif photo.view is not None:
            # A document without a size on paper is printed at 300 dpi, which its file states.
            width, height = (side / 300 * 25.4 for side in photo.view.size)
        else:
            return photo
        sheets = make_sheets(
            [Item(width, height, self.copies, spec.id)],
            [data],
            SheetOptions(
                paper=self.paper,
                gap=self.gap,
                margin=self.margin,
                format=self.format,
                dpi=self.dpi,
                enlargement=self.enlargement,
            ),
            title=f"{spec.label} ({name.lstrip('.').upper()})",
        )
        return replace(photo, files={**photo.files, **sheets})
