"""Refusals as RFC 9457 problem details, for everything but the cutout API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from idphoto.server.faults import Fault, Reason

__all__ = ["STATUS", "Problem", "problem"]

STATUS: dict[Reason, tuple[int, str]] = {
    Reason.MISSING: (400, "Something is missing"),
    Reason.INVALID: (400, "Invalid request"),
    Reason.UNSUPPORTED_VALUE: (422, "Unsupported value"),
    Reason.NO_KEY: (401, "No valid key"),
    Reason.LOCKED_KEY: (403, "Locked key"),
    Reason.FORBIDDEN: (403, "Forbidden"),
    Reason.NO_CAPABILITY: (404, "Not found"),
    Reason.NO_SPEC: (404, "No such document or paper"),
    Reason.NO_RESULT: (404, "No such result"),
    Reason.EXPIRED: (410, "Result deleted"),
    Reason.WRONG_METHOD: (405, "Method not allowed"),
    Reason.NOT_ACCEPTABLE: (406, "Not available in that form"),
    Reason.FILE_TOO_LARGE: (413, "File too large"),
    Reason.BODY_TOO_LARGE: (413, "Request too large"),
    Reason.TOO_MANY_PIXELS: (413, "Too many pixels"),
    Reason.UNSUPPORTED_TYPE: (415, "Unsupported type of file"),
    Reason.UNDECODABLE: (422, "Unreadable picture"),
    Reason.TOO_SMALL: (422, "Picture too small"),
    Reason.NO_FACE: (422, "No face found"),
    Reason.NO_PERSON: (422, "No person found"),
    Reason.CANNOT: (422, "Cannot be done"),
    Reason.NO_CREDITS: (429, "Not enough credits"),
    Reason.TOO_MANY_REQUESTS: (429, "Too many requests"),
    Reason.TOO_SLOW: (408, "Upload too slow"),
    Reason.FAILED: (500, "Internal error"),
    Reason.TIMED_OUT: (503, "Took too long"),
    Reason.OVERLOADED: (503, "Overloaded"),
}
"""Reason to status and title."""


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(default="about:blank", description="about:blank: the title says it.")
    title: str
    status: int
    detail: str = Field(default="", description="What is wrong, in one sentence.")
    instance: str = Field(default="", description="Id of the request, as in the log.")
    code: str = Field(default="", description="Stable code, such as input.no-face.")
    advice: str = Field(default="", description="What to do next.")


def problem(fault: Fault, request_id: str) -> JSONResponse:
    """Answer with a refusal."""
    status, title = STATUS[fault.reason]
    code = fault.code or f"request.{fault.reason.name.lower().replace('_', '-')}"
    body: dict[str, Any] = Problem(
        title=title,
        status=status,
        detail=fault.message,
        instance=f"urn:uuid:{request_id}",
        code=code,
        advice=fault.advice,
    ).model_dump()
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")
