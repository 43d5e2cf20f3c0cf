"""Cut everybody out of a large picture: looked at small, refined only along the edge."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from idphoto import matting
from idphoto.backends.table import AUTO
from idphoto.faces.preview import find_faces_in_preview
from idphoto.matting.foreground import foreground
from idphoto.matting.given_masks import alpha_of_source
from idphoto.matting.hair_windows import MAX_SINGLE_PASS_PX, refined
from idphoto.output.png import encode_png
from idphoto.parts import locate_head
from idphoto.portrait import Preview, View
from idphoto.segmentation.person import segment_person
from idphoto.server.work.tasks.common import Outcome, open_picture
from idphoto.server.work.tasks.cutouts import require_person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.parts import HeadPlace
    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out_large"]

LOOK = 1280  # pixels of the longer side in which faces are looked for
BESIDE, ABOVE = 3.0, 2.6  # of the window in which each person is looked for, in eyes to chin; down to the bottom
GROUPS = "guided"  # matting backend for several people
EFFORT = 2  # of packing: whoever sends 36 megapixels waits for them, too
SCRAP = 1 / 20  # of the largest person: smaller pieces without a face are no persons


def cut_out_large(options: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
    """Cut out everybody.

    Parameters
    ----------
    options : mapping
        ``limits``.
    blobs : sequence of bytes
        The photo.

    Returns
    -------
    Outcome
        One four-channel PNG of the photo's size.

    Raises
    ------
    NoPerson
        If there is nobody to be cut out.
    InputError
        If the picture cannot be used.
    """
    timings = {}
    begun = time.perf_counter()
    source = open_picture(blobs[0], options["limits"])
    picture, _ = source.pixels(1.0)
    places = [
        locate_head(face) for face in find_faces_in_preview(Preview(*source.pixels(min(1.0, LOOK / max(source.size)))))
    ]
    timings["analyse"] = (time.perf_counter() - begun) * 1000

    begun = time.perf_counter()
    given = alpha_of_source(source, View(np.eye(3), source.size))
    if given is None:
        alpha, colours = _matte(picture, places)
    else:
        alpha, colours = given, foreground(picture, given)
    if not places:
        require_person(source.pixels(min(1.0, LOOK / max(source.size)))[0], alpha)
    timings["cutout"] = (time.perf_counter() - begun) * 1000

    begun = time.perf_counter()
    rgba = np.empty((*alpha.shape, 4), dtype=np.uint8)
    rgba[..., :3] = colours
    rgba[..., 3] = np.rint(alpha * 255)
    del alpha, colours
    rgba[rgba[..., 3] == 0] = 0  # nothing of the room is given away where it cannot be seen
    made = encode_png(rgba, dpi=source.dpi, effort=EFFORT)
    timings["encode"] = (time.perf_counter() - begun) * 1000
    width, height = source.size
    about = {"suffix": ".png", "bytes": len(made.data), "width": width, "height": height}
    return Outcome({"files": [about]}, [made.data], timings)


def _matte(picture: Rgb, places: Sequence[HeadPlace]) -> tuple[Alpha, Rgb]:
    """Alpha, and the colours of the people alone."""
    scale = min(1.0, MAX_SINGLE_PASS_PX / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    several = len(places) > 1
    people = segment_person(small, AUTO)
    if several:
        people = _everybody(small, people, [place.in_window(0, 0, scale) for place in places])
    # The network has learnt on single figures, and of a group keeps one; filters keep whomever they are given.
    matter = GROUPS if several else AUTO

    def once(rgb: Rgb, coarse: Alpha) -> Alpha:
        """One pass; see :class:`idphoto.matting.hair_windows.Once`."""
        return matting.matte(rgb, np.ascontiguousarray(coarse), matter)

    colours = picture.copy()
    alpha = refined(once, picture, people, colours)
    return _without_scraps(alpha, places), colours


def _everybody(rgb: Rgb, people: Alpha, places: Sequence[HeadPlace]) -> Alpha:
    """A matte of all whose faces are seen, each looked at alone as the network has learnt it; others stay."""
    mattes = np.zeros_like(people)
    looked = np.zeros(people.shape, dtype=bool)
    for place in places:
        left, top = (int(max(0, place.eyes[axis] - (BESIDE, ABOVE)[axis] * place.size)) for axis in (0, 1))
        right = int(place.eyes[0] + BESIDE * place.size) + 1
        bottom = int(place.eyes[1] + 2 * BESIDE * place.size) + 1
        window = (slice(top, bottom), slice(left, right))
        seen = np.ascontiguousarray(rgb[window])
        mattes[window] = np.maximum(mattes[window], matting.matte(seen, segment_person(seen, AUTO)))
        looked[window] = True
    return np.where(looked, mattes, people)


def _without_scraps(alpha: Alpha, places: Sequence[HeadPlace]) -> Alpha:
    """Drop small pieces that hang together with nobody."""
    scale = min(1.0, MAX_SINGLE_PASS_PX / max(alpha.shape))
    small = cv2.resize(alpha, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else alpha
    count, labels, stats, _ = cv2.connectedComponentsWithStats((small > 0.02).astype(np.uint8))
    if count <= 2:
        return alpha
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= areas.max() * SCRAP
    for place in places:
        x, y = (int(np.clip(place.eyes[axis] * scale, 0, labels.shape[1 - axis] - 1)) for axis in (0, 1))
        keep[labels[y, x]] = True
    keep[0] = True  # what is nearly invisible here may be a hair at full size
    kept = cv2.resize(keep[labels].astype(np.uint8), alpha.shape[::-1], interpolation=cv2.INTER_NEAREST)
    alpha[kept == 0] = 0
    return alpha
