"""The command ``sheet``: lay finished photos out on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from idphoto.cli.flags import Force, job_flags, load_job

__all__ = ["sheet"]


@job_flags("gap", "margin", "enlargement", sheet_dpi="--dpi")
def sheet(
    photos: Annotated[
        list[str], typer.Argument(help="Finished photos, each with a number of copies: a.jpg:4 b.jpg:2.")
    ],
    paper: Annotated[str, typer.Option(help="Paper: a name, such as 10x15cm, or a size, such as 120x180mm.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="PDF, or JPEG for photo labs.")],
    options: dict[str, Any],
    size: Annotated[
        str | None, typer.Option(help="Size of each photo, such as 35x45mm; as its file says if not given.")
    ] = None,
    turn: Annotated[bool, typer.Option(help="Let photos lie on their side where more then fit.")] = False,
    force: Force = False,
) -> None:
    """Lay finished photos of any people and sizes out on paper."""
    from idphoto.cli import present
    from idphoto.output.files import write_files
    from idphoto.output.sheet import SheetOptions, make_sheets, read_sheet_item

    kind = "jpeg" if output.suffix.lower() in (".jpg", ".jpeg") else "pdf"
    job = load_job(None, {**options, "sheet": paper, "sheet_format": kind})
    parts = [read_sheet_item(text, size) for text in photos]
    layout = SheetOptions(**job.stage_options()["sheet"], turn=turn)
    made = make_sheets([item for item, _ in parts], [data for _, data in parts], layout)
    names = [output if number == 0 else output.with_stem(f"{output.stem}-{number + 1}") for number in range(len(made))]
    present.list_files(write_files(dict(zip(names, made.values(), strict=True)), force=force))
