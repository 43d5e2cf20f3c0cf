"""Turn errors into exit codes."""

from __future__ import annotations

from contextvars import ContextVar

from idphoto.errors import BackendError, IdPhotoError, InputError, PipelineError, SpecError

__all__ = ["EXIT_CODES", "INTERNAL_ERROR", "debugging", "exit_code", "report_error"]

EXIT_CODES: dict[type[IdPhotoError], int] = {InputError: 2, SpecError: 3, PipelineError: 4, BackendError: 5}
INTERNAL_ERROR = 70
"""Exit code of a fault in the program itself: EX_SOFTWARE of sysexits.h."""

debugging: ContextVar[bool] = ContextVar("debugging", default=False)
"""True if --debug was given: errors are then raised and show their traceback."""


def exit_code(problem: IdPhotoError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in EXIT_CODES.items() if isinstance(problem, kind))


def report_error(problem: IdPhotoError, subject: str = "") -> int:
    """Print an error and return its exit code; with --debug, raise it instead.

    Parameters
    ----------
    problem : IdPhotoError
        The error.
    subject : str
        The photo that it is about, where there are several.
    """
    if debugging.get():
        raise problem
    from idphoto.cli import present
    from idphoto.cli.flags import name_origin

    name_origin(problem)
    present.show_error(problem, subject)
    return exit_code(problem)
