"""Replace the background, if the plan says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.colour import composite
from idphoto.matting.foreground import estimate_foreground
from idphoto.report import Operation
from idphoto.spec import EditPermission
from idphoto.stages.base import Stage
from idphoto.units import Size

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Background"]


class Background(Stage):
    """Replace the background in linear light.

    Foreground colour estimation removes the old background from the colours of the edge.
    """

    stage: Literal["background"] = "background"

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "alpha", "plan"})
    gives: ClassVar[frozenset[str]] = frozenset({"picture"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `picture`; leave it as it is where the background is kept."""
        picture, alpha, plan = photo.picture, photo.alpha, photo.plan
        assert picture is not None
        assert alpha is not None
        assert plan is not None
        if plan.background_fill is None:
            return photo
        behind = plan.background_fill.paint(Size(picture.shape[1], picture.shape[0]))
        painted = composite(estimate_foreground(picture, alpha), alpha, behind)
        forbidden = photo.spec is not None and not photo.spec.editing.allows.permits(EditPermission.BACKGROUND)
        return photo.did(
            Operation(
                name="background",
                detail=f"replaced by {plan.background_fill}",
                edit="background",
                ordered=plan.order if forbidden else "",
            ),
            picture=painted,
        )
