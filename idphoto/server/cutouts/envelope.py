"""Build the JSON envelope of the cutout API, for results and for refusals."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from idphoto.server.refusals import RefusalReason, RequestRefused

__all__ = ["CODE_MESSAGES", "ENVELOPE_CODES", "failure_response", "success_response"]

ENVELOPE_CODES: dict[RefusalReason, tuple[int, str]] = {
    RefusalReason.MISSING: (400, "MISSING_PARAMETERS"),
    RefusalReason.INVALID: (400, "ERROR_INVALID_PARAMETER"),
    RefusalReason.UNSUPPORTED_VALUE: (400, "UNSUPPORTED_PARAMETER_VALUES"),
    RefusalReason.NO_KEY: (401, "ERROR_USER_NOT_EXISTS"),
    RefusalReason.LOCKED_KEY: (403, "ERROR_USER_LOCKED"),
    RefusalReason.FORBIDDEN: (403, "ERROR_USER_LOCKED"),
    RefusalReason.NO_CAPABILITY: (404, "ERROR_AI_NOT_EXISTS"),
    RefusalReason.NO_SPEC: (404, "ERROR_FILE_NOT_FOUND"),
    RefusalReason.NO_RESULT: (404, "ERROR_FILE_NOT_FOUND"),
    RefusalReason.NO_SESSION: (404, "ERROR_FILE_NOT_FOUND"),
    RefusalReason.EXPIRED: (410, "ERROR_RESOURCE_RECLAIMED"),
    RefusalReason.WRONG_METHOD: (405, "ERROR_INVALID_PARAMETER"),
    RefusalReason.NOT_ACCEPTABLE: (406, "UNSUPPORTED_PARAMETER_VALUES"),
    RefusalReason.FILE_TOO_LARGE: (413, "FILE_SIZE_EXCEEDS_LIMIT"),
    RefusalReason.TOO_MANY_PIXELS: (413, "FILE_RESOLUTION_EXCEEDS_LIMITS"),
    RefusalReason.BODY_TOO_LARGE: (413, "ERROR_REQUEST_BODY_TOO_LARGE"),
    RefusalReason.UNSUPPORTED_TYPE: (415, "UNSUPPORTED_FILE_TYPES"),
    RefusalReason.UNDECODABLE: (422, "FILE_DECODING_FAILURE"),
    RefusalReason.TOO_SMALL: (422, "ERROR_LOW_RESOLUTION"),
    RefusalReason.NO_FACE: (422, "ERROR_NO_FACE_IN_FILE"),
    RefusalReason.NO_PERSON: (422, "ERROR_NO_RECOGNITION_TARGET_DETECTED"),
    RefusalReason.CANNOT: (422, "FILE_DECODING_FAILURE"),
    RefusalReason.NO_CREDITS: (429, "ERROR_NOT_ENOUGH_CREDITS"),
    RefusalReason.TOO_MANY_REQUESTS: (429, "EXCEEDING_LIMITS"),
    RefusalReason.KEY_REUSED: (400, "ERROR_INVALID_PARAMETER"),
    RefusalReason.STILL_RUNNING: (409, "EXCEEDING_LIMITS"),
    RefusalReason.TOO_SLOW: (408, "ERROR_INVALID_PARAMETER"),
    RefusalReason.FAILED: (500, "PROCESSING_FAILURE"),
    RefusalReason.CRASHED: (500, "PROCESSING_FAILURE"),
    RefusalReason.TOO_MUCH_MEMORY: (413, "FILE_RESOLUTION_EXCEEDS_LIMITS"),
    RefusalReason.TIMED_OUT: (500, "PROCESSING_FAILURE"),
    RefusalReason.OVERLOADED: (503, "ERROR_INSUFFICIENT_RESOURCES"),
}
"""HTTP status and error code for each reason, as the hosted service documents them."""

CODE_MESSAGES = {
    "MISSING_PARAMETERS": "Required parameters are missing.",
    "ERROR_INVALID_PARAMETER": "A parameter is invalid.",
    "UNSUPPORTED_PARAMETER_VALUES": "A parameter has a value that is not supported.",
    "ERROR_USER_NOT_EXISTS": "The user does not exist.",
    "ERROR_USER_LOCKED": "The user is locked.",
    "ERROR_AI_NOT_EXISTS": "The capability does not exist.",
    "ERROR_FILE_NOT_FOUND": "The file does not exist.",
    "ERROR_RESOURCE_RECLAIMED": "The resource has been reclaimed.",
    "FILE_SIZE_EXCEEDS_LIMIT": "The file is too large.",
    "FILE_RESOLUTION_EXCEEDS_LIMITS": "The picture has too many pixels.",
    "ERROR_REQUEST_BODY_TOO_LARGE": "The request is too large.",
    "UNSUPPORTED_FILE_TYPES": "The type of the file is not supported.",
    "FILE_DECODING_FAILURE": "The file cannot be decoded.",
    "ERROR_LOW_RESOLUTION": "The picture is too small.",
    "ERROR_NO_FACE_IN_FILE": "There is no face in the picture.",
    "ERROR_NO_RECOGNITION_TARGET_DETECTED": "There is no person in the picture.",
    "ERROR_NOT_ENOUGH_CREDITS": "There are not enough credits.",
    "EXCEEDING_LIMITS": "There are too many requests.",
    "PROCESSING_FAILURE": "The picture could not be processed.",
    "ERROR_INSUFFICIENT_RESOURCES": "The service is overloaded; try again later.",
}


def success_response(data: Any, request_id: str) -> JSONResponse:
    """Return the response with a result."""
    return JSONResponse(_envelope(request_id, 200, "", "", "", 0, data))


def failure_response(refusal: RequestRefused, request_id: str) -> JSONResponse:
    """Return the response for a refusal."""
    status, code = ENVELOPE_CODES[refusal.reason]
    message = f"{refusal.message} {refusal.advice}".strip()
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else None
    body = _envelope(request_id, status, code, CODE_MESSAGES[code], message, status, None)
    return JSONResponse(body, status, headers)


def _envelope(
    request_id: str, status: int, code: str, code_message: str, message: str, error: int, data: Any
) -> dict[str, Any]:
    envelope = {
        "request_id": request_id,
        "log_id": request_id,
        "error_code": error,
        "error_code_str": code,
        "error_msg": message,
        "error_detail": {"status_code": status, "code": code, "code_message": code_message, "message": message},
    }
    return envelope if data is None else {**envelope, "data": data}
