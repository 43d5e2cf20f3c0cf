"""Make the flags of the command line from the fields of a job, and declare those that several commands share.

A command takes a parameter ``options`` and stands under :func:`job_flags`. The parameter is replaced with one flag for
each named field of :class:`idphoto.Job`; the text, the bounds and the choices are the field's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer
from pydantic import TypeAdapter, ValidationError

from idphoto import yamlfile
from idphoto.errors import IdPhotoError, InputError, InvalidJob
from idphoto.job import Job, bounds_of, former_names, option_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "Force",
    "JobFile",
    "Json",
    "OutFolder",
    "Photos",
    "ProgressFlag",
    "ProgressMode",
    "Recursive",
    "Verbose",
    "job_flags",
    "load_job",
    "name_origin",
    "origin_of",
]

Photos = Annotated[
    list[str],
    typer.Argument(
        help="Photos, folders, patterns such as '*.jpg', or - for standard input: JPEG, PNG, WebP, BMP, TIFF; "
        "HEIC and AVIF with an extra."
    ),
]
Recursive = Annotated[bool, typer.Option("--recursive", help="Take the photos of folders inside folders, too.")]
JobFile = Annotated[
    Path | None, typer.Option("--job", help="YAML file with any options of this command; flags win over it.")
]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files of earlier runs.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every check, measure and timing.")]
Json = Annotated[bool, typer.Option("--json", help="Print a JSON list: one report for each photo and document.")]

ProgressMode = Literal["auto", "bar", "jsonl", "off"]
ProgressFlag = Annotated[
    ProgressMode,
    typer.Option(
        "--progress",
        help="For many photos: bar, jsonl (a line of JSON for each result, on standard output), or off; "
        "auto shows the bar in a terminal.",
    ),
]

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
        hints = get_type_hints(command, include_extras=True)

        def run(context: typer.Context, **given: Any) -> Any:
            options = {}
            for name in flags:
                values = [given.pop(key) for key in (name, *former_names(Job.model_fields[name]))]
                values = [value for value in values if value not in (None, [])]
                if values:
                    options[name] = values[0]
            origins = {name: spellings[0] for name, spellings in flags.items() if name in options}
            path = given.pop("job", None)
            if path is not None:
                given, fields = _read_job_file(path, given, flags, context, hints)
                line_of = yamlfile.find_lines(path)
                origins = {**{name: f"{path}:{line_of(name)}: {name}" for name in fields}, **origins}
                options = {**fields, **options}
            _origins.set(origins)
            return command(options=options, **given)

        run.__name__, run.__doc__, run.__module__ = command.__name__, command.__doc__, command.__module__
        parameters = [
            inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *_parameters(command, flags),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


_origins: ContextVar[Mapping[str, str]] = ContextVar("origins", default=MappingProxyType({}))


def origin_of(name: str) -> str:
    """Return where the user wrote the value of a field: the flag, or the line of the job file."""
    return _origins.get().get(name, SPELLINGS.get(name, (f"--{name.replace('_', '-')}",))[0])


def name_origin(problem: IdPhotoError) -> None:
    """Begin the message of an error with the flag, or the line of the job file, that it is about."""
    if problem.option:
        rest = problem.message.removeprefix(f"{problem.option} ")
        problem.message = f"{origin_of(problem.option)}{': ' if rest == problem.message else ' '}{rest}"


def _read_job_file(
    path: Path,
    given: dict[str, Any],
    flags: Mapping[str, tuple[str, ...]],
    context: typer.Context,
    hints: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a job file: options of the command itself, such as ``out``, and fields of the job.

    Returns
    -------
    given : dict
        The options of the command; those of the file where the command line has none.
    fields : dict
        Fields of the job.

    Raises
    ------
    InvalidJob
        If the file cannot be read, or the command does not have an option.
    """
    data = yamlfile.load(path, InvalidJob)
    line_of = yamlfile.find_lines(path)
    parameters = {
        spelling.lstrip("-").replace("-", "_"): parameter
        for parameter in context.command.params
        if parameter.name in given and not parameter.required
        for spelling in (*parameter.opts, parameter.name or "")
        if not spelling.startswith("-") or spelling.startswith("--")
    }
    given, rest = dict(given), {}
    for name, value in data.items() if isinstance(data, dict) else ():
        parameter = parameters.get(str(name).replace("-", "_"))
        if parameter is None:
            rest[name] = value
        elif getattr(context.get_parameter_source(parameter.name or ""), "name", "") != "COMMANDLINE":
            try:
                given[parameter.name or ""] = TypeAdapter(hints[parameter.name or ""]).validate_python(value)
            except ValidationError as cause:
                text = f"{path}:{line_of(name)}: {name}: {cause.errors()[0]['msg']}."
                raise InvalidJob(text, "Correct the file and try again.") from cause
    job = yamlfile.parse(Job, rest if isinstance(data, dict) else data, path, InvalidJob).beside(path.parent)
    fields = {name: getattr(job, name) for name in job.model_fields_set}
    for name in fields:
        if name not in flags and name != "pipeline":
            raise InvalidJob(f"{path}:{line_of(name)}: {name}: this command has no such option.", "Leave it out.")
    return given, fields


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


def load_job(options: dict[str, Any]) -> Job:
    """Make a job of the options that a command got.

    Raises
    ------
    InputError
        If a flag has a value that its option cannot have; the message names the flag.
    """
    try:
        return Job.model_validate(options)
    except ValidationError as cause:
        lines = []
        for fault in cause.errors():
            name = str(fault["loc"][0])
            own = fault["type"] != "value_error" and name in Job.model_fields
            text = Job.model_fields[name].description if own else f"{fault['msg'].removeprefix('Value error, ')}."
            lines.append(f"{origin_of(name)} cannot be {str(options.get(name))!r}. {text}")
        raise InputError("\n".join(lines), "Run the command with --help to see all choices.") from cause
