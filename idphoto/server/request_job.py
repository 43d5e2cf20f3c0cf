"""Turn the fields of a request into a job: only the options that a stranger may set, within stricter bounds.

Text, type and bounds of each field are those of :class:`idphoto.Job`. On a command line, a background and a document
may each be the path of a file. In a request they may not. This is the only place where a request becomes a job: in the
server, to refuse early, and once more in the worker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, create_model
from pydantic.fields import FieldInfo

from idphoto.background_fill import PictureFill, parse_background_fill
from idphoto.errors import IdPhotoError, InputError, UnknownSpec
from idphoto.job import Job, option_of
from idphoto.output.sheet import paper_mm
from idphoto.server.sheet_order import check_page
from idphoto.spec import spec_ids

__all__ = ["STRICTER", "RequestJob", "check_paper", "field_schemas", "read_job"]

MAX_DOCUMENTS = 10
MAX_REASONS = 20
REASON_LETTERS = 200  # a longer reason is cut
PAPER_SIDES_MM = (20.0, 1200.0)

_COLOUR_WORDS = re.compile(r"[A-Za-z0-9#,()% -]{1,80}")  # a path has a dot or a slash; no colour or gradient needs one
_CHECK_NAME = re.compile(r"[a-z-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _check_background(text: str) -> str:
    """Refuse a background that is a picture, which would be the path of a file."""
    if text in ("auto", "keep"):
        return text
    if not _COLOUR_WORDS.fullmatch(text):
        raise ValueError("is no colour and no gradient")
    try:
        wanted = parse_background_fill(text)
    except InputError as cause:
        raise ValueError("is no colour and no gradient") from cause
    if isinstance(wanted, PictureFill):
        raise ValueError("is no colour and no gradient")
    return text


def _check_documents(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse names of documents that do not come with the package, which would be paths of files."""
    known = _known_documents()
    if any(name not in known for name in names):
        raise ValueError("unknown document")
    if len(names) > MAX_DOCUMENTS:
        raise ValueError(f"names more than {MAX_DOCUMENTS} documents")
    return names


@lru_cache(maxsize=1)
def _known_documents() -> frozenset[str]:
    return frozenset(spec_ids())


def check_paper(name: str) -> str:
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
    if not all(PAPER_SIDES_MM[0] <= side <= PAPER_SIDES_MM[1] for side in sides):
        raise ValueError(f"has a side that is not between {PAPER_SIDES_MM[0]:g} and {PAPER_SIDES_MM[1]:g} mm")
    return name


def _check_plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("has control characters")
    return text


def _check_reasons(reasons: dict[str, str]) -> dict[str, str]:
    """Refuse too many reasons and names that no check has; cut long reasons."""
    if len(reasons) > MAX_REASONS or not all(_CHECK_NAME.fullmatch(check) for check in reasons):
        raise ValueError("is written check=reason")
    return {check: _check_plain(reason[:REASON_LETTERS]) for check, reason in reasons.items()}


STRICTER: dict[str, tuple[Any, ...]] = {
    "spec": (AfterValidator(_check_documents),),
    "background": (
        AfterValidator(_check_background),
        Field(
            max_length=80,
            description="Background: auto (the document's colour, where it may be painted), keep, or what to paint: "
            "a colour, 'vertical(A, B)' or 'radial(A, B)'.",
        ),
    ),
    "allow_editing": (AfterValidator(_check_plain), Field(max_length=200)),
    "sheet": (AfterValidator(check_paper), Field(max_length=40)),
    "shift": (WithJsonSchema({"type": "string", "examples": ["1.5,-2"]}),),
    "points": (WithJsonSchema({"type": "array", "items": {"type": "string"}, "examples": [["crown=512,90"]]}),),
    "accept": (AfterValidator(_check_reasons), WithJsonSchema({"type": "array", "items": {"type": "string"}})),
}
"""Field of a job to what a request must keep to beyond the bounds of the job. A test refuses a field for free text that
is missing here."""


class _RequestJob(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _stricter_field(name: str) -> tuple[Any, Any]:
    """Return type and field information of one field, for pydantic's ``create_model``."""
    info = deepcopy(Job.model_fields[name])
    kind: Any = info.annotation
    if name not in STRICTER:
        return kind, info
    texts = [part.description for part in STRICTER[name] if isinstance(part, FieldInfo) and part.description]
    info.description = texts[0] if texts else info.description
    optional = info.default is None
    if optional:
        kind = next(part for part in kind.__args__ if part is not type(None))
    # Built by a call, because Python 3.10 has no star within brackets.
    bound: Any = Annotated.__class_getitem__((kind, *STRICTER[name]))  # type: ignore[attr-defined]
    return bound | None if optional else bound, info


_FIELDS: dict[str, Any] = {name: _stricter_field(name) for name in Job.model_fields if option_of(name).http}
RequestJob: type[_RequestJob] = create_model("RequestJob", __base__=_RequestJob, **_FIELDS)
"""The fields of a job that a request may set."""


def read_job(fields: Mapping[str, Any]) -> Job:
    """Make the job that a request asks for.

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
        checked = RequestJob.model_validate(dict(fields))
    except ValidationError as cause:
        raise _explain_fields(cause) from None
    job = Job.model_validate(checked.model_dump(exclude_unset=True))
    check_page(job)
    return job


def _explain_fields(cause: ValidationError) -> IdPhotoError:
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


def field_schemas(*names: str) -> dict[str, Any]:
    """Return the JSON schemas of some fields, for the description of the API."""
    properties = RequestJob.model_json_schema()["properties"]
    return {name: properties[name] for name in names}
