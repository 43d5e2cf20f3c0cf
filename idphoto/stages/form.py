"""Encode a cutout in the form that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import AliasChoices

from idphoto.background_fill import parse_background_fill
from idphoto.checks.cutout import judge_cutout
from idphoto.errors import about_option
from idphoto.job import CutoutForm, PhotoFormat, job_option
from idphoto.matting.cutout_forms import make_form
from idphoto.output import FILE_SUFFIXES, WRITERS
from idphoto.report import Operation
from idphoto.stages.base import Stage
from idphoto.units import Size

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Form"]


class Form(Stage):
    """Make a cutout: transparent, as a mask, on a background, cropped, or with the background out of focus."""

    stage: Literal["form"] = "form"
    form: CutoutForm = job_option("form")
    background: str = job_option(
        "background",
        default="white",
        description="Background of the form 'white': a colour, a gradient or the path of a picture.",
        validation_alias=AliasChoices("background", "backdrop"),
    )
    blur: float = job_option("blur")
    format: PhotoFormat = job_option("format", description="File format of the cutout; auto is PNG.")

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "alpha"})
    gives: ClassVar[frozenset[str]] = frozenset({"files", "findings"})

    def check_options(self, spec: Spec | None) -> None:  # noqa: ARG002 - a cutout is for no document
        """Refuse a background that is no colour, no gradient and no picture."""
        with about_option("background"):
            parse_background_fill(self.background)

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:  # noqa: ARG002 - a cutout is for no document
        """Return the suffix of the cutout."""
        return (FILE_SUFFIXES["png" if self.format == "auto" else self.format],)

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:  # noqa: ARG002 - a cutout is for no document
        """Return the options of other forms."""
        options = {"background": "white", "blur": "blur"}
        return {
            name: f"it belongs to the form '{form}', and the form is '{self.form}'"
            for name, form in options.items()
            if self.form != form
        }

    def __call__(self, photo: Photo) -> Photo:
        """Add the picture to `files`."""
        picture, alpha = photo.picture, photo.alpha
        assert picture is not None
        assert alpha is not None
        made = make_form(picture, alpha, self.form, fill_name=self.background, blur=self.blur)
        name = "png" if self.format == "auto" else self.format
        encoded = WRITERS[name](made, dpi=photo.source.dpi)
        photo = photo.found(*judge_cutout(photo.doubt, Size(picture.shape[1], picture.shape[0])))
        operation = Operation(name="cutout", detail=f"cut out as {self.form}", edit="background")
        return photo.did(operation, files={**photo.files, FILE_SUFFIXES[name]: encoded.data})
