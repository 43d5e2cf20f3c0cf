"""The commands about what there is: ``specs list``, ``match``, ``show`` and ``validate``, and ``papers``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idphoto.cli.flags import JobFile, job_flags, load_job
from idphoto.errors import UnknownSpec

if TYPE_CHECKING:
    from idphoto.spec import Spec

__all__ = ["papers", "specs_app"]

specs_app = typer.Typer(help="The documents that photos can be made for.", no_args_is_help=True)

Words = Annotated[
    list[str] | None,
    typer.Argument(help="Only documents that these words mean: usa, 'germany visa', 35x45, Reisepass, 护照."),
]
Variants = Annotated[bool, typer.Option(help="Variants, such as those for children, too.")]


@specs_app.command("list")
@job_flags("language")
def list_specs(
    options: dict[str, Any],
    words: Words = None,
    variants: Variants = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the documents as a JSON list.")] = False,
) -> None:
    """List the documents, or those that some words mean in any of many languages."""
    from idphoto.cli import present
    from idphoto.messages import ENGLISH
    from idphoto.spec import find_specs

    language = load_job(options).language or ENGLISH
    found = find_specs(" ".join(words or ()), language, variants=variants)
    if found.nearest:
        present.show_nearest(found)
    if as_json:
        specs = () if found.nearest else found.specs
        present.print_json([spec.model_dump(mode="json", by_alias=True) for spec in specs], indent=None)
    else:
        present.list_specs(found.specs, language)


@specs_app.command("match")
@job_flags("face", "language", "detector", "segmenter")
def match_specs(
    photo: Annotated[str, typer.Argument(help="A photo, raw or finished.")],
    options: dict[str, Any],
    words: Words = None,
    job: JobFile = None,  # noqa: ARG001 - job_flags reads it
    variants: Variants = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the matches as a JSON list.")] = False,
) -> None:
    """Tell which documents a photo fits: as it is, after allowed steps, or what it lacks."""
    from idphoto.cli import present
    from idphoto.match import match_documents
    from idphoto.messages import ENGLISH

    wanted = load_job(options)
    language = wanted.language or ENGLISH
    specs = _require_specs(words, language, variants=variants)
    found = list(match_documents(photo, specs, language=language, job=wanted))
    if as_json:
        present.print_json([entry.model_dump(mode="json") for entry in found])
    else:
        present.list_matches(found)


@specs_app.command("show")
def show_spec(
    name: Annotated[str, typer.Argument(help="Id of a document.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the document as a JSON object.")] = False,
) -> None:
    """Show one document, each rule with its source."""
    from idphoto.cli import present
    from idphoto.spec import load_spec

    spec = load_spec(name)
    if as_json:
        typer.echo(spec.model_dump_json(indent=2, by_alias=True))
    else:
        present.show_spec(spec)


@specs_app.command("validate")
def validate_specs(files: Annotated[list[Path], typer.Argument(help="Spec files of your own.")]) -> None:
    """Check spec files: schema, sources and names."""
    from idphoto.spec import validate_file

    for path in files:
        for spec in validate_file(path):
            typer.echo(f"ok  {spec.id}  {spec.label}")


def papers() -> None:
    """List the papers that sheets can be printed on."""
    from idphoto.spec import load_papers

    for name, paper in load_papers().items():
        width, height = paper.mm
        aliases = f"  ({', '.join(paper.aliases)})" if paper.aliases else ""
        typer.echo(f"{name:<10} {width:g} x {height:g} mm{aliases}")


def _require_specs(words: list[str] | None, language: str, *, variants: bool) -> tuple[Spec, ...]:
    """Return the documents that all of these words mean.

    Raises
    ------
    UnknownSpec
        If there is none; the advice names the nearest.
    """
    from idphoto.spec import find_specs

    found = find_specs(" ".join(words or ()), language, variants=variants)
    if found.nearest:
        nearest = " or ".join(spec.id for spec in found.specs[:3])
        raise UnknownSpec(f"No document is meant by '{' '.join(words or ())}'.", f"Did you mean {nearest}?")
    return found.specs
