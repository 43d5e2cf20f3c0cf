"""Lay finished photos out on paper."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from idphoto.errors import IdPhotoError, InputError
from idphoto.layout import Item
from idphoto.output.sheet import SheetOptions, make_sheets, paper_mm
from idphoto.output.xmp import read_xmp, xmp_of
from idphoto.server.request_job import read_job
from idphoto.server.work.tasks.common import Outcome, describe, open_picture
from idphoto.spec import load_spec, spec_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.decode import Source

__all__ = ["lay_out"]


def lay_out(options: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
    """Make the sheets.

    Parameters
    ----------
    options : mapping
        ``limits``; ``job``: fields of a job, of which ``sheet`` names the paper; ``size`` of each photo on paper, or
        None; ``turn``: whether photos may lie on their side; ``each``: copies per photo, None where as many as fit.
    blobs : sequence of bytes
        Finished photos.

    Raises
    ------
    IdPhotoError
        If the photos do not fit the paper, or do not say how large they are.
    """
    job = read_job(options["job"])
    items = []
    for number, (blob, copies) in enumerate(zip(blobs, options["each"], strict=True), 1):
        source = open_picture(blob, options["limits"], f"photo {number}")
        width, height = paper_mm(options["size"]) if options["size"] else _size_on_paper(source)
        items.append(Item(width, height, copies, source.name))
    files = make_sheets(items, blobs, SheetOptions(**job.stage_options()["sheet"], turn=options["turn"]))
    return Outcome({"files": describe(files)}, list(files.values()), {})


def _size_on_paper(source: Source) -> tuple[float, float]:
    """Size in mm: of the document that our own note in the file names, else by the resolution it states."""
    named = ""
    with suppress(IdPhotoError):  # somebody else's note, or none
        named = read_xmp(xmp_of(source.data) or b"").spec
    # A file can claim to be made for anything; only a document of ours is looked up, never a path.
    size = load_spec(named).size if named in spec_ids() else None
    if size is not None:
        return size.mm
    if source.dpi is None:
        raise InputError(f"The {source.name} does not say how large it is on paper.", "Send size, such as 35x45mm.")
    width, height = (round(side / source.dpi * 25.4, 1) for side in source.size)
    return width, height
