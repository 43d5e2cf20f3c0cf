"""Take the file as it is: for authorities that crop themselves, and for checking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.photo import Plan
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Original"]

SUFFIXES = {"jpeg": "jpg", "tiff": "tif"}


class Original(Stage):
    """Hand over the source byte for byte; nothing is cropped, turned or encoded again."""

    stage: Literal["original"] = "original"

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"files", "plan"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `files` to the source itself."""
        suffix = SUFFIXES.get(photo.source.format, photo.source.format)
        files = {**photo.files, f".{suffix}": photo.source.data}
        return replace(photo, files=files, plan=Plan(straighten=False, backdrop=None))
