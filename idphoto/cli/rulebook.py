"""The commands about the rule book as a whole: ``specs stale``, ``specs changes`` and ``specs export``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from idphoto.errors import InputError

__all__ = ["changed_specs", "export_specs", "stale_specs"]


def stale_specs(
    months: Annotated[int, typer.Option(min=0, max=1200, help="Age from which rules count as old.")] = 12,
) -> None:
    """List the documents with rules that were last read long ago. The exit code is 1 if there are any."""
    from idphoto.cli import present
    from idphoto.spec import all_specs
    from idphoto.spec.rulebook import find_stale

    found = find_stale(all_specs(variants=False), days=round(months * 365.25 / 12))
    present.list_stale(found)
    raise typer.Exit(1 if found else 0)


def changed_specs(
    since: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Day, such as 2026-11-22.")],
) -> None:
    """List what changed in the rules since a day, and on which source each change rests."""
    from idphoto.cli import present
    from idphoto.spec.rulebook import load_changes

    present.list_changes([change for change in load_changes() if change.day >= since.date()])


def export_specs(
    as_json: Annotated[bool, typer.Option("--json", help="All documents as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="All rules as CSV, one a line.")] = False,
) -> None:
    """Print the whole rule book, with sources, so that others can build on it."""
    from idphoto.spec import all_specs
    from idphoto.spec.rulebook import write_csv, write_json

    if as_json == as_csv:
        raise InputError("Choose one format.", "Write --json or --csv.")
    specs = all_specs()
    typer.echo(write_json(specs) if as_json else write_csv(specs), nl=False)
