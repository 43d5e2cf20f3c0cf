"""What the user asked for, and the way from there to finished photos."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from idphoto import yamlfile
from idphoto.errors import IdPhotoError, InputError, InvalidPipeline
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.spec import Spec, Submission, load_spec, require_photo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.decode import Source

    Picture = str | os.PathLike[str] | bytes | NDArray[np.uint8] | Source

__all__ = ["Job", "check", "cutout", "make", "make_each", "merge", "open_picture", "save"]


class Job(BaseModel):
    """Everything a user can ask for. What is left out is as the pipeline file says.

    The command line, the library and a job file (YAML) share this model; its fields are the
    options of the stages, gathered under one name each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec: tuple[str, ...] = Field(default=(), description="Documents to make, such as schengen-visa.")
    pipeline: str | None = Field(default=None, description="Name or path of a pipeline; chosen by the document.")

    face: str | None = Field(
        default=None, description="Whom to take if there are several: largest, or N from the left."
    )
    faces: str | None = Field(default=None, description="Face backend.")
    segmenter: str | None = Field(default=None, description="Backend of the coarse person segmentation.")
    matter: str | None = Field(default=None, description="Matting backend.")
    mask: str | None = Field(default=None, description="Path of the user's own mask, white where the person is.")

    background: str | None = Field(
        default=None, description="auto, keep, or what to paint: a colour, a gradient or a picture."
    )
    straighten: bool | None = Field(default=None, description="Turn a tilted head upright.")
    allow_editing: str | None = Field(default=None, description="Reason for doing what the authority forbids.")
    dpi: float | None = Field(default=None, description="Pixels per inch on paper, where the document leaves it open.")
    format: Literal["auto", "jpeg", "png"] | None = Field(default=None, description="File format of the photo.")

    sheet: str | None = Field(default=None, description="Paper to print on: a name, or WxHmm.")
    copies: int | None = Field(default=None, description="Photos on the sheet; as many as fit if not given.")
    gap: float | None = Field(default=None, description="Between photos on the sheet, in mm.")
    margin: float | None = Field(default=None, description="Kept free along the edges of the sheet, in mm.")
    sheet_format: Literal["pdf", "jpeg", "both"] | None = Field(default=None, description="jpeg is for photo labs.")
    sheet_dpi: int | None = Field(default=None, description="Pixels per inch of a JPEG sheet.")
    enlargement: float | None = Field(default=None, description="Share by which the lab prints too large.")

    language: str | None = Field(default=None, description="Of the messages: en, de, es, fr, zh, hi or ar.")
    accept: dict[str, str] | None = Field(
        default=None, description="Checks whose warnings are let pass, each with the reason, which the report keeps."
    )
    annotate: bool | None = Field(default=None, description="Make a picture of the verdict.")
    pdf: bool | None = Field(default=None, description="Make the report as a page of PDF.")

    form: Literal["rgba", "mask", "white", "crop", "blur"] | None = Field(default=None, description="Form of a cutout.")
    blur: float | None = Field(default=None, description="Radius of the blur, as a share of the longer side.")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Job:
        """Read a job from a YAML file.

        Raises
        ------
        InvalidPipeline
            If the file cannot be read or breaks the schema.
        """
        file = Path(path)
        data = yamlfile.load(file, InvalidPipeline)
        if isinstance(data, dict) and isinstance(data.get("spec"), str):
            data["spec"] = [data["spec"]]
        return yamlfile.parse(cls, data, file, InvalidPipeline)

    def choices(self) -> dict[tuple[str, str], Any]:
        """What was asked for, as options of stages."""
        return {
            place: getattr(self, name)
            for name, places in _OPTIONS.items()
            if getattr(self, name) is not None
            for place in places
        }


_OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "face": (("analyse", "face"),),
    "faces": (("analyse", "faces"), ("check", "faces")),
    "segmenter": (("analyse", "segmenter"), ("cutout", "segmenter"), ("check", "segmenter")),
    "matter": (("cutout", "matter"),),
    "mask": (("cutout", "mask"),),
    "background": (("permit", "background"), ("form", "backdrop")),
    "straighten": (("permit", "straighten"),),
    "allow_editing": (("permit", "allow_editing"),),
    "dpi": (("crop", "dpi"),),
    "format": (("encode", "format"), ("form", "format")),
    "sheet": (("sheet", "paper"),),
    "copies": (("sheet", "copies"),),
    "gap": (("sheet", "gap"),),
    "margin": (("sheet", "margin"),),
    "sheet_format": (("sheet", "format"),),
    "sheet_dpi": (("sheet", "dpi"),),
    "enlargement": (("sheet", "enlargement"),),
    "language": (("check", "language"), ("explain", "language")),
    "accept": (("check", "accept"),),
    "annotate": (("explain", "annotate"),),
    "pdf": (("explain", "pdf"),),
    "form": (("form", "form"),),
    "blur": (("form", "blur"),),
}
"""Field of a job to the stage options it sets: the only place that knows both."""


def make(picture: Picture, spec: str | Spec | None = None, *, job: Job | None = None, **choices: Any) -> Photo:
    """Make an ID photo.

    Parameters
    ----------
    picture : path, bytes, array or Source
        The portrait: a file, its bytes, or pixels of shape (H, W, 3), uint8 sRGB.
    spec : str or Spec, optional
        The document; may also stand in `job`.
    job : Job, optional
        What else is asked for.
    **choices
        Fields of :class:`Job`, in place of or on top of `job`.

    Returns
    -------
    Photo
        With `files`, `report`, `picture` and `alpha`.

    Raises
    ------
    InputError
        If the picture cannot be used.
    SpecError
        If the document is unknown or takes no photo.
    PipelineError, BackendError
        If the pipeline cannot run as given.

    Examples
    --------
    >>> import idphoto
    >>> photo = idphoto.make("selfie.jpg", spec="schengen-visa", sheet="10x15cm")
    >>> [path.name for path in idphoto.save(photo, "out")]
    ['selfie.schengen-visa.jpg', 'selfie.schengen-visa.sheet.pdf', 'selfie.schengen-visa.json']
    """
    if spec is not None:
        choices["spec"] = spec
    results = list(make_each(picture, job=job, **choices))
    if len(results) != 1:
        raise InputError(f"{len(results)} documents were named where one is made.", "Use make_each for several.")
    result = results[0]
    if isinstance(result, IdPhotoError):
        raise result
    return result


def make_each(picture: Picture, *, job: Job | None = None, **choices: Any) -> Iterator[Photo | IdPhotoError]:
    """Make the photos of several documents from one picture, which is analysed once.

    Parameters
    ----------
    picture, job, **choices
        As for :func:`make`; `spec` may be a sequence.

    Yields
    ------
    Photo or IdPhotoError
        For each document in turn; an error of one document does not keep the others from being made.

    Raises
    ------
    IdPhotoError
        If the picture cannot be used for any document.
    """
    named = choices.pop("spec", None)
    specs: Sequence[str | Spec | None] = (
        [named] if isinstance(named, (str, Spec)) else list(named or (job.spec if job else ()))
    )
    job = merge(job, choices)
    source = open_picture(picture)
    analysed: dict[str, Photo] = {}
    for wanted in specs or [None]:
        try:
            spec = load_spec(wanted) if isinstance(wanted, str) else wanted
            name = job.pipeline or _pipeline_for(spec)
            pipeline = Pipeline.load(name, job.choices())
            if spec is None and pipeline.spec is not None:
                spec = load_spec(pipeline.spec)
            if spec is not None:
                require_photo(spec)
        except IdPhotoError as error:
            yield error
            continue
        # All pipelines of the package begin alike; one analysis serves every document.
        key = repr([stage for stage in pipeline.stages if not stage.per_document])
        if key not in analysed:
            analysed[key] = pipeline.analyse(Photo(source))
        try:
            yield pipeline.produce(replace(analysed[key], spec=spec))
        except IdPhotoError as error:
            yield error


def check(picture: Picture, spec: str | Spec, *, job: Job | None = None, **choices: Any) -> Photo:
    """Judge a photo as it is against a document; makes nothing. See :func:`make` for the rest."""
    return make(picture, spec, job=job, **{**choices, "pipeline": "check"})


def cutout(picture: Picture, form: str = "rgba", *, job: Job | None = None, **choices: Any) -> Photo:
    """Cut the person out of a picture; see :func:`make` for the rest."""
    return make(picture, job=job, **{"pipeline": "cutout", **choices, "form": form})


def save(
    photo: Photo, folder: str | os.PathLike[str], *, stem: str | None = None, force: bool = False, report: bool = True
) -> list[Path]:
    """Write the files of a photo and its report, all or none.

    Parameters
    ----------
    photo : Photo
        A finished photo.
    folder : path
        Made if it does not exist.
    stem : str, optional
        What file names begin with; the source's name and the document's id if not given.
    force : bool
        Overwrite what is there.
    report : bool
        Write the report as JSON, too.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileExists
        If a file is there already and `force` is not given.
    """
    from idphoto.output.files import write_files

    if stem is None:
        stem = Path(photo.source.name).stem
        if photo.spec is not None:
            stem += f".{photo.spec.slug}"
    contents = {Path(folder) / f"{stem}{suffix}": data for suffix, data in photo.files.items()}
    if report and photo.spec is not None:
        named = photo.report.model_copy(
            update={
                "files": tuple(file.model_copy(update={"name": f"{stem}{file.name}"}) for file in photo.report.files)
            }
        )
        contents[Path(folder) / f"{stem}.json"] = named.model_dump_json(indent=2).encode() + b"\n"
    write_files(contents, force=force)
    return list(contents)


def merge(job: Job | None, choices: dict[str, Any]) -> Job:
    """Job with some of its fields replaced.

    Raises
    ------
    InputError
        If a field does not exist or cannot have that value.
    """
    try:
        return Job.model_validate({**(job.model_dump(exclude_unset=True) if job is not None else {}), **choices})
    except ValidationError as cause:
        raise InputError(yamlfile.explain(cause, Job, None), "See the fields of idphoto.Job.") from cause


def _pipeline_for(spec: Spec | None) -> str:
    return "original" if spec is not None and spec.submit is Submission.ORIGINAL else "default"


def open_picture(picture: Picture) -> Source:
    """Open a picture in any of the forms that :func:`make` takes; see there."""
    from idphoto.decode import Source

    if isinstance(picture, Source):
        return picture
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return Source.open(bytes(picture))
    if isinstance(picture, np.ndarray):
        from io import BytesIO

        from PIL import Image

        if str(picture.dtype) != "uint8" or picture.ndim != 3 or picture.shape[2] != 3:
            raise InputError(
                f"An array of {picture.dtype} and shape {picture.shape} is not a picture.",
                "Give uint8 of shape (H, W, 3), sRGB.",
            )
        # BMP holds the pixels as they are; packing them would take longer than everything after it.
        file = BytesIO()
        Image.fromarray(picture).save(file, "BMP")
        return Source.open(file.getvalue(), "array")
    return Source.read(picture)
