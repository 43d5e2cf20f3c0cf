"""Declare what a user can ask for: each option once, with its text, bounds, default and reach.

The stages, the flags of the command line, the form fields of the service and the published schemas take an
option's text, bounds and default from the field of :class:`Job`. To add an option: add a field here and to
:class:`JobOptions`, and read it in a stage with :func:`job_option`. ``CONTRIBUTING.md`` lists
the other places, and ``make schemas`` renews the published schemas.
"""

from __future__ import annotations

import math
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from idphoto import yamlfile
from idphoto.errors import InputError, InvalidJob
from idphoto.units import Band, ByteBand, Extent

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "CutoutForm",
    "CutoutOptions",
    "Job",
    "JobOptions",
    "Option",
    "PhotoFormat",
    "PointName",
    "SheetFormat",
    "bounds_of",
    "field_of",
    "former_names",
    "job_option",
    "merge_options",
    "option_of",
]

PhotoFormat = Literal["auto", "jpeg", "png"]
SheetFormat = Literal["pdf", "jpeg", "both"]
PointName = Literal["crown", "chin", "left_eye", "right_eye"]
CutoutForm = Literal["rgba", "mask", "white", "crop", "blur"]

MAX_SHIFT = 50.0  # % of the photo's height
BACKEND_NAME = r"^[a-z0-9-]{1,40}$"


@dataclass(frozen=True, slots=True)
class Option:
    """The reach of one field of :class:`Job`.

    Attributes
    ----------
    sets : tuple of str
        Options of stages that the field sets, each written ``stage.option``.
    default : Any
        Value where neither the job nor the pipeline file gives one.
    http : bool
        Whether a request to the service may set it.
    group : str
        Heading under which ``--help`` lists it; empty for the general ones.
    """

    sets: tuple[str, ...] = ()
    default: Any = None
    http: bool = True
    group: str = ""


def _split_names(value: object) -> object:
    """Split names at commas; leave other things to the validation of the type."""
    parts = [value] if isinstance(value, str) else value
    if isinstance(parts, (list, tuple)) and all(isinstance(part, str) for part in parts):
        return tuple(name.strip() for part in parts for name in part.split(",") if name.strip())
    return value


def _read_reasons(value: object) -> object:
    """Read reasons written ``check=reason``, one or several; leave other things to the validation of the type."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        return value
    reasons = {}
    for part in parts:
        check, _, reason = str(part).partition("=")
        if not check.strip() or not reason.strip():
            raise ValueError("write it check=reason, such as 'eyes=drooping eyelid'")
        reasons[check.strip()] = reason.strip()
    return reasons


def _read_shift(value: object) -> object:
    """Read two numbers written ``1.5,-2``; leave other things to the validation of the type."""
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, (list, tuple)) and len(parts) == 1 and isinstance(parts[0], str):
        parts = parts[0].split(",")
    if isinstance(parts, (list, tuple)) and any(abs(float(part)) > MAX_SHIFT for part in parts):
        raise ValueError(f"each number is from {-MAX_SHIFT:g} to {MAX_SHIFT:g}")
    return tuple(parts) if isinstance(parts, list) else parts


def _read_points(value: object) -> object:
    """Read points written ``crown=512,90``, one or several; leave other things to the validation of the type."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        return value
    points = {}
    for part in parts:
        name, _, place = str(part).partition("=")
        points[name.strip()] = tuple(place.split(","))
    return points


def _read_size(text: str | None) -> str | None:
    """Check a size of the user's own, and return it with blanks."""
    if text is None:
        return None
    extent = Extent.parse(text)
    if not extent.exact:
        raise ValueError(f"'{text}' is a range; name one size, such as 35x45mm")
    low, high = SIZE_BOUNDS[extent.unit]
    if not all(low <= side.low <= high for side in (extent.width, extent.height)):
        raise ValueError(f"'{text}' has a side that is not between {low:g} and {high:g} {extent.unit}")
    return f"{extent.width.low:g} x {extent.height.low:g} {extent.unit}"


def _read_kilobytes(text: str | None) -> str | None:
    """Check limits of a file, in KB if no unit is given and at most if one number is, and return them with unit."""
    if text is None:
        return None
    words = text if re.search(r"[km]i?b", text, re.IGNORECASE) else f"{text} KB"
    if re.fullmatch(r"\s*\d+([.,]\d+)?\s*[km]i?b\s*", words, re.IGNORECASE):
        words = f"<= {words}"
    return str(ByteBand.parse(words))


def _read_head(text: str | None) -> str | None:
    """Check the height of a head, and return it with blanks."""
    if text is None:
        return None
    band = Band.parse(text)
    if band.unit not in ("%", "mm", "cm", "in", "px") or band.low <= 0 or not math.isfinite(band.high):
        raise ValueError(f"'{text}' is not the height of a head, such as 70..80% or 32..36mm")
    return str(band)


SIZE_BOUNDS = {"mm": (10.0, 300.0), "cm": (1.0, 30.0), "in": (0.4, 12.0), "px": (50.0, 6000.0)}
"""Unit to the shortest and the longest side of a size of the user's own."""


class Job(BaseModel):
    """Everything a user can ask for. A field that is left out is as the pipeline file says.

    The command line, the library, the service and a job file (YAML) share this model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    spec: Annotated[tuple[str, ...], Option(), BeforeValidator(_split_names)] = Field(
        default=(), description="Id of a document, such as schengen-visa, or several with commas."
    )
    size: Annotated[str | None, Option(group="Size of your own"), AfterValidator(_read_size)] = Field(
        default=None,
        pattern=r'^[0-9][0-9a-zA-Z.,/ ×*″"]{3,40}$',
        description="Size of a document that no file describes, in place of --spec: 35x45mm, 2x2in, 200x230px.",
    )
    kb: Annotated[str | None, Option(group="Size of your own"), AfterValidator(_read_kilobytes)] = Field(
        default=None,
        pattern=r"^[0-9a-zA-Z.,<>=≤≥ -]{1,30}$",
        description="Limits of its file in KB: 20..50, or 50 for at most 50.",
    )
    head: Annotated[str | None, Option(group="Size of your own"), AfterValidator(_read_head)] = Field(
        default=None,
        pattern=r"^[0-9][0-9a-zA-Z.,/+± %-]{1,30}$",
        description="Height of its head from chin to crown: 70..80% or 32..36mm.",
    )
    pipeline: Annotated[str | None, Option(http=False)] = Field(
        default=None, description="Name or path of a pipeline; the document decides if not given."
    )
    background: Annotated[str | None, Option(("permit.background", "form.background"), "auto")] = Field(
        default=None,
        description="Background: auto (the document's colour, where it may be painted), keep, or what to paint: "
        "a colour, 'vertical(A, B)', 'radial(A, B)' or the path of a picture.",
    )
    allow_editing: Annotated[str | None, Option(("permit.allow_editing",), "")] = Field(
        default=None, description="Reason for an edit that the authority forbids; the report and the file keep it."
    )
    straighten: Annotated[bool | None, Option(("permit.straighten",), True)] = Field(
        default=None, description="Turn a tilted head upright."
    )
    face: Annotated[str | None, Option(("analyse.face", "cutout.face"), "only")] = Field(
        default=None,
        pattern=r"^(only|largest|all|[1-9][0-9]?)$",
        description="Person to take if there are several: only (refuse), largest, a number counted from the left, "
        "or all (a photo of each, with the number in its name). A cutout keeps all if not given.",
    )
    shift: Annotated[
        tuple[float, float] | None,
        Option(("crop.shift",), (0.0, 0.0), group="Correction by hand"),
        BeforeValidator(_read_shift),
    ] = Field(
        default=None,
        description="Move the picture right and down within the photo, in % of the photo's height: 1.5,-2.",
    )
    zoom: Annotated[float | None, Option(("crop.zoom",), 1.0, group="Correction by hand")] = Field(
        default=None, ge=0.5, le=2, description="Enlarge the picture within the photo, about the middle of the eyes."
    )
    tilt: Annotated[float | None, Option(("permit.tilt",), 0.0, group="Correction by hand")] = Field(
        default=None,
        ge=-20,
        le=20,
        description="Turn the picture further, in degrees clockwise, where the document permits a turn.",
    )
    points: Annotated[
        dict[PointName, tuple[float, float]] | None,
        Option(("correct.points", "check.points"), {}, group="Correction by hand"),
        BeforeValidator(_read_points),
    ] = Field(
        default=None,
        description="Own points in place of those that were found, in pixels of the upright source: crown=512,90; also "
        "chin, left_eye and right_eye, as seen in the picture.",
    )
    dpi: Annotated[float | None, Option(("crop.dpi",))] = Field(
        default=None,
        ge=72,
        le=1200,
        description="Pixels per inch on paper, where the document leaves it open; 300 if not given.",
    )
    format: Annotated[PhotoFormat | None, Option(("encode.format", "form.format"), "auto")] = Field(
        default=None,
        description="File format of the photo; auto takes the first that the document accepts and idphoto writes.",
    )

    form: Annotated[CutoutForm | None, Option(("form.form",), "rgba")] = Field(
        default=None,
        description="Form of a cutout. rgba: transparent; mask: the alpha matte alone; white: on a background; "
        "crop: transparent, cut to the person; blur: the background out of focus.",
    )
    blur: Annotated[float | None, Option(("form.blur",), 0.03)] = Field(
        default=None, gt=0, le=0.2, description="Radius of the blur, as a share of the longer side."
    )

    sheet: Annotated[str | None, Option(("sheet.paper",), group="Print sheet")] = Field(
        default=None, description="Paper of a print sheet: a name, such as 10x15cm, or a size, such as 120x180mm."
    )
    copies: Annotated[int | None, Option(("sheet.copies",), group="Print sheet")] = Field(
        default=None, ge=1, le=500, description="Number of photos on the sheet; as many as fit if not given."
    )
    gap: Annotated[float | None, Option(("sheet.gap",), group="Print sheet")] = Field(
        default=None,
        ge=0,
        le=100,
        description="Space between photos on the sheet, in mm; at 0 neighbours share a cut. 2 if not given, "
        "or less where clearly more photos then fit.",
    )
    margin: Annotated[float | None, Option(("sheet.margin",), group="Print sheet")] = Field(
        default=None,
        ge=0,
        le=100,
        description="Space kept free along the edges of the sheet, in mm. 3 if not given, or less where "
        "clearly more photos then fit.",
    )
    sheet_format: Annotated[SheetFormat | None, Option(("sheet.format",), "pdf", group="Print sheet")] = Field(
        default=None, description="File format of the sheet; jpeg is for photo labs."
    )
    sheet_dpi: Annotated[int | None, Option(("sheet.dpi",), 300, group="Print sheet")] = Field(
        default=None, ge=72, le=1200, description="Pixels per inch of a JPEG sheet."
    )
    enlargement: Annotated[float | None, Option(("sheet.enlargement",), 0.0, group="Print sheet")] = Field(
        default=None,
        ge=0,
        le=0.2,
        description="Share by which the lab prints too large, such as 0.035; a JPEG sheet makes up for it.",
    )

    signature: Annotated[str | None, Option(("parts.signature",), http=False, group="Parts of an application")] = Field(
        default=None,
        description="Picture of the signature on paper, where the form asks for one; it becomes a file of its own.",
    )
    thumb: Annotated[str | None, Option(("parts.thumb",), http=False, group="Parts of an application")] = Field(
        default=None, description="Picture of the thumb print, where the form asks for one."
    )
    declaration: Annotated[str | None, Option(("parts.declaration",), http=False, group="Parts of an application")] = (
        Field(default=None, description="Picture of the declaration written by hand, where the form asks for one.")
    )

    language: Annotated[
        str | None, Option(("check.language", "explain.language", "sheet.language"), "en", group="Verdict")
    ] = Field(
        default=None, pattern=r"^[a-z]{2}$", description="Language of the messages: en, de, es, fr, zh, hi or ar."
    )
    accept: Annotated[
        dict[str, str] | None, Option(("check.accept",), {}, group="Verdict"), BeforeValidator(_read_reasons)
    ] = Field(
        default=None,
        description="Checks whose warnings and questions pass, each with a reason that the report keeps: "
        "'eyes=drooping eyelid'. Failures stay.",
    )
    annotate: Annotated[bool | None, Option(("explain.annotate",), False, group="Verdict")] = Field(
        default=None, description="Make a picture of the verdict, .annotated.png."
    )
    pdf: Annotated[bool | None, Option(("explain.pdf",), False, group="Verdict")] = Field(
        default=None, description="Make the report as a page of PDF, .report.pdf."
    )

    detector: Annotated[
        str | None, Option(("analyse.detector", "cutout.detector", "check.detector"), "auto", group="Backends")
    ] = Field(
        default=None,
        pattern=BACKEND_NAME,
        validation_alias=AliasChoices("detector", "faces"),
        description="Backend that finds faces: mediapipe or mediapipe-tasks.",
    )
    segmenter: Annotated[
        str | None,
        Option(
            ("analyse.segmenter", "permit.segmenter", "cutout.segmenter", "check.segmenter"), "auto", group="Backends"
        ),
    ] = Field(
        default=None,
        pattern=BACKEND_NAME,
        description="Backend that finds the person mask: selfie, selfie-tasks or selfie-landscape.",
    )
    matter: Annotated[str | None, Option(("cutout.matter",), "auto", group="Backends")] = Field(
        default=None,
        pattern=BACKEND_NAME,
        description="Matting backend: hair, guided, closed-form, given, or a name from 'idphoto models list'.",
    )
    mask: Annotated[str | None, Option(("cutout.mask",), http=False, group="Backends")] = Field(
        default=None, description="Path of your own mask, white where the person is; it replaces the cutout."
    )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Job:
        """Read a job from a YAML file.

        Raises
        ------
        InvalidJob
            If the file cannot be read or breaks the schema.
        """
        file = Path(path)
        return yamlfile.parse(cls, yamlfile.load(file, InvalidJob), file, InvalidJob).beside(file.parent)

    def beside(self, folder: Path) -> Job:
        """Return the job of a file in a folder: a mask that lies beside the job file is taken from there."""
        if self.mask is None or not (folder / self.mask).is_file():
            return self
        return self.model_copy(update={"mask": str(folder / self.mask)})

    def to_yaml(self) -> str:
        """Return the fields that were set as a job file, which :meth:`load` and the flag ``--job`` read."""
        import yaml

        fields = self.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)

    def stage_options(self) -> dict[str, dict[str, Any]]:
        """Return what was asked for as options of stages, by the name of the stage."""
        found: dict[str, dict[str, Any]] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is None:
                continue
            for place in option_of(name).sets:
                stage, _, option = place.partition(".")
                found.setdefault(stage, {})[option] = value
        return found


class CutoutOptions(TypedDict, total=False):
    """Keywords of :func:`idphoto.cutout`: the fields of :class:`Job` but those of documents and `form`."""

    pipeline: str | None
    background: str | None
    allow_editing: str | None
    straighten: bool | None
    face: str | None
    shift: tuple[float, float] | None
    zoom: float | None
    tilt: float | None
    points: dict[PointName, tuple[float, float]] | None
    dpi: float | None
    format: PhotoFormat | None
    blur: float | None
    sheet: str | None
    copies: int | None
    gap: float | None
    margin: float | None
    sheet_format: SheetFormat | None
    sheet_dpi: int | None
    enlargement: float | None
    language: str | None
    accept: dict[str, str] | None
    annotate: bool | None
    pdf: bool | None
    detector: str | None
    segmenter: str | None
    matter: str | None
    mask: str | None
    signature: str | None
    thumb: str | None
    declaration: str | None


class JobOptions(CutoutOptions, total=False):
    """Keywords of :func:`idphoto.make` and its sisters: the fields of :class:`Job` but `spec`."""

    size: str | None
    kb: str | None
    head: str | None
    form: CutoutForm | None


def option_of(name: str) -> Option:
    """Return the reach of a field of :class:`Job`."""
    return next(part for part in Job.model_fields[name].metadata if isinstance(part, Option))


def field_of(place: str, job: Job) -> str:
    """Return the field of a job that sets an option of a stage, written ``stage.option``; empty if none is set."""
    return next((name for name in job.model_fields_set if place in option_of(name).sets), "")


def bounds_of(name: str) -> dict[str, Any]:
    """Return the bounds of a field of :class:`Job`, as keywords of pydantic's ``Field``."""
    keywords = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
    return {
        keyword: getattr(part, keyword)
        for part in Job.model_fields[name].metadata
        for keyword in keywords
        if getattr(part, keyword, None) is not None
    }


def former_names(field: FieldInfo) -> tuple[str, ...]:
    """Return the deprecated names under which a field is still accepted."""
    alias = field.validation_alias
    return tuple(str(name) for name in alias.choices[1:]) if isinstance(alias, AliasChoices) else ()


def job_option(name: str, **changes: Any) -> Any:
    """Declare an option of a stage with the text, the bounds and the default of a field of :class:`Job`.

    Parameters
    ----------
    name : str
        The field of the job.
    **changes
        Keywords of pydantic's ``Field``, such as `default` or `description`, where they differ for this stage.

    Returns
    -------
    FieldInfo
        To stand behind the ``=`` of the option.
    """
    field = Job.model_fields[name]
    own = {
        "default": option_of(name).default,
        "description": field.description,
        "validation_alias": field.validation_alias,
        **bounds_of(name),
    }
    return Field(**{**own, **changes})


def merge_options(job: Job | None, options: Mapping[str, Any]) -> Job:
    """Return a job with some of its fields replaced.

    Parameters
    ----------
    job : Job, optional
        The fields to begin with.
    options : mapping
        Fields by name; a deprecated name is accepted with a DeprecationWarning.

    Raises
    ------
    InputError
        If a field does not exist or cannot have that value.
    """
    current = {former: name for name, field in Job.model_fields.items() for former in former_names(field)}
    fields = {} if job is None else job.model_dump(exclude_unset=True)
    for name, value in options.items():
        if name in current:
            warnings.warn(f"The option '{name}' is now '{current[name]}'.", DeprecationWarning, stacklevel=3)
        fields[current.get(name, name)] = value
    try:
        return Job.model_validate(fields)
    except ValidationError as cause:
        raise InputError(yamlfile.explain(cause, Job, None), "See the fields of idphoto.Job.") from cause
