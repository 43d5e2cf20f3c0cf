"""Decide what will be done to the picture, within what the authority allows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from idphoto.background_fill import parse_background_fill
from idphoto.photo import Plan
from idphoto.spec import EditPermission
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Permit"]


class Permit(Stage):
    """Weigh what the user wants against what the authority allows; the stages after it obey.

    What is forbidden is left undone unless the user orders it and says why. Then it is done, and
    the report and the file's metadata say so.
    """

    stage: Literal["permit"] = "permit"
    background: str = Field(
        default="auto",
        description="auto (the document's colour, where it may be painted), keep, or what to paint: "
        "a colour, 'vertical(A, B)', 'radial(A, B)' or a picture.",
    )
    straighten: bool = Field(default=True, description="Turn a tilted head upright.")
    allow_editing: str = Field(default="", description="Reason for doing what the authority forbids.")

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
            wanted = spec.background.colours[0] if self.background == "auto" else self.background
            background_fill = parse_background_fill(wanted)
        refused = self.background not in ("auto", "keep") and not may_paint
        plan = Plan(
            straighten=self.straighten and may_turn,
            background_fill=background_fill,
            order=self.allow_editing,
            refused=self.background if refused else "",
        )
        return replace(photo, plan=plan)
