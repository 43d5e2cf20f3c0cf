"""Describe the cutout API for OpenAPI, as shown at ``/docs``."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from idphoto.server.cutouts.envelope import ENVELOPE_CODES

__all__ = ["REQUEST_DESCRIPTIONS", "RESPONSE_DESCRIPTIONS"]


class ErrorDetail(BaseModel):
    """The error of a response."""

    status_code: int
    code: str = Field(description="Stable code, such as ERROR_NOT_ENOUGH_CREDITS.")
    code_message: str
    message: str


class Envelope(BaseModel):
    """The fields that every response of the cutout API has."""

    request_id: str
    log_id: str
    error_code: int = Field(description="0, or the status.")
    error_code_str: str
    error_msg: str
    error_detail: ErrorDetail


class CutoutImage(BaseModel):
    """One picture, as a URL that is valid for a day or as Base64."""

    image_url: str | None = None
    image_base64: str | None = Field(default=None, description="With ?response=base64; it is not stored.")
    width: int | None = None
    height: int | None = None
    x: int | None = Field(default=None, description="Left edge in the upload.")
    y: int | None = Field(default=None, description="Top edge in the upload.")


class PersonData(CutoutImage):
    """One picture; the HD capability repeats it as the only element."""

    elements: list[CutoutImage] | None = None


class HeadsData(BaseModel):
    """One picture per head."""

    elements: list[CutoutImage]


class CreditBalance(BaseModel):
    """The credits of one kind. Times are Unix seconds."""

    unique_sign: str
    name: str
    balance: int
    total: int
    last_recharge_balance: int
    balance_warning: int
    first_buy_time: int
    last_update_time: int


class PersonResponse(Envelope):
    """A cutout."""

    data: PersonData


class HeadsResponse(Envelope):
    """Cutouts of heads or of hair."""

    data: HeadsData


class CreditsResponse(Envelope):
    """Balances."""

    data: list[CreditBalance]


_RESPONSE_MODELS: dict[str, type[Envelope]] = {
    "portrait": PersonResponse,
    "hd_portrait": PersonResponse,
    "avatar": HeadsResponse,
    "hairstyle": HeadsResponse,
    "credits": CreditsResponse,
}


def _describe_responses(model: type[Envelope]) -> dict[int | str, dict[str, Any]]:
    codes: dict[int, list[str]] = {}
    for status, code in ENVELOPE_CODES.values():
        if code not in codes.setdefault(status, []):
            codes[status].append(code)
    failures = {status: {"model": Envelope, "description": ", ".join(names)} for status, names in codes.items()}
    return {200: {"model": model, "description": "Success."}, **dict(sorted(failures.items()))}


RESPONSE_DESCRIPTIONS = {name: _describe_responses(model) for name, model in _RESPONSE_MODELS.items()}
"""OpenAPI responses by capability."""


def _describe_request(forms: tuple[str, ...] = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {"image": {"type": "string", "format": "binary", "description": "The photo."}}
    if forms:
        properties["return_form"] = {
            "type": "string",
            "enum": ["", *forms],
            "description": "Default: transparent.",
        }
    schema = {"type": "object", "properties": properties, "required": ["image"]}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}},
        "parameters": [
            {
                "name": "response",
                "in": "query",
                "schema": {"type": "string", "enum": ["url", "base64"], "default": "url"},
                "description": "base64 returns the picture in the response and stores nothing.",
            }
        ],
    }


REQUEST_DESCRIPTIONS = {
    "portrait": _describe_request(("mask", "whiteBK", "crop")),
    "hd_portrait": _describe_request(),
    "avatar": _describe_request(("mask",)),
    "hairstyle": _describe_request(),
}
"""OpenAPI request bodies and parameters by capability."""
