"""The measured parts of a portrait: points, faces, heads, person masks, and the view that leads to the output.

Conventions of the whole package
--------------------------------
- Pictures are ``(H, W, 3)`` uint8 sRGB, upright by EXIF. Alpha is ``(H, W)`` float32 in [0, 1].
- Points are ``(x, y)``, sizes ``(width, height)``. The centre of the top-left pixel is (0, 0).
- Angles are in degrees, positive clockwise as seen.
- *Source pixels* are those of the upright source at full resolution, at whatever scale it is
  decoded. Faces, heads and masks always stay in source pixels; a :class:`View` leads to the output.
- Left and right are as seen in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.decode import Source
    from idphoto.units import Size

    Rgb = NDArray[np.uint8]
    Alpha = NDArray[np.float32]
    Matrix = NDArray[np.float64]

__all__ = ["Box", "Doubt", "Face", "Finished", "Head", "People", "PersonMask", "Point", "Preview", "View", "move_face"]


class Point(NamedTuple):
    """A point in a picture, in pixels."""

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
        The face from forehead to chin.
    score : float
        Confidence of the detector in [0, 1].
    eye_left, eye_right : Point
        Centres of the eyes (of the irises, if the backend finds them).
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
class PersonMask:
    """The probability of the person at low resolution.

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
class People:
    """The people who are to be cut out of a picture.

    Attributes
    ----------
    mask : ndarray of float32, shape (h, w)
        Probability in [0, 1] that a pixel belongs to one of them, soft over many pixels; at the picture's size or less.
    faces : tuple of Face
        Their faces, as far as they are seen, in pixels of the picture.
    is_portrait : bool
        True if the picture shows one person's head and shoulders, and little else.
    """

    mask: NDArray[np.float32]
    faces: tuple[Face, ...] = ()
    is_portrait: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """Where matting and the person mask disagree about what is person.

    Attributes
    ----------
    share : float
        Area on which they disagree, by the area of the people.
    places : tuple of Box
        Where that is, in pixels of the matte, the largest place first.
    """

    share: float
    places: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Measures of one head along its own axis, in source pixels.

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
        Distance up to the top of hair or headgear, from the person mask.
    hair_cut : bool
        True if the source ends below the top of the hair.
    hairline : float
        Distance up to the top of the forehead.
    left, right : float
        Distances from the axis to the outermost points of the face's contour.
    eye_distance : float
        Between the eyes.
    anatomical_skull : float
        `skull` as anatomy alone estimates it, before the person mask lowers it.
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
    anatomical_skull: float = 0.0

    def crown(self, which: str) -> float:
        """Return the distance from the eyes up to a crown: ``skull``, ``hair`` or ``hairline``."""
        return {"skull": self.skull, "hair": self.hair, "hairline": self.hairline}[which]

    def height(self, which: str = "skull") -> float:
        """Return the distance from the chin to a crown."""
        return self.chin + self.crown(which)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The map from source pixels to output pixels: one matrix, one resampling.

    Attributes
    ----------
    matrix : ndarray of float64, shape (3, 3)
        Similarity transform, source pixels to output pixels.
    size : Size
        Of the output, in pixels.
    dpi : float, optional
        Output pixels per inch on paper.
    missing : tuple of float
        Output pixels outside the source at the left, top, right and bottom.
    free : frozenset of str
        Sides at which the person does not touch the edge of the source, so that a painted background
        may continue beyond it.
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
        """Map a point of the source to the output."""
        x, y, _ = self.matrix @ (point[0], point[1], 1.0)
        return Point(float(x), float(y))


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The finished file, opened and measured again. All values are in pixels of that file.

    Attributes
    ----------
    source : Source
        The file, opened as any reader opens it.
    face, head : Face, Head, optional
        The face and head in the file; None if no face was found.
    person_mask : PersonMask, optional
        The person in the file.
    faces : int
        Number of faces, without those that are much smaller than the largest.
    people : tuple of Box
        All faces, the largest first.
    """

    source: Source
    face: Face | None = None
    head: Head | None = None
    person_mask: PersonMask | None = None
    faces: int = 0
    people: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """The source at a reduced scale, in which faces and persons are found.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (h, w, 3)
        sRGB, upright.
    scale : float
        Preview pixels per source pixel.
    """

    rgb: Rgb
    scale: float


def move_face(face: Face, matrix: Matrix) -> Face:
    """Return a face in the pixels of another picture, to which a similarity leads; its box stays upright."""
    turn, shift = matrix[:2, :2], matrix[:2, 2]
    factor = float(np.hypot(matrix[0, 0], matrix[1, 0]))

    def point(place: tuple[float, float]) -> Point:
        x, y = turn @ np.asarray(place) + shift
        return Point(float(x), float(y))

    box = face.box
    middle = point((box.x + box.width / 2, box.y + box.height / 2))
    width, height = box.width * factor, box.height * factor
    mesh = face.mesh
    if mesh is not None:
        mesh = np.hstack([mesh[:, :2] @ turn.T + shift, mesh[:, 2:] * factor]).astype(np.float32)
    return replace(
        face,
        box=Box(middle.x - width / 2, middle.y - height / 2, width, height),
        eye_left=point(face.eye_left),
        eye_right=point(face.eye_right),
        chin=point(face.chin),
        mouth=point(face.mouth),
        hairline=point(face.hairline),
        cheeks=(point(face.cheeks[0]), point(face.cheeks[1])),
        roll=face.roll + float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))),
        mesh=mesh,
    )
