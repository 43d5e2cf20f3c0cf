"""Read YAML files into pydantic models. No other module reads YAML.

A file becomes plain data, and the data becomes one pydantic model. If the model refuses the data, the
message names the file, the line, the field, and the nearest known name.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from idphoto.errors import IdPhotoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["explain", "find_lines", "load", "parse"]

ModelT = TypeVar("ModelT", bound=BaseModel)

MAX_DEPTH = 100  # levels of a YAML file
MIN_DEEP_LETTERS = 10_000  # a shorter text cannot have enough levels to do harm
MAX_FAULTS = 20  # that are told of one file

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc, valid-type]
    """Safe loader with the core schema of YAML 1.2, plus dates.

    PyYAML reads ``NO`` as a truth value and ``3:4`` as a number to base sixty. Here ``NO`` is a text (Norway),
    and ``3:4`` is a text (a ratio). A key that is given twice is refused; YAML forbids it, PyYAML does not.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is given twice", key_node.start_mark)
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_PLAIN = {
    "tag:yaml.org,2002:null": (r"~|null|", "~n\0"),
    "tag:yaml.org,2002:bool": (r"true|false", "tf"),
    "tag:yaml.org,2002:int": (r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    "tag:yaml.org,2002:float": (r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    "tag:yaml.org,2002:timestamp": (r"\d{4}-\d\d-\d\d", "0123456789"),
}
_StrictLoader.yaml_implicit_resolvers = {}
for _tag, (_pattern, _first) in _PLAIN.items():
    _StrictLoader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), [*_first.replace("\0", ""), ""])


def load(path: Path, error: type[IdPhotoError]) -> Any:
    """Read one YAML file as plain data.

    Parameters
    ----------
    path : Path
        The file, UTF-8.
    error : type of IdPhotoError
        What to raise.

    Raises
    ------
    IdPhotoError
        Of type `error`, if the file cannot be read or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise error(f"{path} cannot be read.", "Check that the file exists and is a text file.") from cause
    try:
        _check_depth(text)
        data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a safe loader, made stricter
        _refuse_colours_in_comments(text, path, error)
        return data
    except yaml.MarkedYAMLError as cause:
        _refuse_colours_in_comments(text, path, error, broken=True)
        mark = cause.problem_mark or cause.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise error(f"{where}: not valid YAML ({cause.problem}).", "Correct that line and try again.") from cause
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as cause:
        # PyYAML raises other exceptions for some faults: the 45th of a month, a list as a key, ten thousand brackets.
        raise error(f"{path}: not valid YAML.", "Correct the file and try again.") from cause


def _check_depth(text: str) -> None:
    """Refuse a text with too many levels. LibYAML would recurse to the end of the stack, which ends the process.

    Raises
    ------
    ValueError
        If there are more than `MAX_DEPTH` levels.
    """
    if len(text) < MIN_DEEP_LETTERS:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError("there are too many levels")


_COLOUR_IN_COMMENT = re.compile(
    r"^(?P<key>[^#'\"\n]*?(?:[:\-,(]\s|\[))\s*(?P<colour>#[0-9A-Fa-f]{3}(?:[0-9A-Fa-f]{3})?)\b", re.MULTILINE
)


def _refuse_colours_in_comments(text: str, path: Path, error: type[IdPhotoError], *, broken: bool = False) -> None:
    """Refuse ``background: #438EDB``: to YAML the colour is a comment, and the value is missing.

    Parameters
    ----------
    text : str
        The file.
    path : Path
        For the message.
    error : type of IdPhotoError
        What to raise.
    broken : bool
        True if the file is not valid YAML, perhaps because of such a comment.

    Raises
    ------
    IdPhotoError
        Of type `error`, if there is such a colour.
    """
    for found in _COLOUR_IN_COMMENT.finditer(text):
        line = text.count("\n", 0, found.start("colour"))
        if broken or line in _lines_without_value(yaml.compose(text, Loader=_Loader)):
            colour = found["colour"]
            raise error(
                f"{path}:{line + 1}: after a space, {colour} is a comment to YAML, so that the value is missing.",
                f"Put the colour in quotes: '{colour}'.",
            )


def _lines_without_value(node: yaml.Node | None) -> set[int]:
    """Return the lines, counted from 0, of keys and entries of lists that have no value."""
    if isinstance(node, yaml.MappingNode):
        parts = [(key.start_mark.line, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        parts = [(entry.start_mark.line, entry) for entry in node.value]
    else:
        return set()
    found: set[int] = set()
    for line, value in parts:
        empty = isinstance(value, yaml.ScalarNode) and value.value == "" and not value.style
        # A text that a comment cuts within brackets, such as vertical(white, #CCC), lacks its end.
        cut = isinstance(value, yaml.ScalarNode) and not value.style and value.value.count("(") > value.value.count(")")
        found |= {line, value.start_mark.line} if empty or cut else _lines_without_value(value)
    return found


def parse(model: type[ModelT], data: object, path: Path, error: type[IdPhotoError]) -> ModelT:
    """Validate plain data from `path` as `model`.

    Raises
    ------
    IdPhotoError
        Of type `error`; the message has a line for each fault, with file and line number.
    """
    try:
        return model.model_validate(data)
    except ValidationError as cause:
        raise error(explain(cause, model, path), "Correct the file and try again.") from cause


def explain(cause: ValidationError, model: type[BaseModel], path: Path | None, prefix: tuple[str, ...] = ()) -> str:
    """Describe in plain words why a model refused its data, with one line for each fault.

    Parameters
    ----------
    cause : ValidationError
        The exception of pydantic.
    model : type of BaseModel
        The model that refused the data.
    path : Path, optional
        The file that the data came from, for its line numbers.
    prefix : tuple of str
        Place of the model's data in the file.
    """
    root = None
    if path is not None and path.is_file():
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    lines = []
    faults = cause.errors()
    for fault in faults[:MAX_FAULTS]:
        location = tuple(fault["loc"])
        named = ".".join(str(part) for part in location) or (prefix[-1] if prefix else "the file")
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = f"unknown field{_hint(str(location[-1]), _fields_at(model, location[:-1]))}"
        elif fault["type"] == "missing":
            message = "missing"
        where = "" if path is None else f"{path}:{_line(root, prefix + location)}: "
        lines.append(f"{where}{named}: {message.rstrip('.')}.")
    if len(faults) > MAX_FAULTS:
        lines.append(f"There are {len(faults) - MAX_FAULTS} further faults.")
    return "\n".join(lines)


def find_lines(path: Path) -> Callable[..., int]:
    """Return a function that gives the line, counted from 1, of a key in a file, by the keys that lead to it."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    return lambda *keys: _line(root, keys)


def _hint(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> set[str]:
    """Return the field names of the model, or models, at `location` inside `model`."""
    models: set[type[BaseModel]] = {model}
    for part in location:
        inner: set[type[BaseModel]] = set()
        for candidate in models:
            if isinstance(part, str):
                for name, info in candidate.model_fields.items():
                    if part in (name, info.alias):
                        inner |= set(_models_in(info.annotation))
        # A part that is not a field is an index, a key of a mapping, or the tag of a union.
        models = inner or models
    return {info.alias or name for candidate in models for name, info in candidate.model_fields.items()}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in getattr(annotation, "__args__", ()) for found in _models_in(argument)]


def _line(root: yaml.Node | None, location: Sequence[int | str]) -> int:
    """Return the line, counted from 1, of the deepest part of `location` that exists in the file."""
    node = root
    line = node.start_mark.line + 1 if node is not None else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if str(key.value) == str(part)), None)
            if pair is None:
                continue
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
