"""Check everything that the user typed before a picture is opened or a model is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from idphoto.cli.flags import origin_of
from idphoto.errors import IdPhotoError, InputError
from idphoto.job import Job

if TYPE_CHECKING:
    from idphoto.pipeline import Pipeline
    from idphoto.spec import Spec

__all__ = ["WantedDocument", "check_arguments"]


class WantedDocument(NamedTuple):
    """A document that the user named, None for a mere cutout, with the pipeline that makes it."""

    spec: Spec | None
    pipeline: Pipeline

    @property
    def suffix(self) -> str:
        """Part of the names of the results: the id of the document after a dot."""
        return "" if self.spec is None else f".{self.spec.slug}"


def check_arguments(job: Job, warn: Callable[[str], None]) -> list[WantedDocument]:
    """Load the documents and pipelines, and look up all that is named: papers, colours, backends, files.

    Parameters
    ----------
    job : Job
        What was asked for.
    warn : callable
        Takes a sentence for each choice that has no effect for one of several documents.

    Raises
    ------
    IdPhotoError
        If there is no document, paper, colour, backend, language, check or mask of that name, or a choice has no effect
        for any document. The message begins with the flag, or the line of the job file.
    """
    from idphoto.api import prepare_document

    for name, look_up in _LOOK_UPS.items():
        value = getattr(job, name)
        if value is not None:
            try:
                look_up(value)
            except IdPhotoError as problem:
                problem.message = f"{origin_of(name)}: {problem.message}"
                raise
    documents = [WantedDocument(*prepare_document(wanted, job)) for wanted in job.spec or (None,)]
    _refuse_idle_options(job, documents, warn)
    return documents


def _refuse_idle_options(job: Job, documents: list[WantedDocument], warn: Callable[[str], None]) -> None:
    """Refuse a choice that has no effect for any document, and warn of one that has none for some of them."""
    reasons = [document.pipeline.find_idle_options(job, document.spec) for document in documents]
    for name in sorted({name for found in reasons for name in found}):
        idle = [(document, found[name]) for document, found in zip(documents, reasons, strict=True) if name in found]
        if len(idle) == len(documents):
            raise InputError(f"{origin_of(name)} has no effect: {idle[0][1]}.", "Leave it out, or change the other.")
        for document, reason in idle:
            label = "" if document.spec is None else f" for {document.spec.id}"
            warn(f"{origin_of(name)} has no effect{label}: {reason}.")


def _look_up_paper(name: str) -> None:
    from idphoto.output.sheet import paper_mm

    paper_mm(name)


def _look_up_background(name: str) -> None:
    if name not in ("auto", "keep"):
        from idphoto.background_fill import parse_background_fill

        parse_background_fill(name)


def _look_up_mask(name: str) -> None:
    from idphoto.decode import Source

    Source.read(name)


def _look_up_language(name: str) -> None:
    from idphoto.messages import catalogue

    catalogue(name)


def _look_up_checks(reasons: dict[str, str]) -> None:
    from idphoto.stages.check import refuse_unknown_checks

    refuse_unknown_checks(reasons)


def _look_up_detector(name: str) -> None:
    from idphoto.faces import BACKENDS

    BACKENDS.require(name)


def _look_up_segmenter(name: str) -> None:
    from idphoto.segmentation import BACKENDS

    BACKENDS.require(name)


def _look_up_matter(name: str) -> None:
    from idphoto.matting import BACKENDS

    BACKENDS.require(name)


_LOOK_UPS: dict[str, Callable[[Any], None]] = {
    "sheet": _look_up_paper,
    "background": _look_up_background,
    "mask": _look_up_mask,
    "language": _look_up_language,
    "accept": _look_up_checks,
    "detector": _look_up_detector,
    "segmenter": _look_up_segmenter,
    "matter": _look_up_matter,
}
