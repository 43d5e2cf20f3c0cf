"""Take the source file unchanged: for authorities that crop photos themselves, and for checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from idphoto.errors import IdPhotoError
from idphoto.output import FILE_SUFFIXES, WRITERS, FileLimits
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
    "adjust": "geometry",
    "background": "background",
}
"""Name of an operation in the note of a file to the kind of edit that it is."""


CONVERTED_QUALITY = 95
"""JPEG quality of a source that is converted; the pixels stay the same in number and place."""


class Original(Stage):
    """Return the source byte for byte; nothing is cropped or turned.

    With `convert`, a source in a format that the document does not accept, such as HEIC from a phone, is encoded once
    as a JPEG of the same pixels.
    """

    stage: Literal["original"] = "original"
    convert: bool = Field(default=False, description="Convert a format that the document does not accept to JPEG.")

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"files", "plan"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `files` to the source itself."""
        photo = replace(photo, operations=(*photo.operations, *read_earlier_operations(photo.source.data)))
        plan = Plan(straighten=False, background_fill=None)
        spec = photo.spec
        if self.convert and spec is not None and photo.source.format not in spec.formats and "jpeg" in spec.formats:
            source = photo.source
            limits = FileLimits(spec.bytes, spec.quality or CONVERTED_QUALITY, spec.compression)
            made = WRITERS["jpeg"](source.pixels(1.0)[0], dpi=source.dpi, limits=limits, taken=source.taken)
            photo = photo.did(Operation(name="convert", detail=f"{source.format.upper()} to JPEG"))
            return replace(photo, files={**photo.files, FILE_SUFFIXES["jpeg"]: made.data}, plan=plan)
        suffix = SHORT_SUFFIXES.get(photo.source.format, photo.source.format)
        files = {**photo.files, f".{suffix}": photo.source.data}
        return replace(photo, files=files, plan=plan)


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
