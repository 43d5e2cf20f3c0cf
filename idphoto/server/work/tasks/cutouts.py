"""Cut the person out of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.api import make
from idphoto.report import Status
from idphoto.server.request_job import read_job
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import describe_files, open_within_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["cut_out_person"]


def cut_out_person(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Cut out the person.

    Parameters
    ----------
    options : mapping
        ``limits``, and ``job``: fields of a job.
    blobs : sequence of bytes
        The photo, then the user's own mask if there is one.

    Returns
    -------
    TaskResult
        One file. ``files`` has the ``width`` and ``height`` of the photo, ``findings`` the places at which it is not
        certain what belongs to a person.

    Raises
    ------
    NoPerson
        If no person is found, and no mask was sent.
    InputError
        If the picture, the mask or a field of the job cannot be used.
    """
    source = open_within_limits(blobs[0], options["limits"])
    mask = open_within_limits(blobs[1], options["limits"], "mask") if len(blobs) > 1 else None
    job = read_job(options["job"]).model_copy(update={"pipeline": "cutout"})
    photo = make(source, given_mask=mask, job=job)
    (file,) = describe_files(photo.files)
    width, height = source.size
    findings = [one.model_dump(mode="json") for one in photo.findings if one.status is not Status.PASS]
    head = {"files": [{**file, "width": width, "height": height}], "findings": findings}
    return TaskResult(head, list(photo.files.values()), photo.timings)
