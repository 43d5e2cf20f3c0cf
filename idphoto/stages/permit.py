"""Decide which edits will be made, within what the authority permits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from idphoto.backends.table import AUTO
from idphoto.background_fill import parse_background_fill
from idphoto.checks.background import accepts_background
from idphoto.checks.room import MAX_MISSING_PX
from idphoto.errors import about_option
from idphoto.job import job_option
from idphoto.photo import Plan
from idphoto.quality.background import measure_background
from idphoto.resample import to_source_matrix, warp_rgb
from idphoto.segmentation.person import segment_generously
from idphoto.spec import EditPermission
from idphoto.stages.align import Align
from idphoto.stages.base import Stage
from idphoto.stages.crop import Crop
from idphoto.units import Size

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.portrait import View
    from idphoto.quality.background import BackgroundMeasures
    from idphoto.spec import Spec

__all__ = ["Permit", "measure_background_in_view"]

WHITE = (255, 255, 255)
MEASURED_ROWS = 400
"""Height in pixels at which a planned crop is measured."""


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
    segmenter: str = job_option("segmenter")

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
        if background_fill is not None and self.background == "auto" and self._is_right_already(photo):
            background_fill = None
        refused = self.background not in ("auto", "keep") and not may_paint
        plan = Plan(
            straighten=self.straighten and self._permits(spec, EditPermission.GEOMETRY),
            background_fill=background_fill,
            order=self.allow_editing,
            refused=self.background if refused else "",
            tilt=self.tilt if self._permits(spec, EditPermission.GEOMETRY) else 0.0,
        )
        return replace(photo, plan=plan)

    def _is_right_already(self, photo: Photo) -> bool:
        """Return True if the document does not say that the background may be replaced, and it need not be.

        The crop without a painted background must lie inside the source, and what is behind the person in it must pass.
        """
        spec = photo.spec
        assert spec is not None
        unstated = spec.editing.allows is EditPermission.UNSTATED and not self.allow_editing
        if not unstated or photo.head is None or photo.face is None or photo.preview is None:
            return False
        may_turn = self._permits(spec, EditPermission.GEOMETRY)
        plan = Plan(straighten=self.straighten and may_turn, background_fill=None, tilt=self.tilt if may_turn else 0.0)
        view = Crop().set_view(Align()(replace(photo, plan=plan))).view
        assert view is not None
        inside = max(view.missing) <= MAX_MISSING_PX
        return inside and accepts_background(spec, measure_background_in_view(photo, view, self.segmenter))


def measure_background_in_view(photo: Photo, view: View, segmenter: str = AUTO) -> BackgroundMeasures | None:
    """Measure what is behind the person in a view of the source, before it is rendered.

    Parameters
    ----------
    photo : Photo
        With `preview`.
    view : View
        From source to output pixels.
    segmenter : str
        Backend that finds the person.

    Returns
    -------
    BackgroundMeasures or None
        None if there is too little background.
    """
    assert photo.preview is not None
    factor = MEASURED_ROWS / view.size.height
    size = (max(1, round(view.size.width * factor)), MEASURED_ROWS)
    to_small = np.diag([factor, factor, 1.0]) @ view.matrix @ to_source_matrix(photo.preview.scale)
    picture = warp_rgb(photo.preview.rgb, to_small, Size(*size), WHITE)
    return measure_background(picture, segment_generously(picture, segmenter))
