"""Decide which edits will be made, within what the authority permits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.background_fill import parse_background_fill
from idphoto.errors import about_option
from idphoto.job import job_option
from idphoto.photo import Plan
from idphoto.spec import EditPermission
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Permit"]


class Permit(Stage):
    """Set the plan: the edits that the user wants and the authority permits. The later stages follow it.

    A forbidden edit is made only if the user gives a reason for it. The report and the metadata of the file then say
    so.
    """

    stage: Literal["permit"] = "permit"
    background: str = job_option("background")
    straighten: bool = job_option("straighten")
    allow_editing: str = job_option("allow_editing")
    tilt: float = job_option("tilt")

    needs: ClassVar[frozenset[str]] = frozenset({"spec"})
    gives: ClassVar[frozenset[str]] = frozenset({"plan"})

    def check_options(self, spec: Spec | None) -> None:  # noqa: ARG002 - the same for all documents
        """Refuse a background that is no colour, no gradient and no picture."""
        if self.background not in ("auto", "keep"):
            with about_option("background"):
                parse_background_fill(self.background)

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:
        """Return turns that the authority forbids, and a reason for edits that are permitted anyway."""
        if spec is None:
            return {}
        idle = {}
        if not self._permits(spec, EditPermission.GEOMETRY):
            forbidden = f"{spec.id} forbids that a photo is turned, and no reason is given to do it"
            idle = {name: forbidden for name in ("straighten", "tilt") if getattr(self, name)}
        if self.allow_editing and spec.editing.allows.permits(EditPermission.BACKGROUND):
            idle["allow_editing"] = f"{spec.id} permits the edits that are made"
        return idle

    def _permits(self, spec: Spec, edit: EditPermission) -> bool:
        """Return True if the authority permits an edit, or the user gives a reason for it."""
        return bool(self.allow_editing) or spec.editing.allows.permits(edit)

    def __call__(self, photo: Photo) -> Photo:
        """Set `plan`."""
        spec = photo.spec
        assert spec is not None
        may_paint = self._permits(spec, EditPermission.BACKGROUND)
        background_fill = None
        if self.background != "keep" and may_paint:
            wanted = spec.paint if self.background == "auto" else self.background
            background_fill = parse_background_fill(wanted)
        refused = self.background not in ("auto", "keep") and not may_paint
        plan = Plan(
            straighten=self.straighten and self._permits(spec, EditPermission.GEOMETRY),
            background_fill=background_fill,
            order=self.allow_editing,
            refused=self.background if refused else "",
            tilt=self.tilt if self._permits(spec, EditPermission.GEOMETRY) else 0.0,
        )
        return replace(photo, plan=plan)
