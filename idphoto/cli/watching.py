"""The command ``watch``: make the photos that arrive in a folder."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idphoto.cli.flags import ProgressFlag
from idphoto.cli.progress import Progress, describe_record
from idphoto.errors import printable

if TYPE_CHECKING:
    from types import FrameType

    from idphoto.batch.record import Outcome

__all__ = ["watch"]


def watch(
    folder: Annotated[Path, typer.Argument(help="Folder that photos arrive in; folders inside it, too.")],
    job: Annotated[Path, typer.Option("--job", help="Job file of a batch (YAML), which says what is made of them.")],
    out: Annotated[str | None, typer.Option("--out", help="Folder for the results.")] = None,
    settle: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds without a change after which a file is complete.")
    ] = 2.0,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; one per core if not given.")] = None,
    progress: ProgressFlag = "auto",
) -> None:
    """Make the photos that arrive in a folder, until Ctrl+C. A new start goes on where the last one ended."""
    from idphoto.batch import BatchJob, watch_folder
    from idphoto.cli import present

    given = {"photos": str(folder), "out": out, "workers": workers}
    wanted = BatchJob.load(job, **{name: value for name, value in given.items() if value is not None})
    stop = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        # The photos that workers are at are finished first; a second Ctrl+C does not wait for them.
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    shown = Progress("jsonl" if progress == "jsonl" else "off", 0)
    if not shown.is_for_programs:
        present.console.print(f"watching {printable(str(folder))}; Ctrl+C ends", soft_wrap=True)

    def show(outcome: Outcome) -> None:
        for record in outcome.records:
            name, reason = describe_record(record)
            shown.add(name, record.status, reason=reason, reused=outcome.reused > 0)
            if not shown.is_for_programs and outcome.reused < len(outcome.records):
                present.show_line(record.status, name, reason)

    with shown:
        watch_folder(wanted, stop, settle_s=settle, on_outcome=show, on_problem=present.show_error)
    shown.close(0)
