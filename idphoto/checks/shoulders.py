"""Check that the shoulders are level, by the edges of the person mask on both sides of the neck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CHECK", "measure_shoulder_tilt"]

MIN_SHOULDER_PROBABILITY = 0.5
SHOULDER_DISTANCES = np.arange(1.2, 2.41, 0.1)
"""Distances from the middle of the face at which the height of the shoulders is measured, in eye distances."""
MIN_MEASURED_DISTANCES = 3
"""Number of distances that must give an angle; long hair and tight crops leave fewer."""
MAX_TILT_DEG = 15.0
"""Tilt above which the check warns; people in studio portraits who stand at an angle reach 15."""
MAX_RISE_ABOVE_CHIN = 0.1
"""Greatest height of a shoulder above the chin, in eye distances; anything higher is hair."""


def measure_shoulder_tilt(subject: Subject) -> float | None:
    """Return the angle of the line between the shoulders, in degrees, positive clockwise; None if it is not seen."""
    face, mask = subject.finished.face, subject.finished.person_mask
    assert face is not None
    assert mask is not None
    person = mask.probability > MIN_SHOULDER_PROBABILITY
    scale = float(np.hypot(mask.matrix[0, 0], mask.matrix[1, 0]))
    middle = float((mask.matrix @ (face.eyes.x, face.eyes.y, 1.0))[0])
    chin = float((mask.matrix @ (face.chin.x, face.chin.y, 1.0))[1])
    eye_distance = face.eye_distance * scale
    angles = []
    for distance in SHOULDER_DISTANCES * eye_distance:
        left, right = _find_upper_edge(person, middle - distance), _find_upper_edge(person, middle + distance)
        if left is None or right is None or min(left, right) < chin - MAX_RISE_ABOVE_CHIN * eye_distance:
            continue
        # A shoulder that only touches the lower edge of the mask is too little to measure.
        if max(left, right) < person.shape[0] - 2:
            angles.append(float(np.degrees(np.arctan2(right - left, 2 * distance))))
    return float(np.median(angles)) if len(angles) >= MIN_MEASURED_DISTANCES else None


def _find_upper_edge(person: NDArray[np.bool_], x: float) -> int | None:
    """Return the first row of the piece of the person that stands on the lower edge of a column; None without one."""
    column = round(x)
    if not 0 <= column < person.shape[1] or not person[-1, column]:
        return None
    empty = np.flatnonzero(~person[:, column])
    return int(empty[-1]) + 1 if len(empty) else 0


def _run(subject: Subject) -> Iterator[Finding]:
    angle = measure_shoulder_tilt(subject)
    if angle is None:
        yield subject.make_finding("shoulders.not-assessed", Status.SKIP)
        return
    tilted = abs(angle) > MAX_TILT_DEG
    yield subject.make_finding(
        "shoulders.tilted" if tilted else "shoulders.ok",
        Status.WARN if tilted else Status.PASS,
        measured=round(angle, 1),
        limit=f"+/-{MAX_TILT_DEG:g}",
        unit="deg",
        tilt=round(abs(angle)),
    )


CHECK = Check(
    "shoulders",
    "In a portrait taken from the front, the shoulders are level.",
    _run,
    needs=frozenset({"face", "person_mask"}),
    formula="median angle of the line between both edges of the person mask, 1.2 to 2.4 eye distances beside the "
    "middle",
    limit=f"{MAX_TILT_DEG:g} degrees, idphoto's own; not judged if hair or the crop hides the shoulders",
)
