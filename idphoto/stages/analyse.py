"""Find the person: face, pose, silhouette and both crowns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field

from idphoto import faces, messages, segmentation
from idphoto.errors import NoFace, SeveralFaces
from idphoto.faces.anatomy import Pose, anatomy, pose, skull_height
from idphoto.geometry import measure_head, roll_matrix
from idphoto.photo import Box, Face, Head, Point, Silhouette
from idphoto.report import Finding, Operation, Status
from idphoto.resample import to_source
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Matrix, Photo, Preview, Rgb

__all__ = ["Analyse", "find", "look_around", "measure"]

PERSON = 0.3
"""A second face counts as a person when it is at least this share of the largest one's height;
smaller ones are passers-by or pictures on a wall, and are reported."""

# The region that is segmented for the crowns, in face heights around the middle of the eyes. The network does
# best on a frame like the ID photo's own: on composites, SAD 1.3 there, 1.9 in a square 2.4 face heights wide.
ABOVE, BELOW, BESIDE = 1.35, 1.35, 1.1
LOOK = 320  # pixels of its height; the network itself sees 256


class Analyse(Stage):
    """Find the face, and measure the head it belongs to."""

    stage: Literal["analyse"] = "analyse"
    faces: str = Field(default="auto", description="Face backend.")
    segmenter: str = Field(default="auto", description="Backend of the coarse person segmentation.")
    face: str = Field(
        default="only",
        pattern=r"^(only|largest|[1-9][0-9]*)$",
        description="Whom to take if there are several: only (refuse), largest, or N from left to right.",
    )

    needs: ClassVar[frozenset[str]] = frozenset({"preview"})
    gives: ClassVar[frozenset[str]] = frozenset({"face", "others", "silhouette", "head"})
    per_document: ClassVar[bool] = False

    def __call__(self, photo: Photo) -> Photo:
        """Set `face`, `others`, `silhouette` and `head`."""
        assert photo.preview is not None
        found = find(photo.preview, self.faces)
        if not found:
            raise NoFace(
                f"No face was found in {photo.source.name}.",
                "Use a photo in which the whole face is seen from the front, in even light.",
            )
        face = self._choose(photo, found)
        silhouette = look_around(photo.preview, face, self.segmenter)
        others = tuple(other.box for other in found if other is not face)
        photo = replace(photo, face=face, others=others, silhouette=silhouette, head=measure(face, silhouette))
        if abs(face.roll) > 45:
            detail = f"the photo lay {abs(round(face.roll / 90) * 90)} degrees on its side"
            photo = photo.did(Operation(name="turn", detail=detail, edit="geometry"))
        if others:
            count = float(len(others))
            message, fix = messages.say("faces.others", {"count": count})
            photo = photo.found(
                Finding(
                    check="faces",
                    status=Status.WARN,
                    code="faces.others",
                    message=message,
                    fix=fix,
                    measured=count,
                    limit="0",
                    values={"count": count},
                )
            )
        return photo

    def _choose(self, photo: Photo, found: list[Face]) -> Face:
        people = [face for face in found if face.box.height >= PERSON * found[0].box.height]
        if len(people) == 1 or self.face == "largest":
            return found[0]
        people.sort(key=lambda face: face.box.x)
        listing = "; ".join(
            f"{number}: {face.box.width:.0f}x{face.box.height:.0f} px at ({face.box.x:.0f}, {face.box.y:.0f})"
            for number, face in enumerate(people, 1)
        )
        if self.face == "only" or int(self.face) > len(people):
            raise SeveralFaces(
                f"There are {len(people)} faces in {photo.source.name} ({listing}).",
                "Choose one with --face largest or --face N, counted from the left.",
            )
        return people[int(self.face) - 1]


def find(preview: Preview, backend: str = "auto") -> list[Face]:
    """All faces of a picture in source pixels, largest first."""
    matrix = to_source(preview.scale)
    return [_scaled(face, matrix[0, 0], matrix[0, 2]) for face in faces.find(preview.rgb, backend)]


def _scaled(face: Face, factor: float, shift: float) -> Face:
    """Bring a face from preview pixels to source pixels."""

    def point(place: Point) -> Point:
        return Point(place.x * factor + shift, place.y * factor + shift)

    box = face.box
    mesh = face.mesh
    if mesh is not None:
        mesh = mesh * np.float32(factor) + np.array([shift, shift, 0], dtype=np.float32)
    return replace(
        face,
        box=Box(box.x * factor + shift, box.y * factor + shift, box.width * factor, box.height * factor),
        eye_left=point(face.eye_left),
        eye_right=point(face.eye_right),
        chin=point(face.chin),
        mouth=point(face.mouth),
        hairline=point(face.hairline),
        cheeks=(point(face.cheeks[0]), point(face.cheeks[1])),
        mesh=mesh,
    )


def look_around(preview: Preview, face: Face, segmenter: str) -> Silhouette:
    """Segment the head and shoulders around a face, upright, from the preview."""
    size = np.hypot(face.chin.x - face.hairline.x, face.chin.y - face.hairline.y)
    zoom = LOOK / ((ABOVE + BELOW) * size)
    place = np.array([[zoom, 0, BESIDE * size * zoom], [0, zoom, ABOVE * size * zoom], [0, 0, 1.0]])
    matrix = place @ roll_matrix(face, face.roll)
    wide = round(2 * BESIDE * size * zoom)
    from_preview = matrix @ to_source(preview.scale)
    # Where the source ends, the window ends: invented borders confuse the network.
    left, top, right, bottom = _inside(from_preview, preview.rgb, wide, LOOK)
    window = cv2.warpAffine(
        preview.rgb, from_preview[:2], (wide, LOOK), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )[top:bottom, left:right]
    probability = segmentation.person(window, segmenter)
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    return Silhouette(probability, shift @ matrix)


def _inside(matrix: Matrix, rgb: Rgb, width: int, height: int) -> tuple[int, int, int, int]:
    """Bounds of the picture within a window of the given size, as (left, top, right, bottom)."""
    rows, columns = rgb.shape[:2]
    corners = matrix[:2] @ np.array([[0, columns - 1, 0, columns - 1], [0, 0, rows - 1, rows - 1], [1, 1, 1, 1]])
    x, y = corners
    left, right = max(0, int(np.floor(x.min()))), min(width, int(np.ceil(x.max())) + 1)
    top, bottom = max(0, int(np.floor(y.min()))), min(height, int(np.ceil(y.max())) + 1)
    return left, top, right, bottom


def measure(face: Face, silhouette: Silhouette | None) -> Head:
    """Measure the head of a face, with both crowns."""
    if face.mesh is not None:
        skull, sd = skull_height(pose(face.mesh))
    else:
        # Without a mesh the chin is the only yardstick; it moves with the mouth.
        size = float(np.hypot(face.chin.x - face.eyes.x, face.chin.y - face.eyes.y)) / CHIN
        skull, sd = skull_height(Pose(face.roll, face.yaw, face.pitch, size))
        sd = max(sd, 2 * anatomy().skull_sd * size)
    return measure_head(face, skull, sd, silhouette)


CHIN = 1.97
"""Mean distance from the eyes to the chin in the unit of `Pose.size`, over the studio portraits."""
