"""Make ID photos from portraits, with a true-size print sheet and a report of every check.

>>> import idphoto
>>> photo = idphoto.make("selfie.jpg", spec="schengen-visa", sheet="10x15cm")
>>> photo.report.status, sorted(photo.files)
(<Status.WARN: 'warn'>, ['.jpg', '.sheet.pdf'])

Each name is imported when it is first used, so that ``import idphoto`` takes a few milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from idphoto.version import __version__

if TYPE_CHECKING:
    from idphoto.api import check, cutout, make, make_each, save
    from idphoto.errors import (
        BackendError,
        BadOrder,
        CannotFit,
        DoesNotFit,
        FetchFailed,
        FileExists,
        FolderInUse,
        IdPhotoError,
        ImageTooLarge,
        ImageTooSmall,
        InputError,
        InvalidJob,
        InvalidNetwork,
        InvalidPipeline,
        InvalidRoster,
        InvalidSpec,
        LicenceNotAccepted,
        MissingExtra,
        MissingModel,
        NoEffect,
        NoFace,
        NoPerson,
        NoPhotoTaken,
        PipelineError,
        SeveralFaces,
        SpecError,
        StageFailed,
        UnknownBackend,
        UnknownSpec,
        UnreadableImage,
        WorkerLost,
    )
    from idphoto.job import Job, JobOptions
    from idphoto.photo import Photo
    from idphoto.pipeline import Pipeline
    from idphoto.report import Finding, Report, Status
    from idphoto.spec import Spec, all_specs, find_specs, load_spec

__all__ = [
    "BackendError",
    "BadOrder",
    "CannotFit",
    "DoesNotFit",
    "FetchFailed",
    "FileExists",
    "Finding",
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
    "Job",
    "JobOptions",
    "LicenceNotAccepted",
    "MissingExtra",
    "MissingModel",
    "NoEffect",
    "NoFace",
    "NoPerson",
    "NoPhotoTaken",
    "Photo",
    "Pipeline",
    "PipelineError",
    "Report",
    "SeveralFaces",
    "Spec",
    "SpecError",
    "StageFailed",
    "Status",
    "UnknownBackend",
    "UnknownSpec",
    "UnreadableImage",
    "WorkerLost",
    "__version__",
    "all_specs",
    "check",
    "cutout",
    "find_specs",
    "load_spec",
    "make",
    "make_each",
    "save",
]

_HOMES = {
    "api": {"check", "cutout", "make", "make_each", "save"},
    "job": {"Job", "JobOptions"},
    "photo": {"Photo"},
    "pipeline": {"Pipeline"},
    "report": {"Finding", "Report", "Status"},
    "spec": {"Spec", "all_specs", "find_specs", "load_spec"},
}
"""Module to the public names that stand in it; all others stand in `errors`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'idphoto' has no attribute '{name}'")
    home = next((home for home, names in _HOMES.items() if name in names), "errors")
    value = getattr(import_module(f"idphoto.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
