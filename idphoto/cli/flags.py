"""Make the flags of the command line from the fields of a job, and declare those that several commands share.

A command takes a parameter ``options`` and stands under :func:`job_flags`. The parameter is replaced with one flag for
each named field of :class:`idphoto.Job`; the text, the bounds and the choices are the field's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer

from idphoto.job import Job, bounds_of, former_names, merge_options, option_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = ["Force", "Json", "OutFolder", "Photos", "Verbose", "job_flags", "load_job"]

Photos = Annotated[list[str], typer.Argument(help="Photos: JPEG, PNG, WebP, BMP, TIFF; HEIC and AVIF with an extra.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every check, measure and timing.")]
Json = Annotated[bool, typer.Option("--json", help="Print a JSON list: one report for each photo and document.")]

SPELLINGS = {"spec": ("--spec", "-s"), "language": ("--lang", "--language")}
"""Field of a job to its flags, where they are not the name of the field."""


def job_flags(*names: str, **spelled: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replace the parameter `options` of a command with flags for fields of a job.

    Parameters
    ----------
    *names : str
        Fields of the job, in the order of ``--help``.
    **spelled : str
        Further fields, each with the flag that this command has for it.

    Returns
    -------
    callable
        A decorator. The command then gets `options`: a dict of the fields that were given.
    """
    flags: dict[str, tuple[str, ...]] = {
        **{name: SPELLINGS.get(name, (f"--{name.replace('_', '-')}",)) for name in names},
        **{name: (flag,) for name, flag in spelled.items()},
    }

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        def run(**given: Any) -> Any:
            options = {}
            for name in flags:
                values = [given.pop(key) for key in (name, *former_names(Job.model_fields[name]))]
                values = [value for value in values if value not in (None, [])]
                if values:
                    options[name] = values[0]
            return command(options=options, **given)

        run.__name__, run.__doc__, run.__module__ = command.__name__, command.__doc__, command.__module__
        parameters = _parameters(command, flags)
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameters(command: Callable[..., Any], flags: dict[str, tuple[str, ...]]) -> list[inspect.Parameter]:
    """Return the parameters of a command, with flags in the place of `options`."""
    hints = get_type_hints(command, include_extras=True)
    found: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name != "options":
            found.append(parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        for name, spellings in flags.items():
            found.append(_flag(name, name, spellings))
            for former in former_names(Job.model_fields[name]):
                found.append(_flag(former, name, (f"--{former.replace('_', '-')}",), hidden=True))
    return found


def _flag(parameter: str, name: str, spellings: tuple[str, ...], *, hidden: bool = False) -> inspect.Parameter:
    """Return the parameter of a command for the field `name` of a job."""
    field, option, bounds = Job.model_fields[name], option_of(name), bounds_of(name)
    kind, choices = _flag_type(field)
    if kind is bool:
        spellings = tuple(f"{spelling}/{spelling.replace('--', '--no-', 1)}" for spelling in spellings)
    flag = typer.Option(
        *spellings,
        help=field.description,
        hidden=hidden,
        metavar="|".join(choices) or None,
        min=bounds.get("ge"),
        max=bounds.get("le"),
        show_default=str(option.default) if isinstance(option.default, float | int) and kind is not bool else False,
        rich_help_panel=option.group or None,
    )
    return inspect.Parameter(
        parameter, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, flag]
    )


def _flag_type(field: FieldInfo) -> tuple[Any, tuple[str, ...]]:
    """Return the type that the command line reads a field as, and its choices if there are only some."""
    parts = [part for part in get_args(field.annotation) if part is not type(None)]
    kind: Any = parts[0] if len(parts) == 1 else field.annotation
    if get_origin(kind) is Literal:
        return str, get_args(kind)
    # Several documents or reasons are several flags; the job reads commas and `check=reason` itself.
    return (list[str] if get_origin(kind) in (tuple, dict) else kind), ()


def load_job(path: Path | None, options: dict[str, Any]) -> Job:
    """Read a job file, if one is given, and let flags win over it.

    Raises
    ------
    InvalidJob
        If the file cannot be read or breaks the schema.
    InputError
        If a flag has a value that its option cannot have.
    """
    return merge_options(Job.load(path) if path is not None else None, options)
