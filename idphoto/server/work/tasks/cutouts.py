"""Cut the person out of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto import faces
from idphoto.api import make
from idphoto.errors import NoPerson
from idphoto.segmentation.person import segment_person
from idphoto.server.request_job import read_job
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import describe_files, open_within_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out_person", "require_person"]

# These limits were set on 13 photos without people or with tiny ones, which are all refused, and on 36 portraits, which
# are all accepted. Of the lower halves of these portraits, in which no head is visible, 5 are refused.
MIN_CUTOUT_SHARE = 0.002
"""Share of the picture that a cutout must cover."""

MIN_FACE_SCORE = 0.7
"""A face with this score is a person. Parrots reach 0.52."""

MIN_FACELESS_SHARE = 0.01
"""Share of the picture that the person mask must cover if there is no face."""

MIN_FACELESS_PROBABILITY = 0.85
"""Mean probability within the person mask if there is no face. Parrots reach 0.83, torsos without heads 0.95."""


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
        One file. ``files`` has the ``width`` and ``height`` of the photo.

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
    if mask is None:
        assert photo.preview is not None
        assert photo.alpha is not None
        require_person(photo.preview.rgb, photo.alpha)
    (file,) = describe_files(photo.files)
    width, height = source.size
    return TaskResult(
        {"files": [{**file, "width": width, "height": height}]}, list(photo.files.values()), photo.timings
    )


def require_person(rgb: Rgb, alpha: Alpha) -> None:
    """Refuse a cutout that shows no person.

    The segmenter finds a person mask in every picture, also of a hat on a wall, a barn or two parrots. A picture is
    accepted if the detector finds a face with a high score. Without a face, a person may be seen from behind; then the
    person mask must have the high probability that it has on people.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (h, w, 3)
        A reduced view of the picture, sRGB.
    alpha : ndarray of float32, shape (H, W)
        The alpha matte of the cutout.

    Raises
    ------
    NoPerson
        If there is no person.
    """
    if float((alpha > 0.5).mean()) >= MIN_CUTOUT_SHARE:
        if any(face.score >= MIN_FACE_SCORE for face in faces.BACKENDS.get().detect(rgb)):
            return
        probability = segment_person(rgb, "auto")
        mask = probability > 0.5
        is_large = float(mask.mean()) >= MIN_FACELESS_SHARE
        if is_large and float(probability[mask].mean()) >= MIN_FACELESS_PROBABILITY:
            return
    raise NoPerson("No person was found in the picture.", "Send a photo of a person.")
