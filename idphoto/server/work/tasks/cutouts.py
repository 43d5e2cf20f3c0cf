"""Cut the person out of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.errors import NoPerson
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.server.orders import order
from idphoto.server.work.tasks.common import Outcome, describe, open_picture
from idphoto.server.work.tasks.own_mask import OwnMask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        own = OwnMask(mask=open_picture(blobs[1], options["limits"], "mask"))
        stages = tuple(own if stage.stage == "cutout" else stage for stage in pipeline.stages)
        pipeline = Pipeline.model_construct(stages=stages)
    photo = pipeline(Photo(source))
    if len(blobs) == 1:
        require_person(photo.alpha)
    (file,) = describe(photo.files)
    width, height = source.size
    return Outcome({"files": [{**file, "width": width, "height": height}]}, list(photo.files.values()), photo.timings)


def require_person(alpha: Alpha | None) -> None:
    """Refuse a cutout with next to nothing in it.

    Raises
    ------
    NoPerson
        If so.
    """
    if alpha is None or float((alpha > 0.5).mean()) < LEAST:
        raise NoPerson("No person was found in the picture.", "Send a photo of somebody.")
