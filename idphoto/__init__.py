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
    from idphoto.errors import (
        BackendError,
        IdPhotoError,
        InputError,
        PipelineError,
        SpecError,
    )
    from idphoto.job import Job, check, cutout, make, make_each, save
    from idphoto.photo import Photo
    from idphoto.pipeline import Pipeline
    from idphoto.report import Finding, Report, Status
    from idphoto.spec import Spec, all_specs, load_spec

__all__ = [
    "BackendError",
    "Finding",
    "IdPhotoError",
    "InputError",
    "Job",
    "Photo",
    "Pipeline",
    "PipelineError",
    "Report",
    "Spec",
    "SpecError",
    "Status",
    "__version__",
    "all_specs",
    "check",
    "cutout",
    "load_spec",
    "make",
    "make_each",
    "save",
]

_HOMES = {
    "errors": ("BackendError", "IdPhotoError", "InputError", "PipelineError", "SpecError"),
    "job": ("Job", "check", "cutout", "make", "make_each", "save"),
    "photo": ("Photo",),
    "pipeline": ("Pipeline",),
    "report": ("Finding", "Report", "Status"),
    "spec": ("Spec", "all_specs", "load_spec"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"idphoto.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'idphoto' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
