"""Why a request is refused. Each face of the service has its own table from a reason to its words."""

from __future__ import annotations

from enum import Enum, auto

from idphoto.errors import IdPhotoError

__all__ = ["RefusalReason", "RequestRefused", "reason_for_code", "refusal_from_error"]


class RefusalReason(Enum):
    """Every way in which a request can end without a result."""

    MISSING = auto()  # a part or field that must be there
    INVALID = auto()  # a value of the wrong kind
    UNSUPPORTED_VALUE = auto()  # a value outside its list
    NO_KEY = auto()
    LOCKED_KEY = auto()
    FORBIDDEN = auto()  # a page of somebody else's, on a machine without keys
    NO_CAPABILITY = auto()
    NO_SPEC = auto()
    NO_RESULT = auto()
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
    CANNOT = auto()  # the request is understood, and cannot be met with this photo
    NO_CREDITS = auto()
    TOO_MANY_REQUESTS = auto()
    TOO_SLOW = auto()  # the client sends too slowly
    FAILED = auto()  # we did
    TIMED_OUT = auto()  # we took too long
    OVERLOADED = auto()


class RequestRefused(Exception):
    """A request that is refused.

    Parameters
    ----------
    reason : RefusalReason
        Why.
    message : str
        One sentence for people; never a name or a value that the client sent, for it may be logged.
    code : str
        Of the library's error, where there was one.
    advice : str
        What to do next.
    retry_after : int, optional
        Seconds after which to try again.
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


_REASONS = {
    "input.unreadable": RefusalReason.UNDECODABLE,
    "input.too-small": RefusalReason.TOO_SMALL,
    "input.too-large": RefusalReason.TOO_MANY_PIXELS,
    "input.no-face": RefusalReason.NO_FACE,
    "input.no-person": RefusalReason.NO_PERSON,
    "spec.unknown": RefusalReason.NO_SPEC,
    "pipeline.stage-failed": RefusalReason.FAILED,
    "backend.unknown": RefusalReason.UNSUPPORTED_VALUE,
    "backend.missing-extra": RefusalReason.UNSUPPORTED_TYPE,
}
_KINDS = {"input": RefusalReason.CANNOT, "spec": RefusalReason.CANNOT, "pipeline": RefusalReason.INVALID}


def reason_for_code(code: str) -> RefusalReason:
    """Reason that stands for a code of :class:`idphoto.errors.IdPhotoError`."""
    return _REASONS.get(code) or _KINDS.get(code.partition(".")[0], RefusalReason.FAILED)


def refusal_from_error(error: IdPhotoError) -> RequestRefused:
    """Refusal that stands for an error of the library."""
    return RequestRefused(reason_for_code(error.code), error.message, code=error.code, advice=error.advice)
