"""The command ``batch``: photos of many people, from a roster or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from idphoto import yamlfile
from idphoto.cli.flags import ProgressFlag, ProgressMode, job_flags, load_job
from idphoto.cli.progress import Progress, describe_counts, describe_duration, describe_record
from idphoto.errors import InputError

if TYPE_CHECKING:
    from idphoto.batch import BatchJob, BatchResult
    from idphoto.batch.record import Outcome

__all__ = ["batch_app"]


class _RunByDefault(TyperGroup):
    """Take ``batch JOB.yaml`` as ``batch run JOB.yaml``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


batch_app = typer.Typer(
    cls=_RunByDefault,
    help="Make the photos of many people: batch JOB.yaml, or batch FOLDER --spec ID; batch retry JOB.yaml.",
    no_args_is_help=True,
)

Source = Annotated[Path, typer.Argument(help="Job file (YAML), or a folder of photos.")]
Out = Annotated[str | None, typer.Option("--out", help="Folder for the results, or its URL; out if not given.")]
Names = Annotated[str | None, typer.Option(help="Template of the names, such as '{id}_{spec}.jpg'.")]
Roster = Annotated[Path | None, typer.Option(help="List of the people, CSV or XLSX.")]
Sheets = Annotated[str | None, typer.Option(help="Papers of sheets with everybody's prints, such as 10x15cm,A4.")]
ContactSheet = Annotated[str | None, typer.Option(help="Paper of a contact sheet, such as A4.")]
Strict = Annotated[bool | None, typer.Option("--strict", help="Stop at the first photo that cannot be made.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Worker processes; one per core if not given.")]
EngineFlag = Annotated[str | None, typer.Option("--engine", metavar="local|ray", help="Who does the work.")]
Address = Annotated[str | None, typer.Option(help="Address of a Ray cluster.")]

PHOTO_OPTIONS = (
    "face",
    "background",
    "allow_editing",
    "straighten",
    "dpi",
    "format",
    "language",
    "accept",
    "annotate",
    "pdf",
    "detector",
    "segmenter",
    "matter",
)
"""Fields of a job that are flags of a batch."""


@batch_app.command("run")
@job_flags("spec", *PHOTO_OPTIONS)
def run(
    source: Source,
    options: dict[str, Any],
    out: Out = None,
    roster: Roster = None,
    names: Names = None,
    sheets: Sheets = None,
    contact_sheet: ContactSheet = None,
    strict: Strict = None,
    workers: Workers = None,
    engine: EngineFlag = None,
    address: Address = None,
    progress: ProgressFlag = "auto",
) -> None:
    """Make what is not finished yet. A second run makes only what is new or changed."""
    given = {
        "out": out,
        "roster": roster,
        "names": names,
        "sheets": sheets,
        "contact_sheet": contact_sheet,
        "strict": strict,
        "workers": workers,
        "engine": engine,
        "address": address,
    }
    _run(_read_job(source, options, given), progress)


@batch_app.command("retry")
def retry(
    source: Source,
    out: Out = None,
    workers: Workers = None,
    progress: ProgressFlag = "auto",
) -> None:
    """Work on the photos in the quarantine; those that were corrected there stand for the originals."""
    _run(_read_job(source, {}, {"out": out, "workers": workers}), progress, retry=True)


def _read_job(source: Path, options: dict[str, Any], given: dict[str, Any]) -> BatchJob:
    """Return the job of a file, or of a folder, with the flags that were given.

    Raises
    ------
    InputError
        If it cannot be read, or a flag has no such value.
    """
    from idphoto.batch import BatchJob
    from idphoto.cli import present
    from idphoto.cli.arguments import check_arguments

    given = {name: value for name, value in given.items() if value is not None}
    load_job(options)  # so that an error names the flag
    documents = options.pop("spec", None)
    if documents:
        given["documents"] = ",".join(documents) if not isinstance(documents, str) else documents
    if source.suffix.lower() in (".yaml", ".yml"):
        job = BatchJob.load(source, **given, **({"options": options} if options else {}))
    else:
        try:
            job = BatchJob.model_validate({"photos": str(source), **given, "options": options})
        except ValidationError as cause:
            raise InputError(yamlfile.explain(cause, BatchJob, None), "See idphoto batch --help.") from cause
    job.require_documents()
    orders = tuple(order.spec for order in job.documents)
    if orders:
        check_arguments(job.options.model_copy(update={"spec": orders}), present.show_warning)
    return job


def _run(job: BatchJob, mode: ProgressMode, *, retry: bool = False) -> None:
    """Run a batch, and end with its exit code.

    Raises
    ------
    typer.Exit
        Always, unless the batch cannot begin.
    """
    from idphoto.batch import run_batch

    with _Reporter(mode) as reporter:
        result = run_batch(job, retry=retry, listener=reporter)
    reporter.close(job, result)
    raise typer.Exit(result.exit_code)


class _Reporter:
    """Shows the progress of a batch, and its totals."""

    def __init__(self, mode: ProgressMode) -> None:
        self._mode = mode
        self._progress: Progress | None = None

    def __enter__(self) -> _Reporter:
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.__exit__(*error)

    def __call__(self, total: int, outcome: Outcome | None) -> None:
        """Begin to show the progress, or show an outcome."""
        if self._progress is None:
            self._progress = Progress(self._mode, total).__enter__()
        self._progress.total = total
        for record in outcome.records if outcome else ():
            name, reason = describe_record(record)
            self._progress.add(
                name,
                record.status,
                reason=reason,
                reused=bool(outcome and outcome.reused == len(outcome.records)),
                id=record.id,
                spec=record.spec,
                codes=record.codes,
                files=[file.path for file in record.files],
            )

    def close(self, job: BatchJob, result: BatchResult) -> None:
        """Print the totals, where the results are, and what needs a look."""
        from idphoto.cli import present

        if self._mode == "jsonl":
            assert self._progress is not None
            self._progress.say(
                "end",
                counts=dict(result.counts),
                worked_on=result.worked_on,
                seconds=round(result.seconds, 3),
                stopped=result.stopped,
                notes=result.notes,
                exit_code=result.exit_code,
            )
            return
        for note in result.notes:
            present.show_warning(note)
        people = len({record.id for record in result.records})
        text = f"{len(result.records)} photos of {people} people: {describe_counts(result.counts)}."
        text += f" {result.worked_on} worked on in {describe_duration(result.seconds)}"
        text += f", {len(result.records) - result.worked_on} finished before."
        present.console.print(present.escape(text), soft_wrap=True)
        for page in result.pages:
            text = present.escape(f"{job.out.rstrip('/')}/{page}")
            present.console.print(f"  [dim]wrote[/] {text}", soft_wrap=True)
        present.console.print(f"  [dim]results[/] {present.escape(job.out)}", soft_wrap=True)
        if result.counts["quarantined"]:
            text = f"{job.out.rstrip('/')}/quarantine has the photos that could not be made, each with the reason"
            present.console.print(f"  [dim]not made[/] {present.escape(text)}", soft_wrap=True)
        if result.stopped:
            present.show_warning("--strict stopped the batch; run it again to go on.")
