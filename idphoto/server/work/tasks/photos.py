"""Make ID photos of one picture, or judge it, for one or several documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.api import make_each
from idphoto.errors import IdPhotoError
from idphoto.server.request_job import read_job
from idphoto.server.work.tasks.common import Outcome, describe, open_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["make_photos"]


def make_photos(options: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
    """Make the photos of all documents that were asked for.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job; ``check``: whether to judge the photo as it is and make nothing.
    blobs : sequence of bytes
        The photo.

    Returns
    -------
    Outcome
        ``documents``: for each its ``spec`` and either ``report``, ``status`` and ``files`` or an ``error``. The files
        of all documents follow one another.

    Raises
    ------
    IdPhotoError
        If nothing could be made for any document: the first one's error.
    """
    source = open_picture(blobs[0], options["limits"])
    job = read_job(options["job"])
    if options.get("check"):
        job = job.model_copy(update={"pipeline": "check"})
    documents: list[dict[str, Any]] = []
    files: list[bytes] = []
    timings: dict[str, float] = {}
    errors = []
    for spec, result in zip(job.spec, make_each(source, job=job), strict=True):
        if isinstance(result, IdPhotoError):
            errors.append(result)
            about = {"code": result.code, "message": result.message, "advice": result.advice}
            documents.append({"spec": spec, "error": about})
            continue
        for stage, spent in result.timings.items():
            timings[stage] = timings.get(stage, 0.0) + spent
        made = {} if options.get("check") else result.files
        report = result.report.model_dump(mode="json")
        documents.append(
            {"spec": spec, "status": result.report.status.value, "report": report, "files": describe(made)}
        )
        files += made.values()
    if len(errors) == len(documents):
        raise errors[0]
    return Outcome({"documents": documents}, files, timings)
