"""What a request to the ID-photo API asks for: fields of a job, and the form of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idphoto.server.orders import order
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.web.delivery import parse_accept

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from fastapi import Request

__all__ = ["answer_type", "integers", "order_fields", "single"]

SEVERAL = frozenset({"spec", "accept"})
"""Fields that may be sent more than once."""


def order_fields(request: Request, known: Collection[str], besides: Collection[str] = ()) -> dict[str, Any]:
    """Fields of an order that were sent, checked before anything is worked on.

    Parameters
    ----------
    request : Request
        Through a guarded route.
    known : collection of str
        Fields of a job that mean something here.
    besides : collection of str
        Other fields of the form.

    Raises
    ------
    RequestRefused
        If a field is sent that means nothing here, or twice.
    InputError
        If a field cannot have its value.
    """
    sent: Mapping[str, Sequence[str]] = request.state.form.fields
    if not set(sent) <= {*known, *besides}:
        raise RequestRefused(RefusalReason.INVALID, f"The fields here are: {', '.join(sorted({*known, *besides}))}.")
    fields: dict[str, Any] = {}
    for name in known:
        # A page's form sends what is left open as nothing.
        values = [value for value in sent.get(name, ()) if value]
        several = name in SEVERAL
        if len(values) > 1 and not several:
            raise RequestRefused(RefusalReason.INVALID, f"Send '{name}' once.")
        if values:
            fields[name] = values if several else values[0]
    order(fields)
    return fields


def single(request: Request, name: str) -> str:
    """Value of a field beside the job's; empty if it was not sent.

    Raises
    ------
    RequestRefused
        If it was sent twice.
    """
    values = request.state.form.fields.get(name, [""])
    if len(values) > 1:
        raise RequestRefused(RefusalReason.INVALID, f"Send '{name}' once.")
    return str(values[0])


def integers(request: Request, name: str, most: int) -> list[int]:
    """Whole numbers from 1 that were sent in a field, once or more often.

    Raises
    ------
    RequestRefused
        If they are none.
    """
    values = [value for value in request.state.form.fields.get(name, []) if value]
    if not all(value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= most for value in values):
        raise RequestRefused(RefusalReason.INVALID, f"'{name}' holds whole numbers from 1 to {most}.")
    return [int(value) for value in values]


def answer_type(request: Request, offered: Sequence[str]) -> str:
    """The first of the client's media types that is offered.

    Raises
    ------
    RequestRefused
        If none is.
    """
    for name, _ in parse_accept(request):
        for offer in offered:
            if name in ("*/*", offer, f"{offer.partition('/')[0]}/*"):
                return offer
    raise RequestRefused(RefusalReason.NOT_ACCEPTABLE, f"This can be had as: {', '.join(offered)}.")
