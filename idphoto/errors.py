"""Errors: the reasons why no result can be made.

A photo that breaks a rule is not an error. It is a finding in the report.
An exception means that no file could be made::

    IdPhotoError                  has a stable code, one sentence, and advice
    ├── InputError                the photo or the request cannot be used
    │   ├── UnreadableImage       not a picture, truncated, or hostile
    │   ├── ImageTooSmall         nothing can be measured on it
    │   ├── ImageTooLarge         beyond the pixel cap
    │   ├── NoFace                no face found
    │   ├── NoPerson              no person to cut out
    │   ├── SeveralFaces          more than one person, and none chosen
    │   ├── CannotFit             no file can meet the byte limits
    │   ├── DoesNotFit            a photo is larger than the paper
    │   ├── InvalidJob            a job file cannot be read or breaks the schema
    │   ├── NoEffect              an option has no effect for any of the documents
    │   ├── InvalidRoster         a list of people cannot be read or contradicts itself
    │   ├── FolderInUse           another run writes into the folder for results
    │   └── FileExists            an output file exists already
    ├── SpecError                 the document or paper cannot be used
    │   ├── UnknownSpec           no document or paper of that name
    │   ├── InvalidSpec           a spec file breaks the schema
    │   └── NoPhotoTaken          the authority takes no photo from applicants
    ├── PipelineError             the pipeline cannot run as given
    │   ├── InvalidPipeline       a pipeline file breaks the schema
    │   ├── BadOrder              a stage needs what none before it gives
    │   └── StageFailed           a stage raised an unexpected exception
    └── BackendError              a model or package is missing
        ├── UnknownBackend        no backend of that name
        ├── MissingExtra          an optional package is not installed
        ├── WorkerLost            a worker process ended or hung while it made a photo
        ├── MissingModel          a model file is not in its folder
        ├── InvalidNetwork        a manifest of networks breaks the schema
        ├── FetchFailed           a model file could not be fetched
        └── LicenceNotAccepted    a model's licence has to be accepted first

Codes are part of the public API: the meaning of a code never changes.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BackendError",
    "BadOrder",
    "CannotFit",
    "DoesNotFit",
    "FetchFailed",
    "FileExists",
    "FolderInUse",
    "IdPhotoError",
    "ImageTooLarge",
    "ImageTooSmall",
    "InputError",
    "InvalidJob",
    "InvalidNetwork",
    "InvalidPipeline",
    "InvalidRoster",
    "InvalidSpec",
    "LicenceNotAccepted",
    "MissingExtra",
    "MissingModel",
    "NoEffect",
    "NoFace",
    "NoPerson",
    "NoPhotoTaken",
    "PipelineError",
    "SeveralFaces",
    "SpecError",
    "StageFailed",
    "UnknownBackend",
    "UnknownSpec",
    "UnreadableImage",
    "WorkerLost",
    "about_option",
    "printable",
]


# Control characters, and bytes of a file name that are not UTF-8, which Python keeps as lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str, *, keep: str = "") -> str:
    r"""Return a text in which all that would confuse a terminal or cannot be encoded is written as an escape.

    Parameters
    ----------
    text : str
        Such as the name of a file.
    keep : str
        Control characters that stay, such as line breaks.

    Examples
    --------
    >>> printable("caf\udce9.jpg")
    'caf\\xe9.jpg'
    """
    return _UNPRINTABLE.sub(lambda found: found[0] if found[0] in keep else _escape(ord(found[0])), text)


def _escape(point: int) -> str:
    byte = point - 0xDC00 if 0xDC80 <= point <= 0xDCFF else point
    return f"\\x{byte:02x}" if byte < 256 else f"\\u{byte:04x}"


class IdPhotoError(Exception):
    """Base of all errors that idphoto raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, in one plain sentence.
    advice : str, optional
        What to do next, in one plain sentence.

    Attributes
    ----------
    code : str
        Stable identifier, e.g. ``"input.no-face"``.
    option : str
        The field of :class:`idphoto.Job` that cannot be used; empty if the error is about something else.
    """

    code = "error"
    option = ""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message, advice)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class InputError(IdPhotoError):
    """The photo or the request cannot be used."""

    code = "input.invalid"


@contextmanager
def about_option(name: str) -> Iterator[None]:
    """Name the option in errors that are raised within a ``with`` block, unless they name one already."""
    try:
        yield
    except IdPhotoError as problem:
        problem.option = problem.option or name
        raise


class UnreadableImage(InputError):
    """The file is not a picture, is truncated, or is built to do harm."""

    code = "input.unreadable"


class ImageTooSmall(InputError):
    """The picture has too few pixels to measure anything."""

    code = "input.too-small"


class ImageTooLarge(InputError):
    """The picture has more pixels than the limit allows."""

    code = "input.too-large"


class NoFace(InputError):
    """No face was found."""

    code = "input.no-face"


class NoPerson(InputError):
    """There is no person in the picture to cut out."""

    code = "cutout.nobody"


class SeveralFaces(InputError):
    """More than one face was found and none was chosen."""

    code = "input.several-faces"


class CannotFit(InputError):
    """No encoding of this picture meets the byte limits."""

    code = "input.cannot-fit"


class DoesNotFit(InputError):
    """A photo is larger than the paper."""

    code = "input.does-not-fit"


class InvalidJob(InputError):
    """A job file cannot be read or breaks the schema."""

    code = "input.invalid-job"


class NoEffect(InputError):
    """An option was set that has no effect for any of the documents.

    Parameters
    ----------
    option : str
        The field of :class:`idphoto.Job`.
    reason : str
        Why it has no effect, as a clause.
    """

    code = "input.no-effect"

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"{option} has no effect: {reason}.", "Leave it out, or change the other.")
        self.option = option


class InvalidRoster(InputError):
    """A list of people cannot be read, lacks a column or contradicts itself."""

    code = "input.invalid-roster"


class FolderInUse(InputError):
    """Another run writes into the folder for results."""

    code = "input.folder-in-use"


class FileExists(InputError):
    """An output file exists already."""

    code = "input.file-exists"


class SpecError(IdPhotoError):
    """The document or paper cannot be used."""

    code = "spec.invalid"


class UnknownSpec(SpecError):
    """No document or paper has that name."""

    code = "spec.unknown"


class InvalidSpec(SpecError):
    """A spec file breaks the schema."""

    code = "spec.invalid"


class NoPhotoTaken(SpecError):
    """The authority takes the photo itself, so there is nothing to make."""

    code = "spec.no-photo-taken"


class PipelineError(IdPhotoError):
    """The pipeline cannot run as given."""

    code = "pipeline.invalid"


class InvalidPipeline(PipelineError):
    """A pipeline file breaks the schema."""

    code = "pipeline.invalid"


class BadOrder(PipelineError):
    """A stage needs a value that no stage before it gives."""

    code = "pipeline.bad-order"


class StageFailed(PipelineError):
    """A stage raised an unexpected exception."""

    code = "pipeline.stage-failed"


class BackendError(IdPhotoError):
    """A model or package is missing."""

    code = "backend.unavailable"


class UnknownBackend(BackendError):
    """No backend has that name."""

    code = "backend.unknown"


class MissingExtra(BackendError):
    """An optional package is not installed."""

    code = "backend.missing-extra"


class MissingModel(BackendError):
    """A model file is not in the folder of models."""

    code = "backend.missing-model"


class WorkerLost(BackendError):
    """A worker process ended or hung while it made a photo."""

    code = "backend.worker-lost"


class InvalidNetwork(BackendError):
    """A manifest of networks breaks the schema."""

    code = "backend.invalid-network"


class FetchFailed(BackendError):
    """A model file could not be downloaded, or the download has the wrong hash."""

    code = "backend.fetch-failed"


class LicenceNotAccepted(BackendError):
    """A model has a licence that the user must accept first."""

    code = "backend.licence-not-accepted"
