"""What a worker can be asked to do: a table of functions from plain data and files to the same.

To add one: a function ``(options, blobs) -> Outcome`` in a file here, and a line in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idphoto.server.work.tasks.cutouts import cut_out
from idphoto.server.work.tasks.heads import cut_out_heads
from idphoto.server.work.tasks.large import cut_out_large
from idphoto.server.work.tasks.photos import make_photos
from idphoto.server.work.tasks.sheets import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from idphoto.server.work.tasks.common import Outcome

__all__ = ["TASKS"]

TASKS: dict[str, Callable[..., Outcome]] = {
    "cutout": cut_out,
    "large-cutout": cut_out_large,
    "heads": cut_out_heads,
    "photos": make_photos,
    "sheets": lay_out,
}
