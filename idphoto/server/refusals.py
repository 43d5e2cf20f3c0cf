"""Define the reasons for which a request is refused.

Each of the two APIs has its own table from a reason to an HTTP status and text: ``cutouts/envelope.py`` and
``problems.py``.
"""

from __future__ import annotations

from enum import Enum, auto

from idphoto.errors import IdPhotoError

__all__ = ["RefusalReason", "RequestRefused", "reason_for_code", "refusal_from_error"]


class RefusalReason(Enum):
    """Every way in which a request can end without a result."""

    MISSING = auto()  # a required part or field
    INVALID = auto()  # a value of the wrong type
    UNSUPPORTED_VALUE = auto()  # a value that is not in its list
    NO_KEY = auto()
    LOCKED_KEY = auto()
    FORBIDDEN = auto()  # a web page of another host, on a server without keys
    NO_CAPABILITY = auto()
    NO_SPEC = auto()
    NO_RESULT = auto()
    NO_SESSION = auto()
    EXPIRED = auto()
    WRONG_METHOD = auto()
    NOT_ACCEPTABLE = auto()
    FILE_TOO_LARGE = auto()
    BODY_TOO_LARGE = auto()
    TOO_MANY_PIXELS = auto()
    UNSUPPORTED_TYPE = auto()
    UNDECODABLE = auto()
    TOO_SMALL = auto()
    NO_FACE = auto()
    NO_PERSON = auto()
    CANNOT = auto()  # a valid request that this photo cannot fulfil
    NO_CREDITS = auto()
    TOO_MANY_REQUESTS = auto()
    KEY_REUSED = auto()  # an Idempotency-Key of another request
    STILL_RUNNING = auto()  # the request with this Idempotency-Key has no answer yet
    TOO_SLOW = auto()  # the client sends its upload too slowly
    FAILED = auto()  # an error of the server
    CRASHED = auto()  # the picture ended the process that worked on it
    TOO_MUCH_MEMORY = auto()  # the work needs more memory than one request may use
    TIMED_OUT = auto()  # the work of the server took too long
    OVERLOADED = auto()


class RequestRefused(Exception):
    """A request is refused, or has failed.

    Parameters
    ----------
    reason : RefusalReason
        The reason.
    message : str
        One sentence for people. It may be logged, so it must not contain a name or a value that the client sent.
    code : str
        Code of the library's error, if there was one.
    advice : str
        What to do next.
    retry_after : int, optional
        Seconds after which the client may try again.

    Attributes
    ----------
    work_seconds : float
        Time for which a worker worked in vain.
    """

    def __init__(
        self, reason: RefusalReason, message: str, *, code: str = "", advice: str = "", retry_after: int | None = None
    ) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.message = message
        self.code = code
        self.advice = advice
        self.retry_after = retry_after
        self.work_seconds = 0.0


_REASON_BY_CODE = {
    "input.unreadable": RefusalReason.UNDECODABLE,
    "input.too-small": RefusalReason.TOO_SMALL,
    "input.too-large": RefusalReason.TOO_MANY_PIXELS,
    "input.no-face": RefusalReason.NO_FACE,
    "cutout.nobody": RefusalReason.NO_PERSON,
    "spec.unknown": RefusalReason.NO_SPEC,
    "work.memory": RefusalReason.TOO_MUCH_MEMORY,
    "pipeline.stage-failed": RefusalReason.FAILED,
    "backend.unknown": RefusalReason.UNSUPPORTED_VALUE,
    "backend.missing-extra": RefusalReason.UNSUPPORTED_TYPE,
}
# For all other codes: the reason by the part of the code before the dot.
_REASON_BY_GROUP = {
    "input": RefusalReason.CANNOT,
    "spec": RefusalReason.CANNOT,
    "pipeline": RefusalReason.INVALID,
    "backend": RefusalReason.UNSUPPORTED_VALUE,  # one that is not installed
}


def reason_for_code(code: str) -> RefusalReason:
    """Return the reason for a code of :class:`idphoto.errors.IdPhotoError`."""
    return _REASON_BY_CODE.get(code) or _REASON_BY_GROUP.get(code.partition(".")[0], RefusalReason.FAILED)


def refusal_from_error(error: IdPhotoError) -> RequestRefused:
    """Return the refusal for an error of the library."""
    return RequestRefused(reason_for_code(error.code), error.message, code=error.code, advice=error.advice)
