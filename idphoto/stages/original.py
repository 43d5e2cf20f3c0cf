"""Take the file as it is: for authorities that crop themselves, and for checking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.errors import IdPhotoError
from idphoto.output.xmp import read_xmp, xmp_of
from idphoto.photo import Plan
from idphoto.report import Operation
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Original"]

SUFFIXES = {"jpeg": "jpg", "tiff": "tif"}
EDITS: dict[str, Literal["crop", "geometry", "background"]] = {
    "crop": "crop",
    "straighten": "geometry",
    "turn": "geometry",
    "background": "background",
}


class Original(Stage):
    """Hand over the source byte for byte; nothing is cropped, turned or encoded again."""

    stage: Literal["original"] = "original"

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"files", "plan"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `files` to the source itself."""
        photo = replace(photo, operations=(*photo.operations, *own_note(photo.source.data)))
        suffix = SUFFIXES.get(photo.source.format, photo.source.format)
        files = {**photo.files, f".{suffix}": photo.source.data}
        return replace(photo, files=files, plan=Plan(straighten=False, background_fill=None))


def own_note(data: bytes) -> list[Operation]:
    """What a file made by idphoto says was done to it; nothing for other files."""
    packet = xmp_of(data)
    try:
        note = read_xmp(packet or b"")
    except IdPhotoError:
        return []
    reasons = dict(note.ordered)
    return [
        Operation(
            name=name,
            detail="done before, as the file's own note says",
            edit=EDITS.get(name, "none"),
            ordered=reasons.get(name, ""),
        )
        for name in note.operations
        if name in EDITS
    ]
