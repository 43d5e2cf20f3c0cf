"""Assemble the commands, and turn errors that nobody caught into exit codes."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from idphoto.cli.batches import batch_app
from idphoto.cli.catalogue import papers, specs_app
from idphoto.cli.errors import INTERNAL_ERROR, debugging, report_error
from idphoto.cli.models import models_app
from idphoto.cli.photos import check, cutout, make, run
from idphoto.cli.rulebook import changed_specs, export_specs, stale_specs
from idphoto.cli.service import keys_app, serve, studio
from idphoto.cli.sheets import sheet
from idphoto.cli.watching import watch
from idphoto.errors import IdPhotoError

__all__ = ["app", "main"]

app = typer.Typer(
    name="idphoto",
    help="From any portrait to a finished ID photo, a true-size print sheet and an honest report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (make, run, check, cutout, sheet, watch, papers, serve, studio):
    app.command()(command)
app.add_typer(batch_app, name="batch")
for name, command in (("stale", stale_specs), ("changes", changed_specs), ("export", export_specs)):
    specs_app.command(name)(command)
app.add_typer(specs_app, name="specs")
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,  # noqa: ARG001
) -> None:
    if version:
        from idphoto.version import __version__

        typer.echo(f"idphoto {__version__}")
        raise typer.Exit


BROKEN_PIPE = 141
"""Exit code of a program whose output nobody reads any more: 128 and the number of SIGPIPE."""


def main() -> None:
    """Run the command line and turn errors into exit codes."""
    # --debug is understood wherever it stands, because it is typed when something has just gone wrong.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        # Pipes and consoles of some systems lack letters: an escape in place of a letter is better than no result.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    debugging.set(len(arguments) < len(sys.argv) - 1)
    try:
        app(arguments)
    except SystemExit:
        # Typer has put this wrapper there if the reader of the output went away, as `head` does.
        if type(sys.stdout).__name__ == "PacifyFlushWrapper":
            sys.exit(BROKEN_PIPE)
        raise
    except KeyboardInterrupt:
        sys.exit(130)
    except IdPhotoError as problem:
        sys.exit(report_error(problem))
    except Exception as problem:
        if debugging.get():
            raise
        typer.echo(
            f"error [internal] {type(problem).__name__}: {problem}. This is a fault of idphoto: "
            "run again with --debug and report what it shows.",
            err=True,
        )
        sys.exit(INTERNAL_ERROR)
