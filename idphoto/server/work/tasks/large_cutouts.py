"""Cut all people out of a large picture: find them in a reduced view, then refine only the edge at full size."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from idphoto import matting
from idphoto.backends.table import AUTO
from idphoto.matting.foreground import estimate_foreground
from idphoto.matting.given_masks import alpha_of_source
from idphoto.matting.hair_windows import MAX_SINGLE_PASS_PX, refine_in_windows
from idphoto.output.png import encode_png
from idphoto.portrait import View
from idphoto.resample import shrink_to_side
from idphoto.segmentation.person import segment_person
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import decode_detection_view, find_head_places, open_within_limits
from idphoto.server.work.tasks.cutouts import require_person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.decode import Source
    from idphoto.parts import HeadPlace
    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out_everyone"]

PERSON_WINDOW_SIDE, PERSON_WINDOW_TOP = 3.0, 2.6
"""Distance from the eyes to the sides and to the top of a person's window; unit: distance eyes to chin. The bottom is
twice as far as the sides."""

GROUP_MATTING_BACKEND = "guided"
PNG_EFFORT = 2  # low, because packing 36 megapixels takes a large part of the time
MIN_PIECE_SHARE = 1 / 20
"""A piece without a face is dropped if its area is below this share of the largest piece."""

MIN_VISIBLE_ALPHA = 0.02


def cut_out_everyone(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Cut out all people.

    Parameters
    ----------
    options : mapping
        ``limits``.
    blobs : sequence of bytes
        The photo.

    Returns
    -------
    TaskResult
        One four-channel PNG with the size of the photo.

    Raises
    ------
    NoPerson
        If nobody is found.
    InputError
        If the picture cannot be used.
    """
    timings = {}
    begun = time.perf_counter()
    source = open_within_limits(blobs[0], options["limits"])
    picture, _ = source.pixels(1.0)
    places = find_head_places(source)
    timings["analyse"] = (time.perf_counter() - begun) * 1000

    begun = time.perf_counter()
    alpha, colours = _matte_or_given(source, picture, places)
    if not places:
        require_person(decode_detection_view(source).rgb, alpha)
    timings["cutout"] = (time.perf_counter() - begun) * 1000

    begun = time.perf_counter()
    rgba = _join_channels(colours, alpha)
    del alpha, colours  # frees memory before the PNG is packed
    made = encode_png(rgba, dpi=source.dpi, effort=PNG_EFFORT)
    timings["encode"] = (time.perf_counter() - begun) * 1000
    width, height = source.size
    description = {"suffix": ".png", "bytes": len(made.data), "width": width, "height": height}
    return TaskResult({"files": [description]}, [made.data], timings)


def _join_channels(colours: Rgb, alpha: Alpha) -> Rgb:
    """Return colours and alpha as one array of uint8, shape (H, W, 4)."""
    rgba = np.empty((*alpha.shape, 4), dtype=np.uint8)
    rgba[..., :3] = colours
    rgba[..., 3] = np.rint(alpha * 255)
    rgba[rgba[..., 3] == 0] = 0  # invisible pixels must not give the background away
    return rgba


def _matte_or_given(source: Source, picture: Rgb, places: Sequence[HeadPlace]) -> tuple[Alpha, Rgb]:
    """Return the alpha and the foreground colours. If the photo itself has an alpha channel, its alpha is used."""
    given = alpha_of_source(source, View(np.eye(3), source.size))
    if given is not None:
        return given, estimate_foreground(picture, given)
    return _estimate_matte(picture, places)


def _estimate_matte(picture: Rgb, places: Sequence[HeadPlace]) -> tuple[Alpha, Rgb]:
    """Estimate alpha and foreground colours of all people."""
    small, scale = shrink_to_side(picture, MAX_SINGLE_PASS_PX)
    is_group = len(places) > 1
    mask = segment_person(small, AUTO)
    if is_group:
        mask = _mask_each_person(small, mask, [place.in_window(0, 0, scale) for place in places])
    # The network was trained on single people and keeps one person of a group. Guided filters keep all of the mask.
    backend = GROUP_MATTING_BACKEND if is_group else AUTO

    def matte_window(rgb: Rgb, coarse: Alpha) -> Alpha:
        return matting.estimate_alpha(rgb, np.ascontiguousarray(coarse), backend)

    colours = picture.copy()
    alpha = refine_in_windows(matte_window, picture, mask, colours)
    return _drop_small_pieces(alpha, places), colours


def _mask_each_person(rgb: Rgb, mask: Alpha, places: Sequence[HeadPlace]) -> Alpha:
    """Replace the person mask around each face by a matte of this person alone; the rest of the mask stays.

    The network was trained on single people, so each person is cut out in an own window.
    """
    mattes = np.zeros_like(mask)
    is_covered = np.zeros(mask.shape, dtype=bool)
    for place in places:
        margins = (PERSON_WINDOW_SIDE, PERSON_WINDOW_TOP)
        left, top = (int(max(0, place.eyes[axis] - margins[axis] * place.size)) for axis in (0, 1))
        right = int(place.eyes[0] + PERSON_WINDOW_SIDE * place.size) + 1
        bottom = int(place.eyes[1] + 2 * PERSON_WINDOW_SIDE * place.size) + 1
        window = (slice(top, bottom), slice(left, right))
        pixels = np.ascontiguousarray(rgb[window])
        mattes[window] = np.maximum(mattes[window], matting.estimate_alpha(pixels, segment_person(pixels, AUTO)))
        is_covered[window] = True
    return np.where(is_covered, mattes, mask)


def _drop_small_pieces(alpha: Alpha, places: Sequence[HeadPlace]) -> Alpha:
    """Set alpha to 0 in pieces that are small and contain no face. `alpha` is changed in place and returned."""
    scale = min(1.0, MAX_SINGLE_PASS_PX / max(alpha.shape))
    small = cv2.resize(alpha, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else alpha
    count, labels, stats, _ = cv2.connectedComponentsWithStats((small > MIN_VISIBLE_ALPHA).astype(np.uint8))
    if count <= 2:
        return alpha
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    keep = areas >= areas.max() * MIN_PIECE_SHARE
    for place in places:
        x, y = (int(np.clip(place.eyes[axis] * scale, 0, labels.shape[1 - axis] - 1)) for axis in (0, 1))
        keep[labels[y, x]] = True
    keep[0] = True  # below MIN_VISIBLE_ALPHA in the reduced view there may still be single hairs at full size
    kept = cv2.resize(keep[labels].astype(np.uint8), alpha.shape[::-1], interpolation=cv2.INTER_NEAREST)
    alpha[kept == 0] = 0
    return alpha
