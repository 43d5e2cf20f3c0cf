"""Cut out each head, or the hair of each head."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from idphoto import matting
from idphoto.errors import NoFace, NoPerson
from idphoto.faces.preview import find_faces_in_preview
from idphoto.matting.foreground import foreground
from idphoto.output import WRITERS
from idphoto.parts import estimate_hair_alpha, estimate_head_alpha, locate_head
from idphoto.portrait import Preview
from idphoto.segmentation.person import segment_person
from idphoto.server.work.tasks.common import Outcome, open_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.parts import HeadPlace
    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out_heads"]

LOOK = 1280  # pixels of the longer side in which faces are looked for
AROUND = (2.6, 2.6, 2.6, 3.4)  # of a head that is looked at: left, above, right, below; from the eyes, in eyes to chin
MOST = 20  # heads of one picture


def cut_out_heads(options: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
    """Cut out heads, from left to right.

    Parameters
    ----------
    options : mapping
        ``limits``; ``part``: head or hair; ``form``: rgba or mask.
    blobs : sequence of bytes
        The photo.

    Returns
    -------
    Outcome
        A file for each head; its ``x``, ``y``, ``width`` and ``height`` in the photo stand beside it.

    Raises
    ------
    NoFace
        If there is no face.
    NoPerson
        If hair is asked for and nobody has any.
    InputError
        If the picture cannot be used.
    """
    begun = time.perf_counter()
    source = open_picture(blobs[0], options["limits"])
    picture, _ = source.pixels(1.0)
    faces = find_faces_in_preview(Preview(*source.pixels(min(1.0, LOOK / max(source.size)))))[:MOST]
    if not faces:
        raise NoFace("No face was found in the photo.", "Send a photo in which the whole face is seen from the front.")
    places = sorted((locate_head(face) for face in faces), key=lambda place: place.eyes[0])
    found = time.perf_counter()
    about, files = [], []
    for place in places:
        cut = _cut(picture, place, places, options["part"])
        if cut is None:
            continue
        x, y, rgba = cut
        made = WRITERS["png"](np.ascontiguousarray(rgba[..., 3]) if options["form"] == "mask" else rgba)
        height, width = rgba.shape[:2]
        about.append({"suffix": ".png", "bytes": len(made.data), "x": x, "y": y, "width": width, "height": height})
        files.append(made.data)
    if not files:
        raise NoPerson("No hair was found in the photo.", "Send a photo of somebody with hair.")
    timings = {"analyse": (found - begun) * 1000, "cutout": (time.perf_counter() - found) * 1000}
    return Outcome({"files": about}, files, timings)


def _cut(picture: Rgb, place: HeadPlace, places: Sequence[HeadPlace], part: str) -> tuple[int, int, Rgb] | None:
    """One head or its hair: left and top in the picture, and its pixels with alpha; None if there is nothing."""
    left, top = (int(max(0, place.eyes[axis] - AROUND[axis] * place.size)) for axis in (0, 1))
    right, bottom = (int(place.eyes[axis] + AROUND[2 + axis] * place.size) + 1 for axis in (0, 1))
    window = np.ascontiguousarray(picture[top:bottom, left:right])
    person = matting.matte(window, segment_person(window, "auto"))
    alpha = person * _nearest(place, places, left, top, person)
    here = place.in_window(left, top)
    wanted = estimate_hair_alpha(window, alpha, here)
    if part == "head":
        wanted = estimate_head_alpha(alpha, wanted, here)
    rgba = np.dstack([foreground(window, person), np.rint(wanted * 255).astype(np.uint8)])
    rgba[rgba[..., 3] == 0] = 0
    rows, columns = np.flatnonzero(rgba[..., 3].any(axis=1)), np.flatnonzero(rgba[..., 3].any(axis=0))
    if len(rows) == 0:
        return None
    cut = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return left + int(columns[0]), top + int(rows[0]), np.ascontiguousarray(cut)


def _nearest(place: HeadPlace, places: Sequence[HeadPlace], left: int, top: int, person: Alpha) -> Alpha:
    """1 where no other head is nearer, each measured by its own size."""

    def distance(other: HeadPlace) -> Alpha:
        across, down = other.in_window(left, top).head_coordinates(person.shape)
        return np.hypot(across, down)

    own = distance(place)
    mine = np.ones(person.shape, dtype=np.float32)
    for other in places:
        if other is not place:
            mine[distance(other) < own] = 0
    return mine
