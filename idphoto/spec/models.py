"""The rules of a document as models: a Spec and its parts."""

from __future__ import annotations

import hashlib
import math
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_serializer, field_validator, model_validator

from idphoto.errors import NoPhotoTaken
from idphoto.units import Band, ByteBand, ColourTarget, Extent, Period, Ratio, complete_unit, mm_to_px

__all__ = [
    "AppearanceRule",
    "BackgroundRule",
    "Confidence",
    "EditPermission",
    "EditingRule",
    "OtherReading",
    "PartRule",
    "RuleSource",
    "Spec",
    "SpecModel",
    "Submission",
    "require_photo",
]


class SpecModel(BaseModel):
    """Base of all models that read a file under ``specs/``: frozen, and no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Confidence(str, Enum):
    """The reliability of a source, the best first.

    official: the authority's own text, read for idphoto. reported: the authority's own page, read on that day by
    somebody who names it. secondary: a copy or a summary. memory: not found in writing.
    """

    OFFICIAL = "official"
    REPORTED = "reported"
    SECONDARY = "secondary"
    MEMORY = "memory"


MAIN_LIMITS = ("size", "pixels", "head_height", "eye_line", "background", "bytes")
"""Limits that a photo is measured by; the weakest source of a document's own ones is the confidence in the document."""


class RuleSource(SpecModel):
    """The page or text that a number was read in."""

    title: str
    url: str | None = Field(
        default=None,
        description="null if the number was not read anywhere (memory), or if no address of the copy was kept.",
    )
    read: date = Field(description="The day on which the page was read.")
    confidence: Confidence
    reader: str = Field(default="", description="Who read the authority's page, where it was reported.")
    covers: tuple[str, ...] = Field(alias="for", description="The fields of the document that rest on this source.")
    says: str = ""

    @model_validator(mode="after")
    def _names_its_reader(self) -> RuleSource:
        if (self.confidence is Confidence.REPORTED) != bool(self.reader):
            raise ValueError("a source has a reader if its confidence is 'reported', and only then")
        if self.confidence is Confidence.REPORTED and self.url is None:
            raise ValueError("give the address of the authority's page")
        return self


class OtherReading(SpecModel):
    """A different value for a field from a second source, kept beside the value that is used."""

    field: str
    value: str
    source: str
    why: str = Field(default="", description="Why this value is not the one that is used.")

    @property
    def band(self) -> Band | None:
        """The value as a band; None if it is no band."""
        try:
            return Band.parse(self.value)
        except ValueError:
            return None

    @property
    def extent(self) -> Extent | None:
        """The value as a width and height; None if it is none."""
        try:
            return Extent.parse(self.value)
        except ValueError:
            return None


class EditPermission(str, Enum):
    """The editing that an authority permits, from nothing to everything."""

    NO_FILE = "no-file"
    ORIGINAL = "original"
    CROP = "crop"
    GEOMETRY = "geometry"
    UNSTATED = "unstated"
    BACKGROUND = "background"
    RETOUCH = "retouch"

    def permits(self, edit: EditPermission) -> bool:
        """Return True if a document with this permission allows `edit` without an order of the user.

        If nothing was read about editing (`UNSTATED`), a background that is right is kept. Another one is replaced, and
        the report warns.
        """
        order = list(EditPermission)
        widest = EditPermission.BACKGROUND if self is EditPermission.UNSTATED else self
        return order.index(edit) <= order.index(widest)


class EditingRule(SpecModel):
    """The rule about editing a photo after it was taken."""

    allows: EditPermission
    basis: Literal["explicit", "general-ban", "restricted", "tolerated", "not-stated", "not-applicable"]
    says: str = ""
    refuses_crop: bool = Field(
        default=False, description="True if the authority refuses a photo that is cut out of a larger picture."
    )


def _name_alone(field: str) -> BeforeValidator:
    """Let a rule be written as one name, such as ``background: white``, where nothing but `field` is stated."""
    return BeforeValidator(lambda value: {field: value} if isinstance(value, str) else value)


def _default_unit(unit: str) -> BeforeValidator:
    """Let a quantity of a field that can have but one unit be written without it, such as ``size: 35 x 45``."""

    def complete(value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return complete_unit(str(value), unit) if number or isinstance(value, str) else value

    return BeforeValidator(complete)


MIN_SIDE_MM, MAX_SIDE_MM = 10.0, 500.0
"""Shortest and longest side of a photo on paper; a unit mixed up shows here."""
MIN_SIDE_PX, MAX_SIDE_PX = 32, 10_000
"""Shortest and longest side of a photo in pixels. No authority asks for more than 1800, and memory grows with both."""


class BackgroundRule(SpecModel):
    """The rule about the background: colours by their names in ``colours.yaml``."""

    colours: Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)] = Field(
        min_length=1, description="Allowed colours. If painting is allowed, the first one is painted."
    )
    refuses: tuple[str, ...] = ()
    target: ColourTarget | None = Field(
        default=None, description="A shade that the authority gives in numbers and prefers. It is painted."
    )
    refuses_border: bool = Field(default=False, description="True if the authority refuses a frame around the photo.")
    says: str = ""


class AppearanceRule(SpecModel):
    """A rule about something that is worn, or about the expression."""

    rule: Literal[
        "forbidden", "discouraged", "allowed", "required", "religious", "neutral", "smile-allowed", "unstated"
    ]
    says: str = ""


class PartRule(SpecModel):
    """A picture that goes with the photo: of the signature, of the thumb print, or of a declaration by hand."""

    name: Literal["signature", "thumb", "declaration"]
    pixels: Extent | None = None
    size: Extent | None = None
    bytes: ByteBand | None = None
    says: str = ""

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.name, self.pixels, self.size, self.bytes) if part is not None)


class Submission(str, Enum):
    """The form in which a photo is handed in.

    app: only inside the authority's app. original: the untouched file of the camera. nothing: the authority takes the
    photo itself.
    """

    PRINT = "print"
    UPLOAD = "upload"
    APP = "app"
    ORIGINAL = "original"
    NOTHING = "nothing"


_SCALES = (
    ("head_height",), ("face_width",), ("eye_distance",), ("chin_to_eyes",),
    ("top_margin", "chin_margin"), ("top_margin", "eye_line"), ("chin_margin", "eye_line"),
)  # fmt: skip
"""Fields that together say how large the head must be in the photo."""


class Spec(SpecModel):
    """The rules of one document, merged from its standard, its country file and its variant."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9-]+)?$")
    country: str = Field(description="ISO 3166-1 alpha-2, EU for the Schengen area, ZZ for standards.")
    country_name: str
    title: str
    kind: Literal["passport", "visa", "id-card", "residence-permit", "driving-licence", "examination", "generic"]
    capture: Literal["applicant", "photographer", "office", "office-only", "live"] = Field(
        description=(
            "Who may take the photo. office: at home it is taken at the office, abroad prints are accepted. "
            "live: the portal or the app takes it with its own camera, and accepts no file."
        )
    )
    submit: Submission

    size: Annotated[Extent | None, _default_unit("mm")] = None
    pixels: Annotated[Extent | None, _default_unit("px")] = None
    frame: Annotated[Extent | None, _default_unit("px")] = Field(
        default=None,
        description="The picture in which the authority counts lengths in px; in other pictures they grow with it.",
    )
    aspect: Ratio | None = None
    dpi: Annotated[Band | None, _default_unit("dpi")] = None
    formats: tuple[Literal["jpeg", "png", "bmp", "heif"], ...] = Field(
        default=("jpeg",), description="Accepted formats, the preferred one first."
    )
    file_name: str = Field(
        default="", pattern=r"^[\w-]*$", description="Name, without its ending, that the portal asks for."
    )
    bytes: ByteBand | None = None
    compression: Ratio | None = Field(default=None, description="Uncompressed to compressed length, at most.")
    quality: int | None = Field(default=None, ge=1, le=100, description="JPEG quality, where one is prescribed.")
    colour: Literal["colour", "colour-or-grey", "grey"] = "colour"

    crown: Literal["skull", "hair", "hairline"] = Field(
        default="skull",
        description="The crown to measure to: the top of the skull without hair, of the hair, or the hairline.",
    )
    head_height: Band | None = Field(default=None, description="Chin to crown; % is of the photo's height.")
    eye_line: Band | None = Field(default=None, description="Above the bottom edge; % is of the photo's height.")
    top_margin: Band | None = Field(default=None, description="Crown to top edge; % is of the photo's height.")
    chin_margin: Band | None = Field(default=None, description="Chin to bottom edge; % is of the photo's height.")
    face_width: Band | None = Field(default=None, description="% is of the photo's width.")
    centre: Band | None = Field(default=None, description="Face midline off the photo's midline; % is of the width.")
    eye_distance: Band | None = Field(default=None, description="Between the pupils; % is of the photo's width.")
    chin_to_eyes: Band | None = None
    roll: Band | None = None
    yaw: Band | None = None
    pitch: Band | None = None

    background: Annotated[BackgroundRule, _name_alone("colours")]
    editing: EditingRule
    glasses: Annotated[AppearanceRule | None, _name_alone("rule")] = None
    head_covering: Annotated[AppearanceRule | None, _name_alone("rule")] = None
    expression: Annotated[AppearanceRule | None, _name_alone("rule")] = None
    recency: Period | None = None
    copies: int | None = Field(default=None, ge=0)
    paper: str = ""

    parts: tuple[PartRule, ...] = Field(default=(), description="Pictures that go with the photo.")

    disputed: str = Field(default="", description="What reliable sources contradict about, in one sentence.")
    sources: tuple[RuleSource, ...]
    readings: tuple[OtherReading, ...] = ()
    notes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    inherited: frozenset[str] = Field(
        default=frozenset(), description="Fields that come from the standard. They give advice and never fail a photo."
    )

    @field_validator("country")
    @classmethod
    def _is_code(cls, value: str) -> str:
        if len(value) != 2 or not value.isupper():
            raise ValueError(f"'{value}' is not a country code of two capitals")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Spec:
        if self.submit is Submission.NOTHING:
            return self
        if self.size is None and self.pixels is None and self.submit is not Submission.ORIGINAL:
            raise ValueError("a photo that is handed in needs a size or pixels")
        if self.capture == "live":
            raise ValueError("a photo that the portal takes itself is not handed in: write 'submit: nothing'")
        if self.frame is not None and not (self.frame.unit == "px" and self.frame.exact):
            raise ValueError("a frame is one size in px")
        if self.size is not None and self.size.unit == "px":
            raise ValueError("size is a length on paper; write pixels under 'pixels'")
        if self.pixels is not None and self.pixels.unit != "px":
            raise ValueError("pixels are counted in px; write lengths on paper under 'size'")
        self._check_sides()
        if self.size is not None and self.pixels is not None and self.pixels.exact:
            width, height = self.size.mm
            on_screen = self.pixels.width.middle / self.pixels.height.middle
            if abs(on_screen / (width / height) - 1) > 0.01:
                raise ValueError(
                    f"{self.pixels} and {self.size} have different proportions; make one of them a variant of its own"
                )
        for name in ("head_height", "eye_line", "top_margin", "chin_margin", "face_width", "eye_distance"):
            band: Band | None = getattr(self, name)
            if band is not None and band.unit in ("mm", "cm", "in") and self.size is None:
                raise ValueError(f"{name} is a length on paper, but the document has no size on paper")
            if band is not None:
                self._check_within_photo(name, band)
        if self.submit is not Submission.ORIGINAL and not any(all(map(self._states, names)) for names in _SCALES):
            raise ValueError(
                "nothing says how large the head must be; write 'head_height: 70..80 %' or 'extends: icao-9303'"
            )
        return self

    def _check_sides(self) -> None:
        """Refuse photos that no printer and no screen could show."""
        if self.size is not None:
            width, height = self.size.mm
            if not MIN_SIDE_MM <= min(width, height) <= max(width, height) <= MAX_SIDE_MM:
                raise ValueError(
                    f"{self.size} is not the size of a photo, whose sides have {MIN_SIDE_MM:g} to {MAX_SIDE_MM:g} mm"
                )
            if (
                self.pixels is None
                and self.dpi is not None
                and mm_to_px(max(width, height), self.dpi.low) > MAX_SIDE_PX
            ):
                raise ValueError(f"{self.size} at {self.dpi} has more than {MAX_SIDE_PX} pixels a side")
        if self.pixels is not None:
            sides = (self.pixels.width, self.pixels.height)
            if min(side.high for side in sides) < MIN_SIDE_PX or max(side.low for side in sides) > MAX_SIDE_PX:
                raise ValueError(
                    f"{self.pixels} is not the size of a photo, of {MIN_SIDE_PX} to {MAX_SIDE_PX} px a side"
                )

    def _check_within_photo(self, name: str, band: Band) -> None:
        """Refuse a length that is 0, or larger than the photo."""
        across = name in ("face_width", "eye_distance")
        extent = {"%": None, "px": self.frame or self.pixels}.get(band.unit, self.size)
        side = None if extent is None else extent.width if across else extent.height
        longest = 100.0 if band.unit == "%" else math.inf if side is None else side.to(band.unit).high
        if band.high <= 0 or band.low >= longest:
            raise ValueError(f"{name} cannot be {band} in a photo of {self.pixels if band.unit == 'px' else self.size}")

    def _states(self, name: str) -> bool:
        return getattr(self, name) is not None

    @property
    def confidence(self) -> Confidence:
        """The reliability of the weakest source among those of the document's own main limits, see `MAIN_LIMITS`.

        If it takes no photo, the sources say so, and the weakest of these counts.
        """
        own = [name for name in MAIN_LIMITS if name not in self.inherited and getattr(self, name) is not None]
        fields = ["capture", "editing"] if self.submit is Submission.NOTHING else own
        sources = [source for source in map(self.source_of, fields) if source is not None]
        return max((source.confidence for source in sources), key=list(Confidence).index, default=Confidence.MEMORY)

    @property
    def has_authority(self) -> bool:
        """Whether an authority issues the document: sizes of the trade and standards have none."""
        return self.kind != "generic" and self.country != "ZZ"

    @property
    def paint(self) -> str:
        """The background that is painted if nobody asks for another: the authority's own shade, or the first colour."""
        return self.background.colours[0] if self.background.target is None else self.background.target.paint

    @property
    def label(self) -> str:
        """Country and title, for people."""
        return f"{self.country_name}: {self.title}"

    @property
    def notice(self) -> str | None:
        """Code of the message that a photo made at home cannot simply be handed in; None if it can.

        The authority takes the photo itself, accepts only certain photographers, takes it at the office inside the
        country, takes it in its own app, or wants the untouched file of the camera.
        """
        if self.submit is Submission.NOTHING:
            return "capture.live" if self.capture == "live" else "capture.office-only"
        if self.capture in ("photographer", "office"):
            return f"capture.{self.capture}"
        return {Submission.APP: "capture.app", Submission.ORIGINAL: "capture.original"}.get(self.submit)

    @property
    def checked(self) -> date | None:
        """The day on which the oldest of the document's own rules was read; None if none was read in writing."""
        read = [
            source.read
            for source in self.sources
            if source.confidence is not Confidence.MEMORY and not set(source.covers) <= self.inherited
        ]
        return min(read, default=None)

    @field_serializer("inherited")
    def _sort_inherited(self, names: frozenset[str]) -> list[str]:
        # The order of a set differs from process to process, and the version is a checksum of what is written here.
        return sorted(names)

    @property
    def version(self) -> str:
        """Day of the newest reading, and a checksum of all rules, which changes with any of them."""
        newest = max((source.read for source in self.sources), default=date.min)
        rules = self.model_dump_json(by_alias=True, exclude={"notes", "variants"})
        return f"{newest:%Y.%m.%d}-{hashlib.sha256(rules.encode()).hexdigest()[:8]}"

    @property
    def is_printed(self) -> bool:
        """False if the photo is handed in as a file alone, and its authority states no size on paper."""
        return self.submit is Submission.PRINT or self.size is not None

    @property
    def slug(self) -> str:
        """The id in a form that suits a file name."""
        return self.id.replace(":", "-")

    def source_of(self, field: str) -> RuleSource | None:
        """Return the first source that covers a field, or None."""
        return next((source for source in self.sources if field in source.covers), None)


def require_photo(spec: Spec) -> Spec:
    """Return `spec` if its authority accepts photos from applicants.

    Raises
    ------
    NoPhotoTaken
        If the photo is taken only at the office.
    """
    if spec.submit is Submission.NOTHING:
        raise NoPhotoTaken(
            f"{spec.label} takes no photo from applicants: {spec.editing.says.rstrip('.')}.",
            "Follow the application; its own camera takes the portrait."
            if spec.capture == "live"
            else "Go to the office; the portrait is taken there.",
        )
    return spec
