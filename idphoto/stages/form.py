"""Hand over a cutout in the form that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from idphoto.matting.cutout_forms import make_form
from idphoto.output import SUFFIXES, WRITERS
from idphoto.report import Operation
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Form"]


class Form(Stage):
    """Make one of the usual forms of a cutout."""

    stage: Literal["form"] = "form"
    form: Literal["rgba", "mask", "white", "crop", "blur"] = Field(
        default="rgba",
        description="rgba: transparent; mask: the alpha alone; white: on a backdrop; "
        "crop: transparent, cut to the person; blur: the background out of focus.",
    )
    backdrop: str = Field(default="white", description="What 'white' puts behind the person: a colour or any backdrop.")
    blur: float = Field(default=0.03, gt=0, le=0.2, description="Radius of the blur, as a share of the longer side.")
    format: Literal["auto", "png", "jpeg"] = Field(default="auto", description="auto is PNG.")

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "alpha"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def __call__(self, photo: Photo) -> Photo:
        """Add the picture to `files`."""
        picture, alpha = photo.picture, photo.alpha
        assert picture is not None
        assert alpha is not None
        made = make_form(picture, alpha, self.form, fill_name=self.backdrop, blur=self.blur)
        name = "png" if self.format == "auto" else self.format
        encoded = WRITERS[name](made, dpi=photo.source.dpi)
        operation = Operation(name="cutout", detail=f"cut out as {self.form}", edit="background")
        return photo.did(operation, files={**photo.files, SUFFIXES[name]: encoded.data})
