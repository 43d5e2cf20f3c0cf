"""Decide which edits will be made, within what the authority permits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.background_fill import parse_background_fill
from idphoto.job import job_option
from idphoto.photo import Plan
from idphoto.spec import EditPermission
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

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

    needs: ClassVar[frozenset[str]] = frozenset({"spec"})
    gives: ClassVar[frozenset[str]] = frozenset({"plan"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `plan`."""
        spec = photo.spec
        assert spec is not None
        may_paint = bool(self.allow_editing) or spec.editing.allows.permits(EditPermission.BACKGROUND)
        may_turn = bool(self.allow_editing) or spec.editing.allows.permits(EditPermission.GEOMETRY)
        background_fill = None
        if self.background != "keep" and may_paint:
            wanted = spec.paint if self.background == "auto" else self.background
            background_fill = parse_background_fill(wanted)
        refused = self.background not in ("auto", "keep") and not may_paint
        plan = Plan(
            straighten=self.straighten and may_turn,
            background_fill=background_fill,
            order=self.allow_editing,
            refused=self.background if refused else "",
        )
        return replace(photo, plan=plan)
