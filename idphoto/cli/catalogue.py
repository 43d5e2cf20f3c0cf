"""The commands about what there is: ``specs list``, ``match``, ``show`` and ``validate``, and ``papers``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idphoto.cli.flags import job_flags, load_job

if TYPE_CHECKING:
    from idphoto.spec import Spec

__all__ = ["papers", "specs_app"]

specs_app = typer.Typer(help="The documents that photos can be made for.", no_args_is_help=True)

Words = Annotated[list[str] | None, typer.Argument(help="Only documents with these words.")]
Variants = Annotated[bool, typer.Option(help="Variants, such as those for children, too.")]


@specs_app.command("list")
def list_specs(
    words: Words = None,
    variants: Variants = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the documents as a JSON list.")] = False,
) -> None:
    """List the documents."""
    from idphoto.cli import present

    found = _find_specs(words, variants=variants)
    if as_json:
        present.print_json([spec.model_dump(mode="json", by_alias=True) for spec in found], indent=None)
    else:
        present.list_specs(found)


@specs_app.command("match")
@job_flags("face", "language")
def match_specs(
    photo: Annotated[str, typer.Argument(help="A photo, raw or finished.")],
    options: dict[str, Any],
    words: Words = None,
    variants: Variants = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the matches as a JSON list.")] = False,
) -> None:
    """Tell which documents a photo fits: as it is, after allowed steps, or what it lacks."""
    from idphoto.cli import present
    from idphoto.match import match_documents
    from idphoto.messages import ENGLISH

    job = load_job(options)
    found = list(
        match_documents(photo, _find_specs(words, variants=variants), language=job.language or ENGLISH, job=job)
    )
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


def _find_specs(words: list[str] | None, *, variants: bool) -> list[Spec]:
    """Return the documents that have all of these words in id, name, kind or country."""
    from idphoto.spec import all_specs

    return [
        spec
        for spec in all_specs(variants=variants)
        if all(word.lower() in f"{spec.id} {spec.label} {spec.kind} {spec.country}".lower() for word in words or ())
    ]
