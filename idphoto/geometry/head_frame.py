"""Measure a head in the head frame.

The *head frame* is source pixels, turned so that the head stands upright, with the midpoint of the eyes
at (0, 0), x to the right and y down.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from idphoto.geometry.affine import invert_affine
from idphoto.portrait import Head, Point

if TYPE_CHECKING:
    from idphoto.portrait import Face, Matrix, PersonMask

__all__ = ["compute_head_frame", "measure_head"]

BORDER_GAP = 0.03
"""Distance between hair and border at which the hair still counts as cut off, as a share of eyes to chin."""


def compute_head_frame(face: Face | Head, degrees: float) -> Matrix:
    """Return the matrix (3, 3) from source pixels to the head frame, for a head with a roll of `degrees`."""
    angle = math.radians(-degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = -turn @ np.array(face.eyes)
    return matrix


def measure_head(face: Face, skull: float, skull_sd: float, person_mask: PersonMask | None) -> Head:
    """Measure a head along its own axis.

    Parameters
    ----------
    face : Face
        In source pixels.
    skull, skull_sd : float
        Height of the skull's top above the eyes by anatomy, and its standard deviation.
    person_mask : PersonMask, optional
        The person. Without a mask, the top of the hair is taken to be the top of the skull.
    """
    matrix = compute_head_frame(face, face.roll)

    def place(point: Point) -> Point:
        x, y, _ = matrix @ (point.x, point.y, 1.0)
        return Point(float(x), float(y))

    chin = place(face.chin).y
    sides = [place(cheek).x for cheek in face.cheeks]
    anatomical_skull, hair, cut = skull, skull, False
    if person_mask is not None:
        found = _hair_top(person_mask, matrix, -min(sides), max(sides), chin)
        if found is not None:
            hair, cut = found
            # The skull cannot be higher than the hair. A mask that ends below the hairline is wrong, so the
            # hairline is the lower bound. Hair that the picture cuts off says nothing about the skull.
            if not cut:
                skull = min(skull, max(hair, -place(face.hairline).y))
            hair = max(hair, skull)
    angle = math.radians(face.roll)
    return Head(
        axis=(math.sin(angle), -math.cos(angle)),
        eyes=face.eyes,
        chin=chin,
        skull=skull,
        skull_sd=skull_sd,
        hair=hair,
        hair_cut=cut,
        hairline=-place(face.hairline).y,
        left=-min(sides),
        right=max(sides),
        eye_distance=face.eye_distance,
        anatomical_skull=anatomical_skull,
    )


def _hair_top(
    person_mask: PersonMask, matrix: Matrix, left: float, right: float, chin: float
) -> tuple[float, bool] | None:
    """Find the top of the hair: its height above the eyes, and True if the source cuts it off.

    The top is searched between the sides of the face. None is returned if the mask does not cover the eyes.
    """
    to_frame = matrix @ invert_affine(person_mask.matrix)
    height, width = person_mask.probability.shape
    step = float(np.hypot(to_frame[0, 0], to_frame[1, 0]))
    # Sample the person mask on columns of the head frame, from the eyes upwards.
    columns = np.linspace(-left, right, 33)
    reach = np.arange(0.0, 3.5 * chin, step / 2)
    grid = np.stack([np.tile(columns, len(reach)), np.repeat(-reach, len(columns)), np.ones(len(reach) * len(columns))])
    x, y, _ = invert_affine(to_frame) @ grid
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    values = np.where(
        inside, person_mask.probability[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)], -1.0
    ).reshape(len(reach), len(columns))
    # A row belongs to the head if a tenth of it does. The first row that does not is the end of the head.
    covered = (values > 0.5).mean(axis=1) >= 0.1
    if not covered[0]:
        return None
    end = int(np.argmin(covered)) if not covered.all() else len(covered)
    # The segmenter is unsure in the last pixels before the border, so hair that ends just below it is cut off, too.
    beyond = end + round(BORDER_GAP * chin / (step / 2))
    cut = beyond < len(reach) and bool((values[beyond] < 0).mean() > 0.5)
    return float(reach[end - 1]), cut
