"""Shoulders square to the camera, told by the person mask beside the neck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CHECK"]

REACH = np.arange(
    1.2, 2.41, 0.1
)  # distances from the middle of the face at which shoulders are sought, in eye distances
ENOUGH = 3  # places that must agree to speak of shoulders at all; long hair and tight crops leave fewer
TILTED = 15.0
"""Degrees from which a warning is due; people in studio portraits who stand at an angle reach 15."""


def slope(subject: Subject) -> float | None:
    """Angle of the line between the shoulders, in degrees, positive clockwise; None where they cannot be seen."""
    face, person_mask = subject.finished.face, subject.finished.person_mask
    assert face is not None
    assert person_mask is not None
    person = person_mask.probability > 0.5
    scale = float(np.hypot(person_mask.matrix[0, 0], person_mask.matrix[1, 0]))
    middle = float((person_mask.matrix @ (face.eyes.x, face.eyes.y, 1.0))[0])
    chin = float((person_mask.matrix @ (face.chin.x, face.chin.y, 1.0))[1])
    reach = face.eye_distance * scale
    angles = []
    for distance in REACH * reach:
        left, right = _top(person, middle - distance), _top(person, middle + distance)
        # What stands higher than the chin is hair; what only touches the lower edge is too little to tell.
        if left is None or right is None or min(left, right) < chin - 0.1 * reach:
            continue
        if max(left, right) < person.shape[0] - 2:
            angles.append(float(np.degrees(np.arctan2(right - left, 2 * distance))))
    return float(np.median(angles)) if len(angles) >= ENOUGH else None


def _top(person: NDArray[np.bool_], x: float) -> int | None:
    """Row at which the person begins in a column, counted as one piece from the lower edge."""
    column = round(x)
    if not 0 <= column < person.shape[1] or not person[-1, column]:
        return None
    empty = np.flatnonzero(~person[:, column])
    return int(empty[-1]) + 1 if len(empty) else 0


def _run(subject: Subject) -> Iterator[Finding]:
    angle = slope(subject)
    if angle is None:
        yield subject.finding("shoulders.not-assessed", Status.SKIP)
        return
    tilted = abs(angle) > TILTED
    yield subject.finding(
        "shoulders.tilted" if tilted else "shoulders.ok",
        Status.WARN if tilted else Status.PASS,
        measured=round(angle, 1),
        limit=f"+/-{TILTED:g}",
        unit="deg",
        tilt=round(abs(angle)),
    )


CHECK = Check(
    "shoulders",
    "A portrait from the front has level shoulders.",
    _run,
    needs=frozenset({"face", "person_mask"}),
    formula="median angle of the line between both edges of the mask, 1.2 to 2.4 eye distances beside the middle",
    limit=f"{TILTED:g} degrees, idphoto's own; not judged where hair or the crop hides the shoulders",
)
