"""Read the fields of a request to the ID-photo API: options of a job, and the media type of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.job import Job, former_names
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.request_job import read_job
from idphoto.server.web.delivery import parse_accept
from idphoto.server.web.route import get_context

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from fastapi import Request

__all__ = ["choose_media_type", "read_integers", "read_job_fields", "read_single"]

REPEATABLE = frozenset({"spec", "accept", "points"})
"""Fields that may be sent more than once."""


BACKEND_FIELDS = frozenset({"detector", "segmenter", "matter"})


def read_job_fields(request: Request, known: Collection[str], besides: Collection[str] = ()) -> dict[str, Any]:
    """Read the options of a job, and check them before any work is done.

    Parameters
    ----------
    request : Request
        Through a guarded route.
    known : collection of str
        Fields of a job that the route takes.
    besides : collection of str
        Other fields of the form.

    Returns
    -------
    dict of str to Any
        Name of each field that was sent to its text, or list of texts.

    Raises
    ------
    RequestRefused
        If a field is sent that the route does not take, or twice.
    InputError
        If a field cannot have its value.
    """
    sent: Mapping[str, Sequence[str]] = request.state.form.fields
    names = {name: (name, *former_names(Job.model_fields[name])) for name in known}
    if not set(sent) <= {*besides, *(spelling for spellings in names.values() for spelling in spellings)}:
        raise RequestRefused(RefusalReason.INVALID, f"The fields here are: {', '.join(sorted({*known, *besides}))}.")
    fields: dict[str, Any] = {}
    for name, spellings in names.items():
        # An HTML form sends a field that was left open as an empty text.
        values = [value for spelling in spellings for value in sent.get(spelling, ()) if value]
        repeatable = name in REPEATABLE
        if len(values) > 1 and not repeatable:
            raise RequestRefused(RefusalReason.INVALID, f"Send '{name}' once.")
        if values:
            fields[name] = values if repeatable else values[0]
    read_job(fields)
    allowed = get_context(request).settings.backends
    for name in BACKEND_FIELDS & set(fields):
        if fields[name] not in allowed:
            raise RequestRefused(
                RefusalReason.UNSUPPORTED_VALUE,
                f"This backend cannot be chosen here in '{name}'.",
                code="backend.not-allowed",
                advice=f"Leave it out, or choose one of: {', '.join(allowed)}.",
            )
    return fields


def read_single(request: Request, name: str) -> str:
    """Return the text of a field that is no option of a job; empty if it was not sent.

    Raises
    ------
    RequestRefused
        If it was sent twice.
    """
    values = request.state.form.fields.get(name, [""])
    if len(values) > 1:
        raise RequestRefused(RefusalReason.INVALID, f"Send '{name}' once.")
    return str(values[0])


def read_integers(request: Request, name: str, most: int) -> list[int]:
    """Return the whole numbers from 1 to `most` that were sent in a field, once or more often.

    Raises
    ------
    RequestRefused
        If a value is no such number.
    """
    values = [value for value in request.state.form.fields.get(name, []) if value]
    longest = len(str(most))  # Python refuses to read numbers of thousands of digits, by an exception
    if not all(
        value.isascii() and value.isdigit() and len(value) <= longest and 1 <= int(value) <= most for value in values
    ):
        raise RequestRefused(RefusalReason.INVALID, f"'{name}' holds whole numbers from 1 to {most}.")
    return [int(value) for value in values]


def choose_media_type(request: Request, offered: Sequence[str]) -> str:
    """Return the first of the client's media types that is offered.

    Raises
    ------
    RequestRefused
        If none is offered.
    """
    for name, _ in parse_accept(request):
        for offer in offered:
            if name in ("*/*", offer, f"{offer.partition('/')[0]}/*"):
                return offer
    raise RequestRefused(RefusalReason.NOT_ACCEPTABLE, f"This can be had as: {', '.join(offered)}.")
