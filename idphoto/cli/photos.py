"""The commands that take portraits: ``make``, ``run``, ``check`` and ``cutout``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idphoto.cli.errors import report_error
from idphoto.cli.flags import (
    Force,
    JobFile,
    Json,
    OutFolder,
    Photos,
    ProgressFlag,
    ProgressMode,
    Recursive,
    Verbose,
    job_flags,
    load_job,
)
from idphoto.cli.pictures import STREAM, InputPicture, find_pictures, write_to_output
from idphoto.cli.progress import Progress
from idphoto.errors import IdPhotoError, InputError, printable
from idphoto.job import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idphoto.api import PreparedDocument
    from idphoto.photo import Photo
    from idphoto.report import Report

__all__ = ["check", "cutout", "make", "run"]


@job_flags(*(name for name in Job.model_fields if name not in ("pipeline", "form", "blur")))
def make(
    photos: Photos,
    options: dict[str, Any],
    job: JobFile = None,  # noqa: ARG001 - job_flags reads it
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the results; - writes one photo to the output.")
    ] = Path("out"),
    recursive: Recursive = False,
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
    progress: ProgressFlag = "auto",
) -> None:
    """Make ID photos: the picture, a print sheet, and a report."""
    run_and_exit(
        find_pictures(photos, recursive=recursive),
        load_job(options),
        OutputOptions(out, force, verbose, as_json, progress),
    )


@job_flags("spec")
def run(
    pipeline: Annotated[str, typer.Argument(help="YAML file of a pipeline, or the name of one of the package's.")],
    photos: Photos,
    options: dict[str, Any],
    job: JobFile = None,  # noqa: ARG001 - job_flags reads it
    out: OutFolder = Path("out"),
    recursive: Recursive = False,
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
    progress: ProgressFlag = "auto",
) -> None:
    """Run a pipeline of your own."""
    wanted = load_job({**options, "pipeline": pipeline})
    run_and_exit(
        find_pictures(photos, recursive=recursive), wanted, OutputOptions(out, force, verbose, as_json, progress)
    )


@job_flags(
    "spec", "size", "kb", "head", "face", "points", "language", "accept", "annotate", "pdf", "detector", "segmenter"
)
def check(
    photos: Photos,
    options: dict[str, Any],
    job: JobFile = None,  # noqa: ARG001 - job_flags reads it
    ofiq_csv: Annotated[
        Path | None, typer.Option(help="Write the components of ISO/IEC 29794-5 in the columns of OFIQ.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for --annotate and --pdf.")] = Path("out"),
    recursive: Recursive = False,
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
    progress: ProgressFlag = "auto",
) -> None:
    """Judge photos as they are against documents; make no photo."""
    wanted = load_job({**options, "pipeline": "check"})
    if not wanted.spec and wanted.size is None:
        raise InputError("No document was named.", "Name one, such as --spec schengen-visa, or --size 35x45mm.")
    output = OutputOptions(out, force, verbose, as_json, progress, only_verdict=True, ofiq_csv=ofiq_csv)
    run_and_exit(find_pictures(photos, recursive=recursive), wanted, output)


@job_flags("form", "face", "background", "blur", "matter", "mask", "detector", "segmenter")
def cutout(
    photos: Photos,
    options: dict[str, Any],
    job: JobFile = None,  # noqa: ARG001 - job_flags reads it
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File for the result of one photo: PNG, JPEG, WebP, TIFF, BMP; - for PNG."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results: NAME.png.")] = None,
    recursive: Recursive = False,
    force: Force = False,
    progress: ProgressFlag = "auto",
) -> None:
    """Cut people out of pictures."""
    from idphoto.cli import present
    from idphoto.cli.arguments import check_arguments
    from idphoto.output.cutout_file import find_cutout_format
    from idphoto.output.files import refuse_equal_names

    pictures = find_pictures(photos, recursive=recursive)
    if output is not None and (len(pictures) > 1 or out is not None):
        raise InputError("-o names one file, but there are several results.", "Use --out FOLDER instead.")
    kind = "png"
    if str(output) == STREAM:
        present.keep_output_free()
    elif output is not None:
        kind = find_cutout_format(output, options.get("form", "rgba"))
    wanted = load_job({**options, "pipeline": "cutout"})
    check_arguments(wanted, present.show_warning)
    folder = out or Path("out")
    targets = [output or folder / f"{picture.stem}.png" for picture in pictures]
    refuse_equal_names((target, picture.path) for target, picture in zip(targets, pictures, strict=True))
    codes = []
    many = len(pictures) > 1
    with Progress(progress if many else "off", len(pictures)) as shown:
        for picture, target in zip(pictures, targets, strict=True):
            try:
                written = _cut_out(picture, wanted, target, kind, force=force)
                codes.append(0)
                shown.add(picture.path, "made", files=[str(path) for path in written])
                if not shown.is_for_programs:
                    present.list_files(written)
            except IdPhotoError as problem:
                codes.append(report_error(problem, picture.path if many else ""))
                shown.add(picture.path, "quarantined", reason=str(problem), code=problem.code)
    code = next((code for code in codes if code), 0)
    if many:
        shown.close(code)
    raise typer.Exit(code)


def _cut_out(picture: InputPicture, job: Job, target: Path, kind: str, *, force: bool) -> list[Path]:
    """Cut the person out of one picture, and write the file."""
    from idphoto.api import make as make_photo
    from idphoto.cli import present
    from idphoto.output.cutout_file import convert_cutout
    from idphoto.output.files import refuse_existing, write_files
    from idphoto.report import Status

    to_output = str(target) == STREAM
    if not to_output:
        refuse_existing([target], force=force)
    native = {"format": "jpeg"} if kind == "jpeg" else {}
    photo = make_photo(picture.open(), job=job, **native)  # type: ignore[arg-type]
    data = photo.files[photo.photo_suffix]
    if kind not in ("png", "jpeg"):
        data = convert_cutout(data, kind)
    if to_output:
        write_to_output(data)
        written = []
    else:
        written = write_files({target: data}, force=force)
    for finding in photo.findings:
        if finding.status is not Status.PASS:
            present.show_warning(f"{printable(picture.name)}: {finding.message} {finding.fix}")
    return written


@dataclass(frozen=True)
class OutputOptions:
    """Options of a command on its results: the folder, and what is written and printed.

    Attributes
    ----------
    folder : Path
        Folder for the results; ``-`` writes the one photo to standard output.
    force, verbose, as_json : bool
        As the flags of that name.
    progress : str
        How progress on many photos is shown.
    only_verdict : bool
        Write only the picture and the page of the verdict, not the photo and its report.
    ofiq_csv : Path, optional
        File for the components of ISO/IEC 29794-5.
    """

    folder: Path
    force: bool
    verbose: bool
    as_json: bool
    progress: ProgressMode
    only_verdict: bool = False
    ofiq_csv: Path | None = None

    @property
    def to_stream(self) -> bool:
        """True if the photo goes to standard output."""
        return str(self.folder) == STREAM and not self.only_verdict


def run_and_exit(pictures: list[InputPicture], job: Job, output: OutputOptions) -> None:
    """Make every document of every photo; go on after errors; end with the right exit code.

    Raises
    ------
    typer.Exit
        Always, with the exit code.
    """
    from idphoto.cli import present
    from idphoto.cli.arguments import check_arguments
    from idphoto.messages import ENGLISH
    from idphoto.output.files import refuse_equal_names, refuse_existing, refuse_numbered_names
    from idphoto.report import Status

    language = job.language or ENGLISH
    documents = check_arguments(job, present.show_warning)
    if output.to_stream:
        if len(pictures) * len(documents) != 1 or output.as_json or job.sheet or job.annotate or job.pdf:
            raise InputError(
                "One photo alone can go to standard output.", "Name one photo and one document, or a folder."
            )
        present.keep_output_free()
    elif not output.only_verdict or job.annotate or job.pdf:
        refuse_equal_names(
            (output.folder / f"{picture.stem}{document.suffix}", _describe_result(picture, document, documents))
            for picture in pictures
            for document in documents
        )
        if job.face == "all":
            refuse_numbered_names(output.folder / picture.stem for picture in pictures)
    if output.ofiq_csv is not None:
        refuse_existing([output.ofiq_csv], force=output.force)
    if not output.as_json:
        for document in documents:
            if document.spec is not None:
                present.show_notice(document.spec, language)
    codes: list[int] = []
    reports: list[tuple[str, Report]] = []
    total = len(pictures) * len(documents)
    with Progress(output.progress if total > 1 else "off", total) as progress:
        quiet = output.as_json or progress.is_for_programs
        for picture, result in _make_all(pictures, job, documents, output):
            try:
                if isinstance(result, IdPhotoError):
                    raise result
                written = _save(result, picture, output)
            except IdPhotoError as problem:
                codes.append(report_error(problem, picture.path if len(pictures) > 1 else ""))
                progress.add(picture.path, "quarantined", reason=str(problem), code=problem.code)
                continue
            name, report = printable(picture.name), result.report
            if picture.person:
                name += f" ({picture.person})"
            reports.append((name, report))
            codes.append(1 if report.status is Status.FAIL else 0)
            failing = [finding.code for finding in report.findings if finding.status is Status.FAIL]
            files = [str(path) for path in written]
            progress.add(
                f"{name} {report.spec or ''}".strip(), report.status.value, reason=", ".join(failing), files=files
            )
            if not quiet:
                present.show_report(report, name=name, verbose=output.verbose, language=language)
                present.list_files(written)
                present.show_notes(report.sheet, language)
    _write_components(reports, output)
    serious = [code for code in codes if code > 1]
    code = serious[0] if serious else max(codes, default=0)
    if output.as_json:
        present.print_json([report.model_dump(mode="json") for _, report in reports])
    elif not quiet:
        present.show_legend([report for _, report in reports], language)
    if len(codes) > 1 and not output.as_json:
        progress.close(code)
    raise typer.Exit(code)


def _describe_result(picture: InputPicture, document: PreparedDocument, documents: list[PreparedDocument]) -> str:
    """Return the picture, and the document where there are several, for an error."""
    return picture.path if len(documents) == 1 or document.spec is None else f"{picture.path} for {document.spec.id}"


def _make_all(
    pictures: list[InputPicture], job: Job, documents: list[PreparedDocument], output: OutputOptions
) -> Iterator[tuple[InputPicture, Photo | IdPhotoError]]:
    """Yield the picture and the result of every document of every photo."""
    from idphoto.api import make_prepared
    from idphoto.output.files import refuse_existing

    for picture in pictures:
        for person, wanted in _find_people(picture, job, documents):
            if isinstance(wanted, IdPhotoError):
                yield picture, wanted
                continue
            free = []
            for document in wanted:
                try:
                    refuse_existing(_foresee_files(person, document, output), force=output.force)
                    free.append(document)
                except IdPhotoError as problem:
                    yield person, problem
            if not free:
                continue
            try:
                for result in make_prepared(person.open(), free, person=person.person):
                    yield person, result
            except IdPhotoError as problem:
                yield person, problem


def _find_people(
    picture: InputPicture, job: Job, documents: list[PreparedDocument]
) -> Iterator[tuple[InputPicture, list[PreparedDocument] | IdPhotoError]]:
    """Yield each person of a picture with the documents to make; the picture alone unless everybody is asked for."""
    from idphoto.api import each_person, prepare_documents

    if job.face != "all":
        yield picture, documents
        return
    try:
        for number, chosen in each_person(picture.open(), job):
            prepared = prepare_documents([document.spec for document in documents], chosen)
            usable = [document for document in prepared if not isinstance(document, IdPhotoError)]
            yield replace(picture, person=number), usable
    except IdPhotoError as problem:
        yield picture, problem


def _foresee_files(picture: InputPicture, document: PreparedDocument, output: OutputOptions) -> list[Path]:
    """Return the files that will be written, as far as they are known before any work."""
    if output.to_stream:
        return []
    suffixes = [*document.pipeline.name_files(document.spec), *((".json",) if document.spec is not None else ())]
    if output.only_verdict:
        suffixes = [suffix for suffix in suffixes if suffix.count(".") > 1]
    return [output.folder / f"{picture.stem}{document.suffix}{suffix}" for suffix in suffixes]


def _save(photo: Photo, picture: InputPicture, output: OutputOptions) -> list[Path]:
    """Write the files of a photo, and return their paths."""
    from idphoto.api import save

    if output.to_stream:
        write_to_output(photo.files[photo.photo_suffix])
        return []
    if output.only_verdict:
        pages = {suffix: data for suffix, data in photo.files.items() if suffix != photo.photo_suffix}
        photo = replace(photo, files=pages)
    if not photo.files:
        return []
    suffix = "" if photo.spec is None else f".{photo.spec.slug}"
    folder, stem = output.folder / picture.folder, f"{picture.stem.name}{suffix}"
    return save(photo, folder, stem=stem, force=output.force, report=not output.only_verdict)


def _write_components(reports: list[tuple[str, Report]], output: OutputOptions) -> None:
    """Write the components of ISO/IEC 29794-5, if a file for them was named."""
    if output.ofiq_csv is None:
        return
    from idphoto.cli import present
    from idphoto.output.files import write_files
    from idphoto.output.ofiq import write_ofiq_table

    table = write_ofiq_table([(name, report.components) for name, report in reports])
    written = write_files({output.ofiq_csv: table}, force=output.force)
    if not output.as_json and output.progress != "jsonl":
        present.list_files(written)
