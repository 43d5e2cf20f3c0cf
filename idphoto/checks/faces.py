"""Check that there is exactly one person in the finished photo, and nobody else at its edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from idphoto.portrait import Matrix

__all__ = ["CHECK"]

MIN_INTRUDER_PROBABILITY = 0.6
MIN_INTRUDER_SHARE = 0.004  # of the person mask; a smaller piece beside the person is ignored


def _run(subject: Subject) -> Iterator[Finding]:
    count = subject.finished.faces
    if count != 1:
        code = "faces.none" if count == 0 else "faces.several"
        yield subject.make_finding(code, Status.FAIL, measured=float(count), limit="1", count=float(count))
        return
    side = _find_intruder(subject)
    if side:
        yield subject.make_finding("faces.second-person", Status.WARN, limit="1", side=side)
    else:
        yield subject.make_finding("faces.ok", Status.PASS, measured=1.0, limit="1", count=1.0)


def _find_intruder(subject: Subject) -> str:
    """Return the side, ``left`` or ``right``, from which somebody else reaches into the photo; empty if nobody does.

    Somebody else is a piece of the person mask that touches that side and is not connected with the person.
    """
    mask, head = subject.finished.person_mask, subject.finished.head
    if mask is None or head is None:
        return ""
    person = (mask.probability > MIN_INTRUDER_PROBABILITY).astype(np.uint8)
    labels, stats = cv2.connectedComponentsWithStats(person)[1:3]
    row, column = _locate_pixel(mask.matrix, head.eyes, person.shape)
    own = labels[row, column]
    if own == 0:
        return ""
    for label in range(1, len(stats)):
        x, _, width, _, area = stats[label]
        at_edge = x == 0 or x + width == person.shape[1]
        if label != own and at_edge and area > MIN_INTRUDER_SHARE * person.size:
            return "left" if x == 0 else "right"
    return ""


def _locate_pixel(matrix: Matrix, point: tuple[float, float], shape: tuple[int, ...]) -> tuple[int, int]:
    """Return row and column of the pixel of the mask nearest to a point of the file."""
    x, y, _ = matrix @ (point[0], point[1], 1.0)
    return int(np.clip(round(y), 0, shape[0] - 1)), int(np.clip(round(x), 0, shape[1] - 1))


CHECK = Check(
    "faces",
    "A document shows its holder only.",
    _run,
    formula="faces at least 0.3 times as high as the largest; pieces of the person mask that touch the left or right "
    "edge",
    limit="1; pieces below 0.4 % of the person mask are ignored",
    component="SingleFacePresent",
)
