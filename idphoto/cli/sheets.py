"""The command ``sheet``: lay finished photos out on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from idphoto.cli.flags import Force, JobFile, job_flags, load_job
from idphoto.cli.pictures import STREAM, find_pictures, read_standard_input, write_to_output
from idphoto.errors import InputError

__all__ = ["sheet"]

SHEET_FORMATS_OF_SUFFIXES = {".pdf": "pdf", ".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}
"""Suffix of the file that is named to the format of the sheet."""


@job_flags("gap", "margin", "enlargement", "language", sheet_dpi="--dpi")
def sheet(
    photos: Annotated[
        list[str], typer.Argument(help="Finished photos, each with a number of copies: a.jpg:4 b.jpg:2; - reads one.")
    ],
    options: dict[str, Any],
    job: JobFile = None,  # noqa: ARG001 - job_flags reads it
    paper: Annotated[
        str | None, typer.Option(help="Paper: a name, such as 10x15cm, or a size, such as 120x180mm.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="PDF; JPEG or PNG for photo labs; - writes a PDF to the output."),
    ] = None,
    photo_size: Annotated[
        str | None, typer.Option("--size", help="Size of each photo, such as 35x45mm; as its file says if not given.")
    ] = None,
    turn: Annotated[bool, typer.Option(help="Let photos lie on their side where more then fit.")] = False,
    force: Force = False,
) -> None:
    """Lay finished photos of any people and sizes out on paper."""
    from idphoto.cli import present
    from idphoto.output.files import refuse_existing, write_files
    from idphoto.output.sheet import (
        SheetOptions,
        make_sheets,
        paper_mm,
        read_sheet_item,
        refuse_idle_sheet_options,
    )

    if paper is None or output is None:
        raise InputError("A sheet needs a paper and a file.", "Name both, such as --paper 4x6in -o sheet.pdf.")
    kind = _find_format(output)
    wanted = load_job({**options, "sheet": paper})
    refuse_idle_sheet_options(wanted, kind)
    paper_mm(paper)
    if str(output) == STREAM:
        present.keep_output_free()
    else:
        refuse_existing([output], force=force)
    named = [name for text in photos for name in _expand(text)]
    stream = read_standard_input() if any(text.split(":")[0] == STREAM for text in named) else b""
    parts = [read_sheet_item(text, photo_size, stream=stream) for text in named]
    layout = replace(SheetOptions(**wanted.stage_options()["sheet"], turn=turn), format=kind)
    made, description = make_sheets([item for item, _ in parts], [data for _, data in parts], layout, may_turn=True)
    if str(output) == STREAM:
        write_to_output(*made.values())
    else:
        names = [output if page == 0 else output.with_stem(f"{output.stem}-{page + 1}") for page in range(len(made))]
        present.list_files(write_files(dict(zip(names, made.values(), strict=True)), force=force))
    present.show_notes(description, layout.language)


def _expand(text: str) -> list[str]:
    """Return the photos that an argument names, each with the number of copies that stands behind a pattern."""
    pattern, colon, copies = text.rpartition(":")
    if colon and copies.isdigit() and any(letter in pattern for letter in "*?"):
        return [f"{picture.path}:{copies}" for picture in find_pictures([pattern])]
    return [picture.path for picture in find_pictures([text])]


def _find_format(output: Path) -> str:
    """Return the format that the name of the file says.

    Raises
    ------
    InputError
        If there are no sheets of that format.
    """
    kind = "pdf" if str(output) == STREAM else SHEET_FORMATS_OF_SUFFIXES.get(output.suffix.lower())
    if kind is None:
        said = f"files with the suffix '{output.suffix}'" if output.suffix else "files without a suffix"
        raise InputError(f"Sheets are not written as {said}.", f"Name a {', '.join(SHEET_FORMATS_OF_SUFFIXES)} file.")
    return kind
