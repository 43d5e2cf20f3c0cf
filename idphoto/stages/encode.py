"""Encode the picture as a file within the limits of the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.job import PhotoFormat, job_option
from idphoto.output import FILE_SUFFIXES, WRITERS, FileLimits
from idphoto.output.xmp import Provenance, build_xmp
from idphoto.report import Operation
from idphoto.stages.base import Stage
from idphoto.version import __version__

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Encode"]


class Encode(Stage):
    """Encode the photo in sRGB, with its resolution, within the byte limits, and with a note of what was done."""

    stage: Literal["encode"] = "encode"
    format: PhotoFormat = job_option("format")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "picture", "view"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:
        """Return the suffix of the photo."""
        return () if spec is None else (FILE_SUFFIXES[self._choose_format(spec)],)

    def _choose_format(self, spec: Spec) -> str:
        """Return the format that was asked for, else the first that the document accepts and idphoto writes."""
        accepted = [name for name in spec.formats if name in WRITERS]
        return self.format if self.format != "auto" else accepted[0] if accepted else "jpeg"

    def __call__(self, photo: Photo) -> Photo:
        """Add the photo to `files`."""
        spec, picture, view = photo.spec, photo.picture, photo.view
        assert spec is not None
        assert picture is not None
        assert view is not None
        name = self._choose_format(spec)
        limits = FileLimits(spec.bytes, spec.quality, spec.compression, grey=spec.colour == "grey")
        note = build_xmp(Provenance.of(__version__, spec.id, photo.operations))
        encoded = WRITERS[name](picture, dpi=view.dpi or 300.0, limits=limits, xmp=note, taken=photo.source.taken)
        detail = f"{name.upper()}, {len(encoded.data) / 1000:.1f} KB"
        if encoded.quality is not None:
            detail += f", quality {encoded.quality}, {encoded.subsampling or 'grey'}"
        if encoded.padding:
            detail += f", {encoded.padding} bytes of padding inside the file"
        detail = ". ".join([detail, *(text.rstrip(".") for text in encoded.notes)])
        files = {**photo.files, FILE_SUFFIXES[name]: encoded.data}
        return photo.did(Operation(name="encode", detail=detail), files=files)
