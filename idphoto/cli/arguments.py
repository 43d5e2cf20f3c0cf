"""Check everything that the user typed before a picture is opened or a model is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from idphoto.cli.flags import origin_of
from idphoto.errors import IdPhotoError

if TYPE_CHECKING:
    from idphoto.api import PreparedDocument
    from idphoto.job import Job

__all__ = ["check_arguments"]


def check_arguments(job: Job, warn: Callable[[str], None]) -> list[PreparedDocument]:
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
        If there is no document, paper, colour, backend, language, check or mask of that name, not one photo fits the
        paper, or a choice has no effect for any document.
    """
    from idphoto.api import list_documents, prepare_documents

    documents = []
    for document in prepare_documents(list_documents(job), job):
        if isinstance(document, IdPhotoError):
            raise document
        documents.append(document)
    for document in documents:
        for name, reason in document.unused.items():
            label = "" if document.spec is None else f" for {document.spec.id}"
            warn(f"{origin_of(name)} has no effect{label}: {reason}.")
    return documents
