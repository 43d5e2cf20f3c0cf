"""Decode a reduced view to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from idphoto.portrait import Preview
from idphoto.report import Operation
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Load"]


class Load(Stage):
    """Decode the source small: faces and person masks are found there, whatever the megapixels."""

    stage: Literal["load"] = "load"
    # A 12-megapixel JPEG is then decoded at half its size, which most documents can be rendered from as well:
    # decoding once at that size costs less than decoding small to look and larger to render.
    look: int = Field(default=1280, ge=256, description="Pixels of the longer side that suffice for looking.")

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"preview"})
    per_document: ClassVar[bool] = False

    def __call__(self, photo: Photo) -> Photo:
        """Set `preview`."""
        source = photo.source
        rgb, scale = source.pixels(min(1.0, self.look / max(source.size)))
        photo = replace(photo, preview=Preview(rgb, scale))
        if source.profile and "srgb" not in source.profile.lower():
            photo = photo.did(Operation(name="convert-colours", detail=f"{source.profile} to sRGB"))
        return photo
