"""Cut out each head, or the hair of each head."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from idphoto.errors import NoFace, NoPerson
from idphoto.matting.chain import Matte, cut_out
from idphoto.output import WRITERS
from idphoto.parts import estimate_hair_alpha, estimate_head_alpha, locate_head
from idphoto.people import find_people
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import open_within_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.parts import HeadPlace
    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out_heads"]

HEAD_WINDOW_MARGINS = (2.6, 2.6, 2.6, 3.4)
"""Distance from the eyes to each side of a head's window (left, top, right, bottom); unit: distance eyes to chin."""

MAX_HEADS = 20


class _HeadCutout(NamedTuple):
    left: int
    top: int
    rgba: Rgb


def cut_out_heads(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Cut out heads, from left to right.

    Parameters
    ----------
    options : mapping
        ``limits``; ``part``: head or hair; ``form``: rgba or mask.
    blobs : sequence of bytes
        The photo.

    Returns
    -------
    TaskResult
        A file for each head. ``files`` has its ``x``, ``y``, ``width`` and ``height`` in the photo.

    Raises
    ------
    NoFace
        If no face is found.
    NoPerson
        If hair is asked for and none is found.
    InputError
        If the picture cannot be used.
    """
    begun = time.perf_counter()
    source = open_within_limits(blobs[0], options["limits"])
    picture, _ = source.pixels(1.0)
    places, matte = _find_heads(picture)
    places.sort(key=lambda place: place.eyes[0])
    found = time.perf_counter()
    descriptions, files = [], []
    for place in places:
        cutout = _cut_out_head(matte, place, places, options["part"])
        if cutout is None:
            continue
        left, top, rgba = cutout
        made = WRITERS["png"](np.ascontiguousarray(rgba[..., 3]) if options["form"] == "mask" else rgba)
        height, width = rgba.shape[:2]
        descriptions.append(
            {"suffix": ".png", "bytes": len(made.data), "x": left, "y": top, "width": width, "height": height}
        )
        files.append(made.data)
    if not files:
        raise NoPerson("No hair was found in the photo.", "Send a photo of somebody with hair.")
    timings = {"analyse": (found - begun) * 1000, "cutout": (time.perf_counter() - found) * 1000}
    return TaskResult({"files": descriptions}, files, timings)


def _find_heads(picture: Rgb) -> tuple[list[HeadPlace], Matte]:
    """Find the heads, the largest first, and cut everybody out.

    Raises
    ------
    NoFace
        If there is none.
    """
    try:
        people = find_people(picture)
    except NoPerson:
        people = None
    if people is None or not people.faces:
        raise NoFace("No face was found in the photo.", "Send a photo in which the whole face is seen from the front.")
    faces = sorted(people.faces, key=lambda face: -face.box.height)
    return [locate_head(face) for face in faces[:MAX_HEADS]], cut_out(picture, people)


def _cut_out_head(matte: Matte, place: HeadPlace, places: Sequence[HeadPlace], part: str) -> _HeadCutout | None:
    """Cut out one head or its hair, cropped to its visible pixels; None if there are none."""
    left, top = (int(max(0, place.eyes[axis] - HEAD_WINDOW_MARGINS[axis] * place.size)) for axis in (0, 1))
    right, bottom = (int(place.eyes[axis] + HEAD_WINDOW_MARGINS[2 + axis] * place.size) + 1 for axis in (0, 1))
    window, person_alpha, colours = (
        np.ascontiguousarray(layer[top:bottom, left:right]) for layer in (matte.picture, matte.alpha, matte.colours)
    )
    own_alpha = person_alpha * _mask_nearest(place, places, left, top, person_alpha.shape)
    place_in_window = place.in_window(left, top)
    alpha = estimate_hair_alpha(window, own_alpha, place_in_window)
    if part == "head":
        alpha = estimate_head_alpha(own_alpha, alpha, place_in_window)
    rgba = np.dstack([colours, np.rint(alpha * 255).astype(np.uint8)])
    rgba[rgba[..., 3] == 0] = 0
    rows, columns = np.flatnonzero(rgba[..., 3].any(axis=1)), np.flatnonzero(rgba[..., 3].any(axis=0))
    if len(rows) == 0:
        return None
    cropped = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _HeadCutout(left + int(columns[0]), top + int(rows[0]), np.ascontiguousarray(cropped))


def _mask_nearest(place: HeadPlace, places: Sequence[HeadPlace], left: int, top: int, shape: tuple[int, ...]) -> Alpha:
    """Return 1 where no other head is nearer than `place`, else 0. Distances are measured in the size of each head."""

    def distance(other: HeadPlace) -> Alpha:
        across, down = other.in_window(left, top).head_coordinates(shape)
        return np.hypot(across, down)

    own_distance = distance(place)
    mask = np.ones(shape, dtype=np.float32)
    for other in places:
        if other is not place:
            mask[distance(other) < own_distance] = 0
    return mask
