"""Cut all people out of a large picture."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from idphoto.matting.chain import cut_out
from idphoto.matting.given_masks import alpha_of_source
from idphoto.output.png import encode_png
from idphoto.people import find_people
from idphoto.portrait import View
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import open_within_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.portrait import Alpha, Rgb

__all__ = ["cut_out_everyone"]


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
    given = alpha_of_source(source, View(np.eye(3), source.size))
    matte = cut_out(picture, find_people(picture), given=given)
    rgba = _join_channels(matte.colours, matte.alpha)
    del matte, picture  # frees memory before the PNG is packed
    timings["cutout"] = (time.perf_counter() - begun) * 1000

    begun = time.perf_counter()
    made = encode_png(rgba, dpi=source.dpi)
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
