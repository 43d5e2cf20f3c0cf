"""Correct a crop, and the points of a head, as a person asks for it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from idphoto.geometry.solver import find_missing
from idphoto.portrait import Point

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idphoto.portrait import Face, Head, View
    from idphoto.units import Size

__all__ = ["correct_crown", "correct_face", "correct_view"]


def correct_view(
    view: View, eyes: Point, source: Size, *, shift: tuple[float, float], zoom: float, tilt: float
) -> View:
    """Zoom and turn a view about a point, then move it.

    Parameters
    ----------
    view : View
        From source pixels to the photo.
    eyes : Point
        Midpoint of the eyes in source pixels: the point that zoom and tilt leave in place.
    source : Size
        Of the source, in pixels.
    shift : tuple of float
        To the right and down, in % of the photo's height.
    zoom : float
        Factor; more than 1 enlarges the head.
    tilt : float
        Degrees, positive clockwise.
    """
    x, y = view.point(eyes)
    dx, dy = (share * view.size.height / 100 for share in shift)
    angle = math.radians(tilt)
    cos, sin = math.cos(angle) * zoom, math.sin(angle) * zoom
    turn = np.array([[cos, -sin, x + dx - cos * x + sin * y], [sin, cos, y + dy - sin * x - cos * y], [0, 0, 1.0]])
    matrix = turn @ view.matrix
    return replace(view, matrix=matrix, missing=find_missing(matrix, view.size, source))


def correct_face(face: Face, points: Mapping[str, tuple[float, float]]) -> Face:
    """Return a face with some of its points set: ``left_eye``, ``right_eye``, ``chin``; others are ignored.

    The roll follows the line between the eyes.
    """
    left = Point(*points.get("left_eye", face.eye_left))
    right = Point(*points.get("right_eye", face.eye_right))
    turned = _angle(left, right) - _angle(face.eye_left, face.eye_right)
    return replace(
        face,
        eye_left=left,
        eye_right=right,
        chin=Point(*points.get("chin", face.chin)),
        roll=face.roll + math.remainder(turned, 360.0),
    )


def correct_crown(head: Head, crown: tuple[float, float], counted: str) -> Head:
    """Return a head whose crown is at a point, projected onto the axis of the head.

    Parameters
    ----------
    head : Head
        As measured.
    crown : tuple of float
        In the same pixels.
    counted : str
        The crown that the document counts: ``skull``, ``hair`` or ``hairline``. The others stay where they can.
    """
    height = (crown[0] - head.eyes.x) * head.axis[0] + (crown[1] - head.eyes.y) * head.axis[1]
    if counted == "hairline":
        return replace(head, hairline=height)
    if counted == "hair":
        return replace(head, hair=height, skull=min(head.skull, height))
    return replace(head, skull=height, anatomical_skull=height, skull_sd=0.0, hair=max(head.hair, height))


def _angle(left: Point, right: Point) -> float:
    return math.degrees(math.atan2(right.y - left.y, right.x - left.x))
