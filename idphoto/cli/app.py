"""The commands, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idphoto.cli.service import keys_app, serve
from idphoto.errors import BackendError, IdPhotoError, InputError, PipelineError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idphoto.job import Job
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["EXIT_CODES", "app", "main"]

EXIT_CODES: dict[type[IdPhotoError], int] = {InputError: 2, SpecError: 3, PipelineError: 4, BackendError: 5}
INTERNAL = 70  # a fault of the program itself; EX_SOFTWARE of sysexits.h

debugging: ContextVar[bool] = ContextVar("debugging", default=False)

app = typer.Typer(
    name="idphoto",
    help="From any portrait to a finished ID photo, a true-size print sheet and an honest report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
specs_app = typer.Typer(help="The documents that photos can be made for.", no_args_is_help=True)
app.add_typer(specs_app, name="specs")
app.add_typer(keys_app, name="keys")
app.command()(serve)
models_app = typer.Typer(help="Matting networks of others, fetched on your order only.", no_args_is_help=True)
app.add_typer(models_app, name="models")

Photos = Annotated[list[str], typer.Argument(help="Photos: JPEG, PNG, WebP, BMP, TIFF; HEIC and AVIF with an extra.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every check, measure and timing.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Face = Annotated[str | None, typer.Option(help="Whom to take if there are several: largest, or N from the left.")]
Matter = Annotated[
    str | None, typer.Option(help="Matting backend: hair, guided, closed-form, given, or one of 'idphoto models list'.")
]
Finder = Annotated[str | None, typer.Option(help="Face backend: mediapipe or mediapipe-tasks.")]
Segmenter = Annotated[str | None, typer.Option(help="Backend of the coarse person segmentation.")]
Mask = Annotated[str | None, typer.Option(help="Your own mask, white where the person is, instead of a cutout.")]
Language = Annotated[str | None, typer.Option("--lang", help="Language of the messages: en, de, es, fr, zh, hi, ar.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="Let a check's warnings pass, with a reason that the report keeps: 'eyes=drooping eyelid'."),
]
Annotate = Annotated[bool, typer.Option("--annotate", help="Make a picture of the verdict, too.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Make the report as a page of PDF, too.")]
Specs = Annotated[
    list[str] | None,
    typer.Option("--spec", "-s", help="Document id, or several with commas; see 'idphoto specs list'."),
]
BackgroundFill = Annotated[
    str | None,
    typer.Option(help="auto, keep, a colour, 'vertical(A, B)', 'radial(A, B)' or a picture."),
]


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,  # noqa: ARG001
) -> None:
    if version:
        from idphoto.version import __version__

        typer.echo(f"idphoto {__version__}")
        raise typer.Exit


@app.command()
def make(
    photos: Photos,
    spec: Specs = None,
    sheet: Annotated[str | None, typer.Option(help="Paper for a print sheet: a name, or WxHmm.")] = None,
    out: Out = Path("out"),
    job: Annotated[Path | None, typer.Option(help="YAML file with any of these options.")] = None,
    background: BackgroundFill = None,
    allow_editing: Annotated[str | None, typer.Option(help="Reason for doing what the authority forbids.")] = None,
    straighten: Annotated[bool | None, typer.Option(help="Turn a tilted head upright.")] = None,
    face: Face = None,
    dpi: Annotated[float | None, typer.Option(help="Pixels per inch on paper, where the document lets choose.")] = None,
    format: Annotated[str | None, typer.Option(help="auto, jpeg or png.")] = None,  # noqa: A002 - the flag's name
    copies: Annotated[int | None, typer.Option(help="Photos on the sheet.")] = None,
    gap: Annotated[float | None, typer.Option(help="Between photos on the sheet, in mm.")] = None,
    margin: Annotated[float | None, typer.Option(help="Along the edges of the sheet, in mm.")] = None,
    sheet_format: Annotated[str | None, typer.Option(help="pdf, jpeg (for photo labs) or both.")] = None,
    sheet_dpi: Annotated[int | None, typer.Option(help="Pixels per inch of a JPEG sheet.")] = None,
    enlargement: Annotated[float | None, typer.Option(help="Share by which the lab prints too large: 0.035.")] = None,
    matter: Matter = None,
    mask: Mask = None,
    faces: Finder = None,
    segmenter: Segmenter = None,
    language: Language = None,
    accept: Accept = None,
    annotate: Annotate = False,
    pdf: Pdf = False,
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Make ID photos: the picture, a print sheet, and a report."""
    wanted = _job(
        job,
        spec=[part for text in spec or () for part in text.split(",") if part] or None,
        sheet=sheet,
        background=background,
        allow_editing=allow_editing,
        straighten=straighten,
        face=face,
        dpi=dpi,
        format=format,
        copies=copies,
        gap=gap,
        margin=margin,
        sheet_format=sheet_format,
        sheet_dpi=sheet_dpi,
        enlargement=enlargement,
        matter=matter,
        mask=mask,
        faces=faces,
        segmenter=segmenter,
        language=language,
        accept=_reasons(accept),
        annotate=annotate or None,
        pdf=pdf or None,
    )
    _produce(photos, wanted, out, force=force, verbose=verbose, as_json=as_json)


@app.command()
def run(
    pipeline: Annotated[str, typer.Argument(help="YAML file of a pipeline, or the name of one of the package's.")],
    photos: Photos,
    spec: Specs = None,
    out: Out = Path("out"),
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Run a pipeline of your own."""
    wanted = _job(None, pipeline=pipeline, spec=[part for text in spec or () for part in text.split(",")] or None)
    _produce(photos, wanted, out, force=force, verbose=verbose, as_json=as_json)


@app.command()
def check(
    photos: Photos,
    spec: Specs = None,
    face: Face = None,
    faces: Finder = None,
    segmenter: Segmenter = None,
    language: Language = None,
    accept: Accept = None,
    annotate: Annotate = False,
    pdf: Pdf = False,
    ofiq_csv: Annotated[
        Path | None, typer.Option(help="Write the components of ISO/IEC 29794-5 in the columns of OFIQ.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for --annotate and --pdf.")] = Path("out"),
    force: Force = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Judge photos as they are against documents; make no photo."""
    documents = [part for text in spec or () for part in text.split(",") if part]
    if not documents:
        raise InputError("No document was named.", "Name one with --spec, such as --spec schengen-visa.")
    wanted = _job(
        None,
        pipeline="check",
        spec=documents,
        face=face,
        faces=faces,
        segmenter=segmenter,
        language=language,
        accept=_reasons(accept),
        annotate=annotate or None,
        pdf=pdf or None,
    )
    _produce(photos, wanted, out, force=force, verbose=verbose, as_json=as_json, judge=True, ofiq_csv=ofiq_csv)


@app.command()
def cutout(
    photos: Photos,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the result of one photo.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results: NAME.png.")] = None,
    form: Annotated[str, typer.Option(help="rgba, mask, white, crop or blur.")] = "rgba",
    background: Annotated[str | None, typer.Option(help="What 'white' puts behind the person.")] = None,
    blur: Annotated[float | None, typer.Option(help="Radius of the blur, as a share of the longer side.")] = None,
    matter: Matter = None,
    mask: Mask = None,
    segmenter: Segmenter = None,
    force: Force = False,
) -> None:
    """Cut people out of pictures."""
    from idphoto.cli import present
    from idphoto.job import make as make_photo
    from idphoto.output.files import write_files

    if output is not None and (len(photos) > 1 or out is not None):
        raise InputError("-o names one file, but there are several results.", "Use --out FOLDER instead.")
    kind = "jpeg" if output is not None and output.suffix.lower() in (".jpg", ".jpeg") else None
    if kind == "jpeg" and form in ("rgba", "crop"):
        raise InputError("JPEG cannot be transparent.", "Name a .png file, or use --form white.")
    wanted = _job(
        None,
        pipeline="cutout",
        form=form,
        background=background,
        blur=blur,
        format=kind,
        matter=matter,
        mask=mask,
        segmenter=segmenter,
    )
    codes = []
    for path in photos:
        try:
            photo = make_photo(path, job=wanted)
            suffix, data = next(iter(photo.files.items()))
            target = output or (out or Path("out")) / f"{Path(path).stem}{suffix}"
            present.files(write_files({target: data}, force=force))
            codes.append(0)
        except IdPhotoError as problem:
            _report(problem, path, alone=len(photos) == 1)
            codes.append(_code(problem))
    raise typer.Exit(next((code for code in codes if code), 0))


@app.command()
def sheet(
    photos: Annotated[
        list[str], typer.Argument(help="Finished photos, each with a number of copies: a.jpg:4 b.jpg:2.")
    ],
    paper: Annotated[str, typer.Option(help="Paper: a name, or WxHmm.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="PDF, or JPEG for photo labs.")],
    size: Annotated[
        str | None, typer.Option(help="Size of each photo, such as 35x45mm; else as its file says.")
    ] = None,
    gap: Annotated[float, typer.Option(help="Between photos, in mm; 0 makes neighbours share a cut.")] = 2.0,
    margin: Annotated[float, typer.Option(help="Kept free along the edges, in mm.")] = 3.0,
    turn: Annotated[bool, typer.Option(help="Let photos lie on their side where more then fit.")] = False,
    dpi: Annotated[int, typer.Option(help="Pixels per inch of a JPEG.")] = 300,
    enlargement: Annotated[float, typer.Option(help="Share by which the lab prints too large: 0.035.")] = 0.0,
    force: Force = False,
) -> None:
    """Lay finished photos of any people and sizes out on paper."""
    from idphoto.cli import present
    from idphoto.output.files import write_files
    from idphoto.output.sheet import SheetOptions, make_sheets, read_item

    parts = [read_item(text, size) for text in photos]
    kind = "jpeg" if output.suffix.lower() in (".jpg", ".jpeg") else "pdf"
    options = SheetOptions(paper, gap, margin, kind, dpi, enlargement, turn)
    made = make_sheets([item for item, _ in parts], [data for _, data in parts], options)
    names = [output if number == 0 else output.with_stem(f"{output.stem}-{number + 1}") for number in range(len(made))]
    present.files(write_files(dict(zip(names, made.values(), strict=True)), force=force))


@specs_app.command("list")
def specs_list(
    words: Annotated[list[str] | None, typer.Argument(help="Show only documents with these words.")] = None,
    variants: Annotated[bool, typer.Option(help="Show variants, such as those for children, too.")] = False,
    as_json: Json = False,
) -> None:
    """List the documents."""
    from idphoto.cli import present

    found = _named(words, variants=variants)
    if as_json:
        import json

        typer.echo(json.dumps([spec.model_dump(mode="json", by_alias=True) for spec in found], ensure_ascii=False))
    else:
        present.specs_table(found)


@specs_app.command("match")
def specs_match(
    photo: Annotated[str, typer.Argument(help="A photo, raw or finished.")],
    words: Annotated[list[str] | None, typer.Argument(help="Only documents with these words.")] = None,
    face: Face = None,
    language: Language = None,
    variants: Annotated[bool, typer.Option(help="Variants, such as those for children, too.")] = False,
    as_json: Json = False,
) -> None:
    """Tell which documents a photo fits: as it is, after allowed steps, or what it lacks."""
    from idphoto.cli import present
    from idphoto.match import match
    from idphoto.messages import ENGLISH

    job = _job(None, face=face)
    found = list(match(photo, _named(words, variants=variants), language=language or ENGLISH, job=job))
    if as_json:
        import json

        typer.echo(json.dumps([entry.model_dump(mode="json") for entry in found], ensure_ascii=False, indent=2))
    else:
        present.matches(found)


def _named(words: list[str] | None, *, variants: bool) -> list[Spec]:
    """Documents that have all of these words in id, name, kind or country."""
    from idphoto.spec import all_specs

    return [
        spec
        for spec in all_specs(variants=variants)
        if all(word.lower() in f"{spec.id} {spec.label} {spec.kind} {spec.country}".lower() for word in words or ())
    ]


@specs_app.command("show")
def specs_show(name: Annotated[str, typer.Argument(help="Id of a document.")], as_json: Json = False) -> None:
    """Show one document, each rule with its source."""
    from idphoto.cli import present
    from idphoto.spec import load_spec

    spec = load_spec(name)
    if as_json:
        typer.echo(spec.model_dump_json(indent=2, by_alias=True))
    else:
        present.show_spec(spec)


@specs_app.command("validate")
def specs_validate(files: Annotated[list[Path], typer.Argument(help="Spec files of your own.")]) -> None:
    """Check spec files: schema, sources and names."""
    from idphoto.spec import validate_file

    for path in files:
        for spec in validate_file(path):
            typer.echo(f"ok  {spec.id}  {spec.label}")


@models_app.command("list")
def models_list() -> None:
    """List the networks, their licences, and which are here."""
    from idphoto.cli import present
    from idphoto.matting.networks import all_networks

    present.networks_table(all_networks())


@models_app.command("fetch")
def models_fetch(
    names: Annotated[list[str], typer.Argument(help="Names of networks; see 'idphoto models list'.")],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept a licence that forbids commercial use.")
    ] = False,
) -> None:
    """Fetch networks from their publishers, verified by hash; interrupted downloads go on."""
    from idphoto.cli import present
    from idphoto.matting.networks import find, obtain

    for network in [find(name) for name in names]:
        present.licence(network)
        with present.transfer(network.file) as progress:
            path = obtain(network, accept_licence=accept_licence, progress=progress)
        present.files([path])


@app.command()
def papers() -> None:
    """List the papers that sheets can be printed on."""
    from idphoto.spec import load_papers

    for name, paper in load_papers().items():
        width, height = paper.mm
        aliases = f"  ({', '.join(paper.aliases)})" if paper.aliases else ""
        typer.echo(f"{name:<10} {width:g} x {height:g} mm{aliases}")


def _job(path: Path | None, **choices: Any) -> Job:
    """Job from a file and from flags; flags win."""
    from idphoto.job import Job, merge

    given = {name: value for name, value in choices.items() if value is not None}
    return merge(Job.load(path) if path is not None else Job(), given)


def _reasons(texts: list[str] | None) -> dict[str, str] | None:
    """Read ``check=reason``."""
    found = {}
    for text in texts or ():
        check, _, reason = text.partition("=")
        if not reason.strip():
            raise InputError(f"--accept {text} gives no reason.", "Write --accept 'eyes=drooping eyelid'.")
        found[check.strip()] = reason.strip()
    return found or None


def _produce(
    photos: list[str],
    job: Job,
    out: Path,
    *,
    force: bool = False,
    verbose: bool = False,
    as_json: bool = False,
    judge: bool = False,
    ofiq_csv: Path | None = None,
) -> None:
    """Make every document of every photo; go on after errors; end with the right exit code.

    With `judge` the photo itself and its report are not written, only what shows the verdict.
    """
    from idphoto.cli import present
    from idphoto.report import Status

    codes, reports, rows = [], [], []
    for path, result in _results(photos, job):
        try:
            if isinstance(result, IdPhotoError):
                raise result
            made, written = result.report, []
            if judge:
                from dataclasses import replace

                shown = {suffix: data for suffix, data in result.files.items() if suffix.count(".") > 1}
                rows.append((Path(path).name, made.components))
                result = replace(result, files=shown)
            if result.files:
                from idphoto.job import save

                written = save(result, out, force=force, report=not judge)
            if as_json:
                reports.append(made.model_dump(mode="json"))
            else:
                present.report(made, name=Path(path).name, verbose=verbose)
                present.files(written)
            codes.append(1 if made.status is Status.FAIL else 0)
        except IdPhotoError as problem:
            _report(problem, path, alone=len(photos) == 1)
            codes.append(_code(problem))
    if ofiq_csv is not None:
        from idphoto.output.files import write_files
        from idphoto.output.ofiq import ofiq_table

        written = write_files({ofiq_csv: ofiq_table(rows)}, force=force)
        if not as_json:
            present.files(written)
    if as_json:
        import json

        text = json.dumps(
            reports[0] if len(photos) == 1 and len(reports) == 1 else reports, ensure_ascii=False, indent=2
        )
        typer.echo(text)
    serious = [code for code in codes if code > 1]
    raise typer.Exit(serious[0] if serious else max(codes, default=0))


def _results(photos: list[str], job: Job) -> Iterator[tuple[str, Photo | IdPhotoError]]:
    from idphoto.job import make_each

    for path in photos:
        try:
            for result in make_each(path, job=job):
                yield path, result
        except IdPhotoError as problem:
            yield path, problem


def _report(problem: IdPhotoError, path: str, *, alone: bool) -> None:
    from idphoto.cli import present

    if debugging.get():
        raise problem
    present.error(problem, "" if alone else path)


def _code(problem: IdPhotoError) -> int:
    return next(code for kind, code in EXIT_CODES.items() if isinstance(problem, kind))


def main() -> None:
    """Entry point: run the command line and turn errors into exit codes."""
    # --debug is understood wherever it stands, since it is typed when something has just gone wrong.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debugging.set(len(arguments) < len(sys.argv) - 1)
    try:
        app(arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except IdPhotoError as problem:
        if debugging.get():
            raise
        from idphoto.cli import present

        present.error(problem)
        sys.exit(_code(problem))
    except Exception as problem:
        if debugging.get():
            raise
        typer.echo(
            f"error [internal] {type(problem).__name__}: {problem}. This is a fault of idphoto: "
            "run again with --debug and report what it shows.",
            err=True,
        )
        sys.exit(INTERNAL)
