"""The commands that take portraits: ``make``, ``run``, ``check`` and ``cutout``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idphoto.cli.errors import report_error
from idphoto.cli.flags import Force, Json, OutFolder, Photos, Verbose, job_flags, load_job
from idphoto.errors import IdPhotoError, InputError
from idphoto.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idphoto.photo import Photo
    from idphoto.report import Report

__all__ = ["check", "cutout", "make", "run"]


@job_flags(*(name for name in Job.model_fields if name not in ("pipeline", "form", "blur")))
def make(
    photos: Photos,
    options: dict[str, Any],
    job: Annotated[Path | None, typer.Option(help="YAML file with any of these options; flags win over it.")] = None,
    out: OutFolder = Path("out"),
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Make ID photos: the picture, a print sheet, and a report."""
    run_and_exit(photos, load_job(job, options), OutputOptions(out, force, verbose, as_json))


@job_flags("spec")
def run(
    pipeline: Annotated[str, typer.Argument(help="YAML file of a pipeline, or the name of one of the package's.")],
    photos: Photos,
    options: dict[str, Any],
    out: OutFolder = Path("out"),
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Run a pipeline of your own."""
    wanted = load_job(None, {**options, "pipeline": pipeline})
    run_and_exit(photos, wanted, OutputOptions(out, force, verbose, as_json))


@job_flags("spec", "face", "language", "accept", "annotate", "pdf", "detector", "segmenter")
def check(
    photos: Photos,
    options: dict[str, Any],
    ofiq_csv: Annotated[
        Path | None, typer.Option(help="Write the components of ISO/IEC 29794-5 in the columns of OFIQ.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for --annotate and --pdf.")] = Path("out"),
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Judge photos as they are against documents; make no photo."""
    wanted = load_job(None, {**options, "pipeline": "check"})
    if not wanted.spec:
        raise InputError("No document was named.", "Name one with --spec, such as --spec schengen-visa.")
    run_and_exit(photos, wanted, OutputOptions(out, force, verbose, as_json, only_verdict=True, ofiq_csv=ofiq_csv))


@job_flags("form", "background", "blur", "matter", "mask", "segmenter")
def cutout(
    photos: Photos,
    options: dict[str, Any],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the result of one photo.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results: NAME.png.")] = None,
    force: Force = False,
) -> None:
    """Cut people out of pictures."""
    from idphoto.api import make as make_photo
    from idphoto.cli import present
    from idphoto.output.files import write_files

    if output is not None and (len(photos) > 1 or out is not None):
        raise InputError("-o names one file, but there are several results.", "Use --out FOLDER instead.")
    if output is not None and output.suffix.lower() in (".jpg", ".jpeg"):
        if options.get("form", "rgba") in ("rgba", "crop"):
            raise InputError("JPEG cannot be transparent.", "Name a .png file, or use --form white.")
        options["format"] = "jpeg"
    wanted = load_job(None, {**options, "pipeline": "cutout"})
    codes = []
    for path in photos:
        try:
            photo = make_photo(path, job=wanted)
            suffix = photo.photo_suffix
            target = output or (out or Path("out")) / f"{Path(path).stem}{suffix}"
            present.list_files(write_files({target: photo.files[suffix]}, force=force))
            codes.append(0)
        except IdPhotoError as problem:
            codes.append(report_error(problem, path if len(photos) > 1 else ""))
    raise typer.Exit(next((code for code in codes if code), 0))


@dataclass(frozen=True)
class OutputOptions:
    """Options of a command on its results: the folder, and what is written and printed.

    Attributes
    ----------
    folder : Path
        Folder for the results.
    force, verbose, as_json : bool
        As the flags of that name.
    only_verdict : bool
        Write only the picture and the page of the verdict, not the photo and its report.
    ofiq_csv : Path, optional
        File for the components of ISO/IEC 29794-5.
    """

    folder: Path
    force: bool
    verbose: bool
    as_json: bool
    only_verdict: bool = False
    ofiq_csv: Path | None = None


def run_and_exit(photos: list[str], job: Job, output: OutputOptions) -> None:
    """Make every document of every photo; go on after errors; end with the right exit code.

    Raises
    ------
    typer.Exit
        Always, with the exit code.
    """
    from idphoto.cli import present
    from idphoto.messages import ENGLISH
    from idphoto.report import Status

    language = job.language or ENGLISH
    codes: list[int] = []
    reports: list[tuple[str, Report]] = []
    for path, result in _make_all(photos, job):
        try:
            if isinstance(result, IdPhotoError):
                raise result
            written = _save(result, output)
        except IdPhotoError as problem:
            codes.append(report_error(problem, path if len(photos) > 1 else ""))
            continue
        name, report = Path(path).name, result.report
        reports.append((name, report))
        codes.append(1 if report.status is Status.FAIL else 0)
        if not output.as_json:
            present.show_report(report, name=name, verbose=output.verbose, language=language)
            present.list_files(written)
    _write_components(reports, output)
    if output.as_json:
        present.print_json([report.model_dump(mode="json") for _, report in reports])
    else:
        present.show_legend([report for _, report in reports], language)
    serious = [code for code in codes if code > 1]
    raise typer.Exit(serious[0] if serious else max(codes, default=0))


def _make_all(photos: list[str], job: Job) -> Iterator[tuple[str, Photo | IdPhotoError]]:
    """Yield the path and the result of every document of every photo."""
    from idphoto.api import make_each

    for path in photos:
        try:
            for result in make_each(path, job=job):
                yield path, result
        except IdPhotoError as problem:
            yield path, problem


def _save(photo: Photo, output: OutputOptions) -> list[Path]:
    """Write the files of a photo, and return their paths."""
    from idphoto.api import save

    if output.only_verdict:
        pages = {suffix: data for suffix, data in photo.files.items() if suffix != photo.photo_suffix}
        photo = replace(photo, files=pages)
    return save(photo, output.folder, force=output.force, report=not output.only_verdict) if photo.files else []


def _write_components(reports: list[tuple[str, Report]], output: OutputOptions) -> None:
    """Write the components of ISO/IEC 29794-5, if a file for them was named."""
    if output.ofiq_csv is None:
        return
    from idphoto.cli import present
    from idphoto.output.files import write_files
    from idphoto.output.ofiq import write_ofiq_table

    table = write_ofiq_table([(name, report.components) for name, report in reports])
    written = write_files({output.ofiq_csv: table}, force=output.force)
    if not output.as_json:
        present.list_files(written)
