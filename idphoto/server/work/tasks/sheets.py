"""Lay finished photos out on sheets of paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.errors import InputError
from idphoto.layout import Item
from idphoto.output.sheet import SheetOptions, find_size_on_paper, make_sheets, paper_mm
from idphoto.server.request_job import read_job
from idphoto.server.sheet_order import check_sheet_order, count_priced_units
from idphoto.server.work.task_result import TaskResult
from idphoto.server.work.tasks.common import describe_files, open_within_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.decode import Source

__all__ = ["lay_out_sheets"]


def lay_out_sheets(options: Mapping[str, Any], blobs: Sequence[bytes]) -> TaskResult:
    """Make the sheets of finished photos.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job, of which ``sheet`` names the paper; ``size`` of each photo on paper, or
        None; ``turn``: if true, photos may be turned by 90 degrees; ``each``: number of copies per photo, or None for
        as many as fit.
    blobs : sequence of bytes
        Finished photos.

    Returns
    -------
    TaskResult
        The files. ``sheet`` describes the layout, ``priced`` tells how many times the price is due.

    Raises
    ------
    IdPhotoError
        If the photos do not fit on the paper, the order is too large, or their size on paper is not known.
    """
    job = read_job(options["job"])
    items = []
    for number, (blob, copies) in enumerate(zip(blobs, options["each"], strict=True), 1):
        source = open_within_limits(blob, options["limits"], f"photo {number}")
        width, height = paper_mm(options["size"]) if options["size"] else _size_on_paper(source)
        items.append(Item(width, height, copies, source.name))
    order = check_sheet_order(job, items, turn=options["turn"])
    layout = SheetOptions(**job.stage_options()["sheet"], turn=options["turn"])
    made = make_sheets(items, blobs, layout, may_turn=True)
    head = {
        "files": describe_files(made.files),
        "sheet": made.layout.model_dump(mode="json"),
        "priced": count_priced_units(order),
    }
    return TaskResult(head, list(made.files.values()), {})


def _size_on_paper(source: Source) -> tuple[float, float]:
    """Return the size of a photo in mm; refuse a photo that does not state it."""
    size = find_size_on_paper(source)
    if size is None:
        raise InputError(f"The {source.name} does not say how large it is on paper.", "Send its size, such as 35x45mm.")
    return size
