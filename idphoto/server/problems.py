"""Return refusals as RFC 9457 problem details. Everything but the cutout API uses them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from idphoto.server.refusals import RefusalReason, RequestRefused

__all__ = ["PROBLEM_STATUSES", "Problem", "problem_response"]

PROBLEM_STATUSES: dict[RefusalReason, tuple[int, str]] = {
    RefusalReason.MISSING: (400, "Something is missing"),
    RefusalReason.INVALID: (400, "Invalid request"),
    RefusalReason.UNSUPPORTED_VALUE: (422, "Unsupported value"),
    RefusalReason.NO_KEY: (401, "No valid key"),
    RefusalReason.LOCKED_KEY: (403, "Locked key"),
    RefusalReason.FORBIDDEN: (403, "Forbidden"),
    RefusalReason.NO_CAPABILITY: (404, "Not found"),
    RefusalReason.NO_SPEC: (404, "No such document or paper"),
    RefusalReason.NO_RESULT: (404, "No such result"),
    RefusalReason.NO_SESSION: (404, "Session ended"),
    RefusalReason.EXPIRED: (410, "Result deleted"),
    RefusalReason.WRONG_METHOD: (405, "Method not allowed"),
    RefusalReason.NOT_ACCEPTABLE: (406, "Not available in that form"),
    RefusalReason.FILE_TOO_LARGE: (413, "File too large"),
    RefusalReason.BODY_TOO_LARGE: (413, "Request too large"),
    RefusalReason.TOO_MANY_PIXELS: (413, "Too many pixels"),
    RefusalReason.UNSUPPORTED_TYPE: (415, "Unsupported type of file"),
    RefusalReason.UNDECODABLE: (422, "Unreadable picture"),
    RefusalReason.TOO_SMALL: (422, "Picture too small"),
    RefusalReason.NO_FACE: (422, "No face found"),
    RefusalReason.NO_PERSON: (422, "No person found"),
    RefusalReason.CANNOT: (422, "Cannot be done"),
    RefusalReason.NO_CREDITS: (429, "Not enough credits"),
    RefusalReason.TOO_MANY_REQUESTS: (429, "Too many requests"),
    RefusalReason.KEY_REUSED: (422, "Idempotency-Key of another request"),
    RefusalReason.STILL_RUNNING: (409, "Still worked on"),
    RefusalReason.TOO_SLOW: (408, "Upload too slow"),
    RefusalReason.FAILED: (500, "Internal error"),
    RefusalReason.CRASHED: (422, "Unreadable picture"),
    RefusalReason.TOO_MUCH_MEMORY: (422, "Takes too much memory"),
    RefusalReason.TIMED_OUT: (503, "Took too long"),
    RefusalReason.OVERLOADED: (503, "Overloaded"),
}
"""HTTP status and title for each reason."""


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(default="about:blank", description="Always about:blank: the title is the type.")
    title: str
    status: int
    detail: str = Field(default="", description="What is wrong, in one sentence.")
    instance: str = Field(default="", description="Id of the request, as in the server's log.")
    code: str = Field(default="", description="Stable code, such as input.no-face.")
    advice: str = Field(default="", description="What to do next.")


def problem_response(refusal: RequestRefused, request_id: str) -> JSONResponse:
    """Return the response for a refusal."""
    status, title = PROBLEM_STATUSES[refusal.reason]
    code = refusal.code or f"request.{refusal.reason.name.lower().replace('_', '-')}"
    body: dict[str, Any] = Problem(
        title=title,
        status=status,
        detail=refusal.message,
        instance=f"urn:uuid:{request_id}",
        code=code,
        advice=refusal.advice,
    ).model_dump()
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")
