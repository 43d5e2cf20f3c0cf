"""Make ID photos of one picture, or judge the picture, for one or several documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.api import list_documents, make_each
from idphoto.errors import IdPhotoError
from idphoto.layout import Item
from idphoto.server.request_job import read_job
from idphoto.server.sheet_order import check_sheet_order
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import describe_files, open_within_limits
from idphoto.spec import Spec, load_spec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.job import Job

__all__ = ["make_photos"]

UNKNOWN_SIZE_MM = (50.8, 50.8)
"""Size by which sheets of documents without a size on paper are limited: the largest usual one, 2 x 2 in."""


def make_photos(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Make the photos of all documents that a job names.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job; ``check``: if true, judge the photo as it is and return no files.
    blobs : sequence of bytes
        The photo, and a mask if there is one.

    Returns
    -------
    TaskResult
        ``documents`` has for each document its ``spec``, and either ``report``, ``status`` and ``files`` or ``error``.
        The blobs are the files of all documents, in the same order.

    Raises
    ------
    IdPhotoError
        The error of the first document, if no photo could be made for any of them.
    """
    source = open_within_limits(blobs[0], options["limits"])
    job = read_job(options["job"])
    if options.get("check"):
        job = job.model_copy(update={"pipeline": "check"})
    elif job.sheet:
        _check_sheets(job)
    documents: list[dict[str, Any]] = []
    files: list[bytes] = []
    timings: dict[str, float] = {}
    errors = []
    mask = open_within_limits(blobs[1], options["limits"], "mask") if len(blobs) > 1 else None
    wanted = [spec.id if isinstance(spec, Spec) else spec for spec in list_documents(job)]
    for spec, result in zip(wanted, make_each(source, given_mask=mask, job=job), strict=True):
        if isinstance(result, IdPhotoError):
            errors.append(result)
            error = {"code": result.code, "message": result.message, "advice": result.advice}
            documents.append({"spec": spec, "error": error})
            continue
        for stage, milliseconds in result.timings.items():
            timings[stage] = timings.get(stage, 0.0) + milliseconds
        made = {} if options.get("check") else result.files
        report = result.report.model_dump(mode="json")
        documents.append(
            {
                "spec": spec,
                "notice": result.report.notice,
                "status": result.report.status.value,
                "report": report,
                "files": describe_files(made),
            }
        )
        files += made.values()
    if len(errors) == len(documents):
        raise errors[0]
    return TaskResult({"documents": documents}, files, timings)


def _check_sheets(job: Job) -> None:
    """Refuse a job whose print sheets are too large, before a photo is made."""
    for wanted in list_documents(job):
        spec = load_spec(wanted) if isinstance(wanted, str) else wanted
        assert spec is not None
        size = spec.size
        # A document without a size on paper is printed at the resolution of its file; its size is not known yet.
        width, height = size.mm if size is not None else UNKNOWN_SIZE_MM
        check_sheet_order(job, [Item(width, height, job.copies, spec.id)])
