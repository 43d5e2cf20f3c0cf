"""Show the verdict: a picture with lines and numbers, and a page of paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from idphoto.messages import ENGLISH, spoken
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Explain"]


class Explain(Stage):
    """Draw what was measured over the finished photo, or write it on a page; does nothing unless asked."""

    stage: Literal["explain"] = "explain"
    annotate: bool = Field(default=False, description="Make a picture of the verdict, .annotated.png.")
    pdf: bool = Field(default=False, description="Make the report as a page of PDF, .report.pdf.")
    language: str = Field(default=ENGLISH, description="Language of both: en, de, es or fr; English for all others.")

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
