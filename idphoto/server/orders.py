"""The job of a request: the fields of :class:`idphoto.Job` that strangers may fill, and within what bounds.

On a command line, a background, a mask, a pipeline and a document may each be the path of a file.
Here none may: this is the only place where a request becomes a job, in the server (to refuse
early) and once more in the worker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from idphoto.background_fill import PictureFill, parse_background_fill
from idphoto.errors import IdPhotoError, InputError, UnknownSpec
from idphoto.job import Job
from idphoto.output.sheet import paper_mm
from idphoto.spec import spec_ids

__all__ = ["FIELDS", "Order", "explained", "order", "paper", "schema"]

MOST_DOCUMENTS = 10
MOST_REASONS = 20
REASON = 200  # letters of a reason that are kept
SIDES = (20.0, 1200.0)  # mm of a paper
SHEET_PIXELS = 60e6  # of one page drawn as a JPEG
DPI = 300  # of a JPEG sheet, where none is asked for

_WORDS = re.compile(r"[A-Za-z0-9#,()% -]{1,80}")  # a path has a dot or a slash; no colour or gradient needs one
_CHECK = re.compile(r"[a-z-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _backdrop(text: str) -> str:
    if text in ("auto", "keep"):
        return text
    if not _WORDS.fullmatch(text):
        raise ValueError("is no colour and no gradient")
    try:
        wanted = parse_background_fill(text)
    except InputError as cause:
        raise ValueError("is no colour and no gradient") from cause
    if isinstance(wanted, PictureFill):
        raise ValueError("is no colour and no gradient")
    return text


def _documents(names: tuple[str, ...]) -> tuple[str, ...]:
    known = _known()
    if any(name not in known for name in names):
        raise ValueError("unknown document")
    if len(names) > MOST_DOCUMENTS:
        raise ValueError(f"names more than {MOST_DOCUMENTS} documents")
    return names


def _split(value: object) -> object:
    """Several documents may be given as several fields, or as one with commas."""
    parts = [value] if isinstance(value, str) else value
    if isinstance(parts, (list, tuple)) and all(isinstance(part, str) for part in parts):
        return tuple(name.strip() for part in parts for name in part.split(",") if name.strip())
    return value


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(spec_ids())


def paper(name: str) -> str:
    """Check the name or size of a paper, and return it.

    Raises
    ------
    ValueError
        If it is unknown, or larger or smaller than any printer takes.
    """
    try:
        sides = paper_mm(name[:40])
    except IdPhotoError as cause:
        raise ValueError("is no paper") from cause
    if not all(SIDES[0] <= side <= SIDES[1] for side in sides):
        raise ValueError(f"has a side that is not between {SIDES[0]:g} and {SIDES[1]:g} mm")
    return name


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("has control characters")
    return text


def _reasons(value: object) -> object:
    """Reasons are written like on the command line: ``check=reason``, one or several."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        return value
    pairs = [str(part).partition("=")[::2] for part in parts]
    if len(pairs) > MOST_REASONS or not all(_CHECK.fullmatch(check) and reason.strip() for check, reason in pairs):
        raise ValueError("is written check=reason")
    return {check: _plain(reason.strip()[:REASON]) for check, reason in pairs}


# What a field of a job may hold here, beyond its type. A field that is missing from this table is refused by the test
# of this module; `pipeline` and `mask` are not for requests at all.
FIELDS: dict[str, tuple[Any, ...]] = {
    "spec": (BeforeValidator(_split), AfterValidator(_documents)),
    "face": (Field(pattern=r"^(only|largest|[1-9][0-9]?)$"),),
    "faces": (Field(pattern=r"^[a-z-]{1,30}$"),),
    "segmenter": (Field(pattern=r"^[a-z-]{1,30}$"),),
    "matter": (Field(pattern=r"^[a-z-]{1,30}$"),),
    "background": (AfterValidator(_backdrop), Field(max_length=80)),
    "straighten": (),
    "allow_editing": (AfterValidator(_plain), Field(max_length=200)),
    "dpi": (Field(ge=72, le=1200, allow_inf_nan=False),),
    "format": (),
    "sheet": (AfterValidator(paper), Field(max_length=40)),
    "copies": (Field(ge=1, le=500),),
    "gap": (Field(ge=0, le=100, allow_inf_nan=False),),
    "margin": (Field(ge=0, le=100, allow_inf_nan=False),),
    "sheet_format": (),
    "sheet_dpi": (Field(ge=72, le=1200),),
    "enlargement": (Field(ge=0, le=0.2, allow_inf_nan=False),),
    "language": (Field(pattern=r"^[a-z]{2}$"),),
    "accept": (BeforeValidator(_reasons), WithJsonSchema({"type": "array", "items": {"type": "string"}})),
    "annotate": (),
    "pdf": (),
    "form": (),
    "blur": (Field(gt=0, le=0.2, allow_inf_nan=False),),
}
REFUSED = frozenset({"pipeline", "mask"})


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _restricted(name: str) -> tuple[Any, Any]:
    info = deepcopy(Job.model_fields[name])
    kind: Any = info.annotation
    if not FIELDS[name]:
        return kind, info
    if name != "spec":
        kind = next(part for part in kind.__args__ if part is not type(None))
    # Built by a call, since Python 3.10 knows no star within brackets.
    bound: Any = Annotated.__class_getitem__((kind, *FIELDS[name]))  # type: ignore[attr-defined]
    return bound if name == "spec" else bound | None, info


_FIELDS: dict[str, Any] = {name: _restricted(name) for name in Job.model_fields if name not in REFUSED}
Order: type[_Order] = create_model("Order", __base__=_Order, **_FIELDS)
"""The fields of a job that a request may fill."""


def order(fields: Mapping[str, Any]) -> Job:
    """Make a job of what a request asks for.

    Parameters
    ----------
    fields : mapping
        Values as text, or of their own types.

    Raises
    ------
    UnknownSpec
        If a document is unknown.
    InputError
        If a field does not exist here, or cannot have that value.
    """
    try:
        checked = Order.model_validate(dict(fields))
    except ValidationError as cause:
        raise explained(cause) from None
    job = Job.model_validate(checked.model_dump(exclude_unset=True))
    if job.sheet and job.sheet_format in ("jpeg", "both"):
        dpi = job.sheet_dpi or DPI
        pixels = paper_mm(job.sheet)[0] * paper_mm(job.sheet)[1] * (dpi / 25.4) ** 2
        if pixels > SHEET_PIXELS:
            raise InputError(f"At {dpi} dpi that sheet has too many pixels.", "Ask for a PDF, or for fewer dpi.")
    return job


def explained(cause: ValidationError) -> IdPhotoError:
    """Say what is wrong with a request, by the names of its fields and never by their values."""
    faults = []
    for fault in cause.errors(include_url=False, include_input=False, include_context=False):
        field = str(fault["loc"][0]) if fault["loc"] else "request"
        if fault["type"] == "extra_forbidden":
            faults.append("there is a field that is not known here")
        elif field == "spec" and fault["msg"].endswith("unknown document"):
            return UnknownSpec("There is no such document.", "GET /v1/specs lists all of them.")
        else:
            faults.append(f"{field}: {fault['msg'].removeprefix('Value error, ')}")
    text = "; ".join(dict.fromkeys(faults))
    return InputError(f"The request cannot be used: {text}.", "See /docs for what each field may hold.")


def schema(*names: str) -> dict[str, Any]:
    """JSON schema of some fields of an order, for the description of the API."""
    properties = Order.model_json_schema()["properties"]
    return {name: properties[name] for name in names}
