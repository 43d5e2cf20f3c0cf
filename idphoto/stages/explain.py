"""Show the verdict as a picture with lines and numbers, and as a page of PDF."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.errors import about_option
from idphoto.job import job_option
from idphoto.messages import catalogue, spoken
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.output.verdict import Verdict
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Explain"]


class Explain(Stage):
    """Draw the measures over the finished photo, or write the report as a page. Without either option, do nothing."""

    stage: Literal["explain"] = "explain"
    annotate: bool = job_option("annotate")
    pdf: bool = job_option("pdf")
    language: str = job_option("language")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files", "finished", "findings", "measures"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def check_options(self, spec: Spec | None) -> None:  # noqa: ARG002 - the same for all documents
        """Refuse a language that the messages do not speak."""
        with about_option("language"):
            catalogue(self.language)

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:  # noqa: ARG002 - the same for all documents
        """Return the suffixes of the picture and the page, as asked."""
        return (*((".annotated.png",) if self.annotate else ()), *((".report.pdf",) if self.pdf else ()))

    def __call__(self, photo: Photo) -> Photo:
        """Add ``.annotated.png`` and ``.report.pdf`` to `files`, as asked."""
        if not (self.annotate or self.pdf):
            return photo
        from idphoto.output.annotated import annotate_photo

        assert photo.finished is not None
        verdict = self.verdict(photo)
        made = {".annotated.png": annotate_photo(verdict)} if self.annotate else {}
        if self.pdf:
            from idphoto.output.report_pdf import write_report

            made[".report.pdf"] = write_report(verdict, photo.finished.source.data)
        return replace(photo, files={**photo.files, **made})

    def verdict(self, photo: Photo) -> Verdict:
        """Return what a picture or page shows, with findings in the stage's language."""
        from idphoto.output.annotated import PHOTO_HEIGHT_PX
        from idphoto.output.verdict import Verdict

        assert photo.spec is not None
        assert photo.finished is not None
        source = photo.finished.source
        rgb, _ = source.pixels(min(1.0, 2 * PHOTO_HEIGHT_PX / source.size.height))
        told = replace(photo, findings=tuple(spoken(finding, self.language) for finding in photo.findings))
        return Verdict(rgb, source.size, photo.finished.head, photo.spec, told.report, self.language)
