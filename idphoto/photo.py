"""The one thing that flows: a frozen Photo, and what it is made of.

Conventions, said here and kept everywhere
------------------------------------------
- Pictures are ``(H, W, 3)`` uint8 sRGB, upright by EXIF. Alpha is ``(H, W)`` float32 in [0, 1].
- Points are ``(x, y)``, sizes ``(width, height)``. The centre of the top-left pixel is (0, 0).
- Angles are in degrees, positive clockwise as seen.
- *Source pixels* are those of the upright source at full resolution, whatever scale it is
  decoded at. Faces, heads and masks live there for ever; a :class:`View` leads to the output.
- Left and right are as seen in the picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idphoto import __version__
from idphoto.report import Component, File, Finding, Measure, Operation, Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.backdrop import Backdrop
    from idphoto.decode import Source
    from idphoto.spec import Spec
    from idphoto.units import Size

    Rgb = NDArray[np.uint8]
    Alpha = NDArray[np.float32]
    Matrix = NDArray[np.float64]

__all__ = ["Box", "Face", "Finished", "Head", "Photo", "Plan", "Point", "Preview", "Silhouette", "View"]


class Point(NamedTuple):
    """A place in a picture, in pixels."""

    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face, in source pixels.

    Attributes
    ----------
    box : Box
        Around the face from forehead to chin.
    score : float
        Confidence of the detector in [0, 1].
    eye_left, eye_right : Point
        Centres of the eyes (the irises, where the backend sees them).
    chin : Point
        Menton, the lowest point of the chin.
    mouth : Point
        Middle between the corners of the mouth.
    hairline : Point
        Trichion: top of the forehead at the midline.
    cheeks : tuple of Point
        Outermost points of the face's contour, left and right.
    mesh : ndarray of float32, shape (478, 3), optional
        MediaPipe's face mesh; z in source pixels, negative towards the camera.
    roll, yaw, pitch : float
        Degrees. Roll is positive clockwise as seen; yaw is positive when the person looks to
        the right of the picture; pitch is positive when the person looks up.
    """

    box: Box
    score: float
    eye_left: Point
    eye_right: Point
    chin: Point
    mouth: Point
    hairline: Point
    cheeks: tuple[Point, Point]
    roll: float
    yaw: float
    pitch: float
    mesh: NDArray[np.float32] | None = None

    @property
    def eyes(self) -> Point:
        """Point halfway between the eyes."""
        return Point((self.eye_left.x + self.eye_right.x) / 2, (self.eye_left.y + self.eye_right.y) / 2)

    @property
    def eye_distance(self) -> float:
        """Inter-eye distance in source pixels."""
        return float(np.hypot(self.eye_right.x - self.eye_left.x, self.eye_right.y - self.eye_left.y))


@dataclass(frozen=True, slots=True, eq=False)
class Silhouette:
    """Where the person probably is, at low resolution.

    Attributes
    ----------
    probability : ndarray of float32, shape (h, w)
        In [0, 1]; 0 outside the region that was looked at.
    matrix : ndarray of float64, shape (3, 3)
        Source pixels to pixels of `probability`.
    """

    probability: NDArray[np.float32]
    matrix: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The measures of one head along its own axis, in source pixels.

    The axis runs through the midpoint of the eyes, perpendicular to the line between them.

    Attributes
    ----------
    axis : tuple of float
        Unit vector from chin to crown.
    eyes : Point
        Midpoint of the eyes; distances below are counted from here along the axis.
    chin : float
        Distance down to the chin (positive).
    skull : float
        Distance up to the top of the skull without hair, by anatomy.
    skull_sd : float
        Standard deviation of `skull`.
    hair : float
        Distance up to the top of hair or headgear, from the silhouette.
    hair_cut : bool
        Whether the source ends before the hair does.
    hairline : float
        Distance up to the top of the forehead.
    left, right : float
        Distances from the axis to the outermost points of the face's contour.
    eye_distance : float
        Between the eyes.
    """

    axis: tuple[float, float]
    eyes: Point
    chin: float
    skull: float
    skull_sd: float
    hair: float
    hair_cut: bool
    hairline: float
    left: float
    right: float
    eye_distance: float

    def crown(self, which: str) -> float:
        """Distance from the eyes up to the crown that a rule means: skull, hair or hairline."""
        return {"skull": self.skull, "hair": self.hair, "hairline": self.hairline}[which]

    def height(self, which: str = "skull") -> float:
        """Chin to crown."""
        return self.chin + self.crown(which)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The way from source pixels to output pixels: one matrix, one resampling.

    Attributes
    ----------
    matrix : ndarray of float64, shape (3, 3)
        Similarity transform, source pixels to output pixels.
    size : Size
        Of the output, in pixels.
    dpi : float, optional
        Output pixels per inch on paper.
    missing : tuple of float
        Output pixels that lie outside the source at the left, top, right and bottom.
    free : frozenset of str
        Sides where the person does not touch the edge of the source, so that a painted
        background may run on beyond it.
    """

    matrix: Matrix
    size: Size
    dpi: float | None = None
    missing: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    free: frozenset[str] = frozenset()

    @property
    def scale(self) -> float:
        """Output pixels per source pixel."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def roll(self) -> float:
        """Degrees by which the view turns the source, positive clockwise as seen."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    def point(self, point: tuple[float, float]) -> Point:
        """Map a point of the source into the output."""
        x, y, _ = self.matrix @ (point[0], point[1], 1.0)
        return Point(float(x), float(y))


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The finished file, opened and measured again; all in pixels of that file.

    Attributes
    ----------
    source : Source
        The file as a reader sees it.
    face, head : Face, Head, optional
        As found in it; None if no face was found.
    silhouette : Silhouette, optional
        The person in it.
    faces : int
        How many faces there are that are not much smaller than the largest.
    people : tuple of Box
        All faces, the largest first.
    """

    source: Source
    face: Face | None = None
    head: Head | None = None
    silhouette: Silhouette | None = None
    faces: int = 0
    people: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """The source at reduced scale, for looking.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (h, w, 3)
        sRGB, upright.
    scale : float
        Its pixels per source pixel.
    """

    rgb: Rgb
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What may and will be done to the picture.

    Attributes
    ----------
    straighten : bool
        Whether a tilted head is turned upright.
    backdrop : Backdrop, optional
        What is painted behind the person; None keeps what is there.
    order : str
        The user's reason, where they ordered what the authority forbids.
    refused : str
        The background that was asked for and is not painted, since nobody gave a reason.
    """

    straighten: bool
    backdrop: Backdrop | None
    order: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A portrait on its way to an ID photo. Stages return a new one and never change it.

    Attributes
    ----------
    source : Source
        The picture as given; with `spec`, all that is set at the start.
    spec : Spec, optional
        The document that the photo is made for.
    preview : Preview
        A reduced view of the source.
    face, head, silhouette : Face, Head, Silhouette
        What was found, in source pixels.
    others : tuple of Box
        Faces of other people.
    plan : Plan
        What may and will be done to the picture.
    view : View
        From source to output pixels.
    picture : ndarray of uint8, shape (H, W, 3)
        The ID photo itself.
    alpha : ndarray of float32, shape (H, W)
        Share of the person in each pixel of `picture`, in linear light.
    files : mapping of str to bytes
        What was made, by file-name suffix: ``.jpg``, ``.sheet.pdf``.
    finished : Finished
        The finished file, measured again.
    operations, findings, measures, components : tuple
        The makings of the report.
    timings : mapping of str to float
        Milliseconds per stage.
    """

    source: Source
    spec: Spec | None = None
    preview: Preview | None = None
    face: Face | None = None
    others: tuple[Box, ...] = ()
    silhouette: Silhouette | None = None
    head: Head | None = None
    plan: Plan | None = None
    view: View | None = None
    picture: Rgb | None = None
    alpha: Alpha | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    finished: Finished | None = None
    operations: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()
    measures: tuple[Measure, ...] = ()
    components: tuple[Component, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """Everything there is to say about this photo so far."""
        source = self.source
        finished = self.finished.source if self.finished is not None else None
        files = []
        for suffix, data in self.files.items():
            known = finished is not None and data == finished.data
            files.append(
                File(
                    name=suffix,
                    bytes=len(data),
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=(finished.size.width, finished.size.height) if finished is not None and known else None,
                    dpi=finished.dpi if finished is not None and known else None,
                    format=finished.format if finished is not None and known else suffix.rpartition(".")[2],
                )
            )
        return Report(
            idphoto=__version__,
            spec=self.spec.id if self.spec is not None else None,
            title=self.spec.label if self.spec is not None else "",
            source=File(
                name=source.name,
                bytes=len(source.data),
                sha256=source.sha256,
                size=(source.size.width, source.size.height),
                dpi=source.dpi,
                format=source.format,
            ),
            files=tuple(files),
            measures=self.measures,
            operations=self.operations,
            findings=self.findings,
            components=self.components,
            timings={name: round(ms, 1) for name, ms in self.timings.items()},
        )

    def did(self, operation: Operation, **changes: object) -> Photo:
        """Return a copy with `changes` and one more operation in its history."""
        return replace(self, operations=(*self.operations, operation), **changes)  # type: ignore[arg-type]

    def found(self, *findings: Finding, **changes: object) -> Photo:
        """Return a copy with `changes` and more findings."""
        return replace(self, findings=(*self.findings, *findings), **changes)  # type: ignore[arg-type]
