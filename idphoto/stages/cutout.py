"""Separate the person from the background, at the resolution of the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto import faces, matting, segmentation
from idphoto.decode import Source
from idphoto.errors import about_option
from idphoto.job import job_option
from idphoto.matting.chain import cut_out
from idphoto.matting.given_masks import alpha_from_mask, alpha_of_source
from idphoto.people import choose_person, find_people
from idphoto.portrait import People, move_face
from idphoto.report import Operation
from idphoto.resample import find_covered_pixels
from idphoto.segmentation.person import segment_person
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import Spec

__all__ = ["Cutout"]


class Cutout(Stage):
    """Find the person mask of the finished crop and refine it to an alpha matte."""

    stage: Literal["cutout"] = "cutout"
    segmenter: str = job_option("segmenter")
    detector: str = job_option("detector")
    matter: str = job_option("matter")
    mask: str | None = job_option("mask")
    face: str = job_option("face", default="all")

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "view"})
    gives: ClassVar[frozenset[str]] = frozenset({"alpha", "doubt"})

    def check_options(self, spec: Spec | None) -> None:  # noqa: ARG002 - the same for all documents
        """Refuse backends that do not exist, and a mask that is no picture."""
        with about_option("segmenter"):
            segmentation.BACKENDS.require(self.segmenter)
        with about_option("detector"):
            faces.BACKENDS.require(self.detector)
        with about_option("matter"):
            matting.BACKENDS.require(self.matter)
        if self.mask is not None:
            with about_option("mask"):
                Source.read(self.mask)

    def __call__(self, photo: Photo) -> Photo:
        """Set `alpha` and `doubt`."""
        picture, view = photo.picture, photo.view
        assert picture is not None
        assert view is not None
        mask = photo.given_mask if self.mask is None else Source.read(Path(self.mask))
        if mask is not None:
            alpha = alpha_from_mask(mask, photo.source, view)
            return photo.did(Operation(name="mask", detail="taken as given"), alpha=alpha)
        if photo.face is None:
            everybody = find_people(picture, segmenter=self.segmenter, detector=self.detector)
            people = choose_person(everybody, self.face, picture.shape[1], photo.source.shown_name)
        else:
            face = move_face(photo.face, view.matrix)
            people = People(segment_person(picture, self.segmenter), (face,), is_portrait=True)
        matte = cut_out(picture, people, self.matter, alpha_of_source(photo.source, view))
        if matte.doubt is None:
            return photo.did(Operation(name="mask", detail="taken as given"), alpha=matte.alpha)
        alpha = matte.alpha
        beyond = ~find_covered_pixels(view.matrix, view.size, photo.source.size)
        alpha[beyond] = 0.0
        return replace(photo, alpha=alpha, doubt=matte.doubt)
