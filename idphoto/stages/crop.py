"""Find the crop that keeps every rule, and resample the picture once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto import messages
from idphoto.checks.subject import format_limit
from idphoto.errors import InputError, about_option
from idphoto.geometry import choose_output_size, collect_crop_limits, correct_view, solve_crop
from idphoto.job import job_option
from idphoto.report import Finding, Operation, Status
from idphoto.resample import render
from idphoto.segmentation.head import find_sides_without_person
from idphoto.spec import MAX_SIDE_PX, EditPermission
from idphoto.stages.base import Stage
from idphoto.units import mm_to_px

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["MIN_REPORTED_TURN_DEG", "Crop"]

MIN_REPORTED_TURN_DEG = 0.05
"""A turn by less cannot be seen, and is not reported as an operation."""


class Crop(Stage):
    """Find the crop and render it at the size of the document."""

    stage: Literal["crop"] = "crop"
    dpi: float | None = job_option("dpi")
    shift: tuple[float, float] = job_option("shift")
    zoom: float = job_option("zoom")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "head", "plan", "view"})
    gives: ClassVar[frozenset[str]] = frozenset({"view", "picture"})

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:
        """Return `dpi` for a document that fixes its pixels, or another resolution."""
        if spec is None or self.dpi is None:
            return {}
        if spec.pixels is not None:
            return {"dpi": f"{spec.id} is handed in with {spec.pixels}"}
        if spec.dpi is not None and not spec.dpi.low <= self.dpi <= spec.dpi.high:
            return {"dpi": f"{spec.id} prescribes {spec.dpi}"}
        return {}

    def check_options(self, spec: Spec | None) -> None:
        """Refuse a resolution at which the photo has more pixels than any document."""
        if spec is None or spec.size is None or spec.pixels is not None or self.dpi is None:
            return
        if mm_to_px(max(spec.size.mm), self.dpi) > MAX_SIDE_PX:
            with about_option("dpi"):
                raise InputError(
                    f"At {self.dpi:g} dpi, a photo of {spec.size} has more than {MAX_SIDE_PX} pixels a side.",
                    "Choose a lower resolution.",
                )

    def __call__(self, photo: Photo) -> Photo:
        """Set `view` and `picture`."""
        turned = 0.0 if photo.view is None else -photo.view.roll
        photo = self._correct_by_hand(self.set_view(photo))
        assert photo.view is not None
        view = photo.view
        photo = replace(photo, picture=render(photo.source, view))
        if abs(turned) >= MIN_REPORTED_TURN_DEG:
            detail = f"turned by {-turned:+.1f} degrees"
            ordered = self._reason_for_turn(photo)
            amount = round(-turned, 1)
            photo = photo.did(
                Operation(name="straighten", detail=detail, edit="geometry", amount=amount, ordered=ordered)
            )
        fewer = self._warn_of_fewer_pixels(photo)
        photo = photo.found(fewer) if fewer is not None else photo
        detail = f"cropped to {view.size} px, scaled by {view.scale:.3g} in one resampling"
        return photo.did(Operation(name="crop", detail=detail, edit="crop"))

    def _warn_of_fewer_pixels(self, photo: Photo) -> Finding | None:
        """Return the finding that the length of the file left fewer pixels than were wanted, or None."""
        spec, head, view = photo.spec, photo.head, photo.view
        assert spec is not None
        assert head is not None
        assert view is not None
        wanted, _ = choose_output_size(spec, head.height(spec.crown), self.dpi, within_bytes=False)
        if wanted == view.size:
            return None
        values: dict[str, float | str | tuple[str, ...]] = {
            "wanted": str(wanted),
            "measured": str(view.size),
            "limit": format_limit(str(spec.bytes)),
        }
        message, fix = messages.say("pixels.fewer", values)
        return Finding(
            check="pixels",
            status=Status.WARN,
            code="pixels.fewer",
            message=message,
            fix=fix,
            measured=str(view.size),
            limit=str(spec.bytes),
            values=values,
        )

    def _correct_by_hand(self, photo: Photo) -> Photo:
        """Move, zoom and tilt the view as a person asks for it; the operation says by how much."""
        view, head, plan = photo.view, photo.head, photo.plan
        assert view is not None
        assert head is not None
        assert plan is not None
        if self.shift == (0.0, 0.0) and self.zoom == 1.0 and plan.tilt == 0.0:
            return photo
        view = correct_view(view, head.eyes, photo.source.size, shift=self.shift, zoom=self.zoom, tilt=plan.tilt)
        parts = [
            f"moved by {self.shift[0]:+g} % to the right and {self.shift[1]:+g} % down" if any(self.shift) else "",
            f"zoomed to {100 * self.zoom:g} %" if self.zoom != 1 else "",
            f"tilted by {plan.tilt:+g} degrees" if plan.tilt else "",
        ]
        operation = Operation(
            name="adjust",
            detail=f"by hand: {', '.join(filter(None, parts))}",
            edit="geometry" if plan.tilt else "crop",
            ordered=self._reason_for_turn(photo) if plan.tilt else "",
        )
        return photo.did(operation, view=view)

    def _reason_for_turn(self, photo: Photo) -> str:
        """Return the reason of the user for a turn that the document forbids; empty if it permits turns."""
        assert photo.spec is not None
        assert photo.plan is not None
        return "" if photo.spec.editing.allows.permits(EditPermission.GEOMETRY) else photo.plan.order

    def set_view(self, photo: Photo) -> Photo:
        """Set `view` only: the crop that would be rendered."""
        spec, head, plan, view = photo.spec, photo.head, photo.plan, photo.view
        assert spec is not None
        assert head is not None
        assert plan is not None
        assert view is not None
        size, dpi = choose_output_size(spec, head.height(spec.crown), self.dpi)
        open_sides: frozenset[str] = frozenset()
        if plan.background_fill is not None and photo.person_mask is not None:
            open_sides = find_sides_without_person(photo.person_mask, photo.source.size)
        limits = collect_crop_limits(spec, size, dpi)
        return replace(
            photo, view=solve_crop(head, limits, photo.source.size, -view.roll, dpi=dpi, open_sides=open_sides)
        )
