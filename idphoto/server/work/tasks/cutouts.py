"""Cut the person out of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.errors import NoPerson
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.report import Operation
from idphoto.server.orders import order
from idphoto.server.work.tasks.common import Outcome, describe, open_picture
from idphoto.stages.cutout import Cutout, given_mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.decode import Source
    from idphoto.photo import Alpha

__all__ = ["LEAST", "cut_out", "require_person"]

LEAST = 0.002
"""Share of the picture that somebody must take up to be a person in it."""


def cut_out(options: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
    """Cut out the person.

    Parameters
    ----------
    options : mapping
        ``limits``, and ``order``: fields of a job.
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
    pipeline = Pipeline.load("cutout", order(options["order"]).choices())
    if len(blobs) > 1:
        photo = _by_mask(pipeline, Photo(source), open_picture(blobs[1], options["limits"], "mask"))
    else:
        photo = pipeline(Photo(source))
        require_person(photo.alpha)
    (file,) = describe(photo.files)
    width, height = source.size
    return Outcome({"files": [{**file, "width": width, "height": height}]}, list(photo.files.values()), photo.timings)


def _by_mask(pipeline: Pipeline, photo: Photo, mask: Source) -> Photo:
    """Run a pipeline with a mask that was sent along in the place of its cutout."""
    for stage in pipeline.stages:
        if isinstance(stage, Cutout):
            assert photo.view is not None
            alpha = given_mask(mask, photo.source, photo.view)
            photo = photo.did(Operation(name="mask", detail="taken as given"), alpha=alpha)
        else:
            photo = stage(photo)
    return photo


def require_person(alpha: Alpha | None) -> None:
    """Refuse a cutout with next to nothing in it.

    Raises
    ------
    NoPerson
        If so.
    """
    if alpha is None or float((alpha > 0.5).mean()) < LEAST:
        raise NoPerson("No person was found in the picture.", "Send a photo of somebody.")
