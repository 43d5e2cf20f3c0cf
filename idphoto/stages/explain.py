"""Show the verdict as a picture with lines and numbers, and as a page of PDF."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.job import job_option
from idphoto.messages import ENGLISH, spoken
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Explain"]


class Explain(Stage):
    """Draw the measures over the finished photo, or write the report as a page. Without either option, do nothing."""

    stage: Literal["explain"] = "explain"
    annotate: bool = job_option("annotate")
    pdf: bool = job_option("pdf")
    language: str = job_option(
        "language", description="Language of both: en, de, es or fr; English for all other languages."
    )

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files", "finished", "findings", "measures"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def __call__(self, photo: Photo) -> Photo:
        """Add ``.annotated.png`` and ``.report.pdf`` to `files`, as asked."""
        if not (self.annotate or self.pdf):
            return photo
        from idphoto.output.annotated import annotated
        from idphoto.output.fonts import WRITTEN

        assert photo.spec is not None
        assert photo.finished is not None
        language = self.language if self.language in WRITTEN else ENGLISH
        told = replace(photo, findings=tuple(spoken(finding, language) for finding in photo.findings))
        made = {".annotated.png": annotated(told, language)} if self.annotate else {}
        if self.pdf:
            from idphoto.output.report_pdf import write_report

            mm = photo.spec.size.mm if photo.spec.size is not None else None
            picture = annotated(told, language, words=False)
            made[".report.pdf"] = write_report(told.report, photo.finished.source.data, picture, mm, language)
        return replace(photo, files={**photo.files, **made})
