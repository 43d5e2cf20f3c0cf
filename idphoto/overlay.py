"""Describe the lines, bands and places that a front end draws over a photo, as plain data.

Lines and strips are in pixels of the finished file. The head and the view are in source pixels, with the limits of the
document in pixels of the photo, so that a front end can show at once what another crop would measure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from idphoto.checks.framing import list_framing_limits
from idphoto.messages import title
from idphoto.output.verdict import allowed_strips, face_marks
from idphoto.stages.explain import Explain

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.portrait import Head

__all__ = ["describe_overlay"]


def describe_overlay(photo: Photo, language: str) -> dict[str, Any]:
    """Return what can be drawn over a finished photo.

    Parameters
    ----------
    photo : Photo
        A finished and checked photo for a document.
    language : str
        Language of the labels.

    Returns
    -------
    dict
        ``marks``: lines at crown, eyes and chin; ``strips``: heights that the document allows for eyes and crown;
        ``size``: of the finished file in pixels; ``view``: matrix from source pixels to the photo, or None if the file
        was taken as it is; ``head``: points and lengths in source pixels, or None; ``limits``: of the document, in
        pixels of the photo.
    """
    assert photo.spec is not None
    assert photo.finished is not None
    verdict = Explain(language=language).verdict(photo)
    size = photo.finished.source.size
    eyes, crown = allowed_strips(verdict)
    limits = []
    for limit in list_framing_limits(photo.spec, size) if photo.view is not None else ():
        high = None if math.isinf(limit.high) else round(limit.high, 2)
        row = {**limit._asdict(), "low": round(limit.low, 2), "high": high, "title": title(limit.check, language)}
        limits.append(row)
    return {
        "marks": [{**mark._asdict(), "status": mark.status.value} for mark in face_marks(verdict)],
        "strips": {"eyes": eyes and list(eyes), "crown": crown and list(crown)},
        "size": list(size),
        "view": None if photo.view is None else photo.view.matrix.tolist(),
        "head": None if photo.head is None else _describe_head(photo.head, photo.spec.crown, photo),
        "limits": limits,
    }


def _describe_head(head: Head, crown: str, photo: Photo) -> dict[str, Any]:
    """Return the points and lengths of a head that the limits of documents are about, in source pixels."""
    assert photo.face is not None
    up = head.crown(crown)

    def along(distance: float) -> list[float]:
        return [round(head.eyes.x + head.axis[0] * distance, 2), round(head.eyes.y + head.axis[1] * distance, 2)]

    return {
        "crown": along(up),
        "chin": along(-head.chin),
        "left_eye": [round(value, 2) for value in photo.face.eye_left],
        "right_eye": [round(value, 2) for value in photo.face.eye_right],
        "face_width": round(head.left + head.right, 2),
    }
