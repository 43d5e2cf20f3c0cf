"""The work for the studio page: analyse a photo once, make photos of that analysis, judge frames of a camera."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from idphoto.analysis import Analysis
from idphoto.api import analyse, check, cutout, list_documents, make_each
from idphoto.errors import IdPhotoError
from idphoto.match import match_documents
from idphoto.messages import ENGLISH
from idphoto.output import FileLimits
from idphoto.output.jpeg import encode_jpeg
from idphoto.output.png import encode_png
from idphoto.overlay import describe_overlay
from idphoto.server.request_job import read_job
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import describe_files, open_within_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from idphoto.decode import Source
    from idphoto.report import Finding

__all__ = ["cut_out_studio_photo", "judge_frame", "make_studio_photo", "match_studio_photo", "open_studio"]

VIEW_SIDE_PX = 1600
"""Longer side of the picture of the upload that the page shows."""
VIEW_JPEG_QUALITY = 85
FRAMING_CHECKS = ("faces", "pose", "eyes", "gaze", "expression", "mouth", "light", "exposure", "hands", "sharpness")
"""Checks whose findings are hints while the camera runs, the most urgent first."""


def open_studio(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Analyse a photo, for a session of the page.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job.
    blobs : sequence of bytes
        The photo.

    Returns
    -------
    TaskResult
        ``analysis``, and ``shown``: what the page shows of it. The blobs are those of the analysis.

    Raises
    ------
    IdPhotoError
        If the photo cannot be used, or no face is found.
    """
    source = open_within_limits(blobs[0], options["limits"])
    # With several people the page asks for one of them; until then the analysis is that of the largest face.
    found = analyse(source, job=read_job({"face": "largest", **options["job"]}))
    data, kept = found.pack()
    preview = found.photo.preview
    assert preview is not None
    shown = {
        "size": list(source.size),
        "format": source.format,
        "people": [list(box) for box in found.people],
        "picture": b64encode(_shrink(preview.rgb)).decode(),
    }
    return TaskResult({"analysis": data, "shown": shown}, kept, found.photo.timings)


def make_studio_photo(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Make the photo of one document from a session.

    Parameters
    ----------
    options : mapping
        ``limits``; ``analysis``; ``job``: fields of a job for one document; ``masks``: number of masks that follow the
        photo, 0 or 1; ``matte``: if true, return the matte, too.
    blobs : sequence of bytes
        The photo, the mask if there is one, and the blobs of the analysis.

    Returns
    -------
    TaskResult
        ``slug`` of the document, ``report``, ``overlay``, ``painted``, ``picture`` (see :func:`_shown_picture`),
        ``job`` (as a job file), ``mask_name`` (the file that the job file names as its mask) and ``files``. The blobs
        are the files.

    Raises
    ------
    IdPhotoError
        If the photo cannot be made.
    """
    found, rest = _unpack(options, blobs)
    job = read_job(options["job"])
    mask = open_within_limits(rest[0], options["limits"], "mask") if rest else None
    result = next(iter(make_each(found.photo.source, given_mask=mask, analysis=found, job=job)))
    if isinstance(result, IdPhotoError):
        raise result
    slug = result.spec.slug if result.spec is not None else ""
    mask_name = f"{slug}.mask.png" if mask is not None else ""
    language = job.language or ENGLISH
    files = dict(result.files)
    if options.get("matte") and result.alpha is not None:
        files[".matte.png"] = encode_png(_grey(result.alpha)).data
    head = {
        "slug": slug,
        "report": result.report.model_dump(mode="json"),
        "overlay": describe_overlay(result, language),
        "painted": result.plan is not None and result.plan.background_fill is not None,
        "picture": "" if result.finished is None else _shown_picture(result.finished.source),
        "job": (job.model_copy(update={"mask": mask_name}) if mask_name else job).to_yaml(),
        "mask_name": mask_name,
        "files": describe_files(files),
    }
    return TaskResult(head, list(files.values()), result.timings)


def cut_out_studio_photo(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Cut the person out of the whole photo of a session; the one blob is the file.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job.
    blobs : sequence of bytes
        The photo.
    """
    source = open_within_limits(blobs[0], options["limits"])
    photo = cutout(source, job=read_job(options["job"]))
    return TaskResult({"files": describe_files(photo.files)}, list(photo.files.values()), photo.timings)


def match_studio_photo(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Match the photo of a session against all documents.

    Parameters
    ----------
    options : mapping
        ``limits``; ``analysis``; ``job``: language and person.
    blobs : sequence of bytes
        The photo and the blobs of the analysis.
    """
    found, _ = _unpack(options, blobs)
    job = read_job(options["job"])
    rows = match_documents(found.photo.source, language=job.language or ENGLISH, job=job)
    return TaskResult({"matches": [row.model_dump(mode="json") for row in rows]}, [], {})


def judge_frame(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Judge one frame of a camera: where the head is, and what to change.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job for one document.
    blobs : sequence of bytes
        The frame.

    Returns
    -------
    TaskResult
        ``size`` of the frame, ``head`` in its pixels or None, and ``hints``: findings against it, the most urgent
        first.
    """
    source = open_within_limits(blobs[0], options["limits"], "frame")
    job = read_job(options["job"])
    (document,) = list_documents(job)
    assert document is not None
    try:
        photo = check(source, document, job=job.model_copy(update={"spec": ()}))
    except IdPhotoError as error:
        hint = {"check": "faces", "code": error.code, "status": "fail", "message": error.message, "fix": error.advice}
        return TaskResult({"size": list(source.size), "head": None, "people": 0, "hints": [hint]}, [], {})
    hints = [finding for finding in photo.findings if finding.check in FRAMING_CHECKS and finding.status.rank >= 3]
    hints.sort(key=_urgency)
    head = {
        "size": list(source.size),
        "people": photo.finished.faces if photo.finished is not None else 0,
        "head": describe_overlay(photo, job.language or ENGLISH)["head"],
        "hints": [finding.model_dump(mode="json", include=_HINT_FIELDS) for finding in hints],
    }
    return TaskResult(head, [], photo.timings)


_HINT_FIELDS = {"check", "code", "status", "message", "fix"}


def _urgency(finding: Finding) -> int:
    return FRAMING_CHECKS.index(finding.check)


def _unpack(options: Mapping[str, Any], blobs: Sequence[bytes]) -> tuple[Analysis, list[bytes]]:
    """Return the analysis of a session, and the blobs between the photo and those of the analysis."""
    source = open_within_limits(blobs[0], options["limits"])
    masks = options.get("masks", 0)
    return Analysis.unpack(source, options["analysis"], blobs[1 + masks :]), list(blobs[1 : 1 + masks])


def _shrink(rgb: NDArray[np.uint8]) -> bytes:
    """Return a picture as a JPEG of at most `VIEW_SIDE_PX`."""
    factor = VIEW_SIDE_PX / max(rgb.shape[:2])
    if factor < 1:
        rgb = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return encode_jpeg(rgb, dpi=72, limits=FileLimits(quality=VIEW_JPEG_QUALITY)).data


def _shown_picture(source: Source) -> str:
    """Return a picture of a file as Base64, if browsers cannot be sure to show the file itself; else nothing."""
    if source.format in ("jpeg", "png") and max(source.size) <= VIEW_SIDE_PX:
        return ""
    return b64encode(_shrink(source.pixels(min(1.0, VIEW_SIDE_PX / max(source.size)))[0])).decode()


def _grey(alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.repeat(np.rint(alpha * 255).astype(np.uint8)[:, :, None], 3, axis=2)
