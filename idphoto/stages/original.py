"""Take the source file unchanged: for authorities that crop photos themselves, and for checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.errors import IdPhotoError
from idphoto.output.xmp import find_xmp, read_xmp
from idphoto.photo import Plan
from idphoto.report import Operation
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Original"]

SHORT_SUFFIXES = {"jpeg": "jpg", "tiff": "tif"}
"""Format of a source to its usual suffix, where that is not the name of the format."""

EDITS_OF_OPERATIONS: dict[str, Literal["crop", "geometry", "background"]] = {
    "crop": "crop",
    "straighten": "geometry",
    "turn": "geometry",
    "background": "background",
}
"""Name of an operation in the note of a file to the kind of edit that it is."""


class Original(Stage):
    """Return the source byte for byte; nothing is cropped, turned or encoded again."""

    stage: Literal["original"] = "original"

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"files", "plan"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `files` to the source itself."""
        photo = replace(photo, operations=(*photo.operations, *read_earlier_operations(photo.source.data)))
        suffix = SHORT_SUFFIXES.get(photo.source.format, photo.source.format)
        files = {**photo.files, f".{suffix}": photo.source.data}
        return replace(photo, files=files, plan=Plan(straighten=False, background_fill=None))


def read_earlier_operations(data: bytes) -> list[Operation]:
    """Return the operations that the note in a file made by idphoto lists; none for other files."""
    packet = find_xmp(data)
    try:
        note = read_xmp(packet or b"")
    except IdPhotoError:
        return []
    reasons = dict(note.ordered)
    return [
        Operation(
            name=name,
            detail="done before, as the note in the file says",
            edit=EDITS_OF_OPERATIONS.get(name, "none"),
            ordered=reasons.get(name, ""),
        )
        for name in note.operations
        if name in EDITS_OF_OPERATIONS
    ]
