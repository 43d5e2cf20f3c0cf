"""What the cutout API looks like in the description of the service (``/docs``)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from idphoto.server.cutouts.envelope import CODES

__all__ = ["BODIES", "RESPONSES"]


class Detail(BaseModel):
    """What went wrong."""

    status_code: int
    code: str = Field(description="Stable code, such as ERROR_NOT_ENOUGH_CREDITS.")
    code_message: str
    message: str


class Envelope(BaseModel):
    """What every answer of this face has."""

    request_id: str
    log_id: str
    error_code: int = Field(description="0, or the status.")
    error_code_str: str
    error_msg: str
    error_detail: Detail


class Element(BaseModel):
    """One picture: at an address for a day, or in the answer."""

    image_url: str | None = None
    image_base64: str | None = Field(default=None, description="With ?response=base64; stored nowhere.")
    width: int | None = None
    height: int | None = None
    x: int | None = Field(default=None, description="Left edge in the upload.")
    y: int | None = Field(default=None, description="Top edge in the upload.")


class Single(Element):
    """One picture, and the same one as an element."""

    elements: list[Element] | None = None


class Several(BaseModel):
    """One picture per head."""

    elements: list[Element]


class Balance(BaseModel):
    """Credits of one kind. Times are Unix seconds."""

    unique_sign: str
    name: str
    balance: int
    total: int
    last_recharge_balance: int
    balance_warning: int
    first_buy_time: int
    last_update_time: int


class SingleAnswer(Envelope):
    """A cutout."""

    data: Single


class SeveralAnswer(Envelope):
    """Cutouts of parts."""

    data: Several


class CreditsAnswer(Envelope):
    """Balances."""

    data: list[Balance]


_ANSWERS: dict[str, type[Envelope]] = {
    "portrait": SingleAnswer,
    "hd_portrait": SingleAnswer,
    "avatar": SeveralAnswer,
    "hairstyle": SeveralAnswer,
    "credits": CreditsAnswer,
}


def _responses(answer: type[Envelope]) -> dict[int | str, dict[str, Any]]:
    codes: dict[int, list[str]] = {}
    for status, code in CODES.values():
        if code not in codes.setdefault(status, []):
            codes[status].append(code)
    failures = {status: {"model": Envelope, "description": ", ".join(names)} for status, names in codes.items()}
    return {200: {"model": answer, "description": "Success."}, **dict(sorted(failures.items()))}


RESPONSES = {name: _responses(answer) for name, answer in _ANSWERS.items()}
"""Capability to its answers."""


def _body(forms: tuple[str, ...] = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {"image": {"type": "string", "format": "binary", "description": "The photo."}}
    if forms:
        properties["return_form"] = {"type": "string", "enum": ["", *forms], "description": "Left out: transparent."}
    schema = {"type": "object", "properties": properties, "required": ["image"]}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}},
        "parameters": [
            {
                "name": "response",
                "in": "query",
                "schema": {"type": "string", "enum": ["url", "base64"], "default": "url"},
                "description": "base64 gives the picture in the answer and stores nothing.",
            }
        ],
    }


BODIES = {
    "portrait": _body(("mask", "whiteBK", "crop")),
    "hd_portrait": _body(),
    "avatar": _body(("mask",)),
    "hairstyle": _body(),
}
"""Capability to what is sent."""
