"""Decode a preview of the source."""

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
    """Decode the source at reduced size. Faces and person masks are found in this preview, whatever the megapixels."""

    stage: Literal["load"] = "load"
    # A 12-megapixel JPEG is then decoded at half its size. Most documents can be rendered from that, too, so it is
    # decoded once; a smaller preview would cost a second decoding.
    look: int = Field(default=1280, ge=256, description="Longer side of the preview, in pixels.")

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"preview"})
    per_document: ClassVar[bool] = False

    def __call__(self, photo: Photo) -> Photo:
        """Set `preview`."""
        source = photo.source
        rgb, scale = source.pixels(min(1.0, self.look / max(source.size)))
        photo = replace(photo, preview=Preview(rgb, scale))
        if source.reduction > 1:
            detail = f"decoded at {source.size}, half of its {source.stored_size} px"
            photo = photo.did(Operation(name="reduce", detail=detail))
        if source.profile and "srgb" not in source.profile.lower():
            photo = photo.did(Operation(name="convert-colours", detail=f"{source.profile} to sRGB"))
        return photo
