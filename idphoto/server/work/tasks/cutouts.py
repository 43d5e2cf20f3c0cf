"""Cut the person out of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto import faces
from idphoto.errors import NoPerson
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.segmentation.person import segment_person
from idphoto.server.request_job import read_job
from idphoto.server.work.tasks.common import Outcome, describe, open_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out", "require_person"]

# Of 13 photos without people, or with tiny ones, every one is refused with these figures; of 36 portraits none; of
# their lower halves, where nobody has a head, 5.
LEAST = 0.002  # share of the picture that somebody must take up
FACE = 0.7  # score of a face that settles it; parrots reach 0.52
BODY, SURE = 0.01, 0.85  # without a face: share of the picture, and mean probability; parrots reach 0.83, torsos 0.95


def cut_out(options: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
    """Cut out the person.

    Parameters
    ----------
    options : mapping
        ``limits``, and ``job``: fields of a job.
    blobs : sequence of bytes
        The photo, and perhaps the user's own mask.

    Returns
    -------
    Outcome
        One file; its ``width`` and ``height`` stand beside it.

    Raises
    ------
    NoPerson
        If there is nobody to be cut out.
    InputError
        If the picture, the mask or the order cannot be used.
    """
    source = open_picture(blobs[0], options["limits"])
    pipeline = Pipeline.load("cutout", read_job(options["job"]).stage_options())
    if len(blobs) > 1:
        photo = pipeline(Photo(source, given_mask=open_picture(blobs[1], options["limits"], "mask")))
    else:
        photo = pipeline(Photo(source))
        assert photo.preview is not None
        assert photo.alpha is not None
        require_person(photo.preview.rgb, photo.alpha)
    (file,) = describe(photo.files)
    width, height = source.size
    return Outcome({"files": [{**file, "width": width, "height": height}]}, list(photo.files.values()), photo.timings)


def require_person(rgb: Rgb, alpha: Alpha) -> None:
    """Refuse a cutout with nobody in it.

    The coarse network answers everything with a silhouette: hats on a wall, a barn, two parrots. A
    face that the detector is sure of settles it. Without one, somebody may be seen from behind;
    then the network must be as sure of its silhouette as it is of people.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (h, w, 3)
        A reduced view of the picture, sRGB.
    alpha : ndarray of float32, shape (H, W)
        What was cut out.

    Raises
    ------
    NoPerson
        If there is nobody.
    """
    if float((alpha > 0.5).mean()) >= LEAST:
        if any(found.score >= FACE for found in faces.BACKENDS.get().detect(rgb)):
            return
        probability = segment_person(rgb, "auto")
        silhouette = probability > 0.5
        if float(silhouette.mean()) >= BODY and float(probability[silhouette].mean()) >= SURE:
            return
    raise NoPerson("No person was found in the picture.", "Send a photo of somebody.")
