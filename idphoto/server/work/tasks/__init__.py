"""The tasks of workers: functions from plain data and files to plain data and files.

To add one, write a function ``(options, blobs) -> TaskResult`` in a file here, and add a line to `TASKS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.server.work.tasks.cutouts import cut_out_person
from idphoto.server.work.tasks.heads import cut_out_heads
from idphoto.server.work.tasks.large_cutouts import cut_out_everyone
from idphoto.server.work.tasks.photos import make_photos
from idphoto.server.work.tasks.sheets import lay_out_sheets
from idphoto.server.work.tasks.studio import (
    cut_out_studio_photo,
    judge_frame,
    make_studio_photo,
    match_studio_photo,
    open_studio,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from idphoto.server.work.task_result import TaskResult

__all__ = ["TASKS"]

TASKS: dict[str, Callable[..., TaskResult]] = {
    "cutout": cut_out_person,
    "large-cutout": cut_out_everyone,
    "heads": cut_out_heads,
    "photos": make_photos,
    "sheets": lay_out_sheets,
    "studio-open": open_studio,
    "studio-photo": make_studio_photo,
    "studio-match": match_studio_photo,
    "studio-cutout": cut_out_studio_photo,
    "studio-frame": judge_frame,
}
"""Name of a task to its function ``(options, blobs) -> TaskResult``."""
